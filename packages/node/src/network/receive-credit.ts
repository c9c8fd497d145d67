/**
 * What a peer may send on a stream of the muxer. The library grants as much again for whatever came, whether it was
 * taken or not, and to pause a stream stops it by whole windows of 256 KiB, which at 10 kB/s is half a minute. Here the
 * same updates of the window are sent when somebody says so, and for as much as that. Nor is each frame answered with
 * one: for blocks of a few KiB that would be a fifth of what a fetch costs.
 */
import type { Stream } from '@libp2p/interface'

/** Windows are updated in steps of at least this part of them: each update is a frame, and frames are counted. */
const STEPS = 32

/** The same where the library decides. What the peer has left is still most of its window. */
const FREE_STEPS = 8

/** What the library's streams have besides their interface. */
interface StreamInternals {
  recvWindow: number
  recvWindowCapacity: number
  maxStreamWindowSize: number
  sendWindowUpdate: () => void
}

export class ReceiveCredit {
  readonly #stream: Partial<StreamInternals>
  /** The library's own update of the window. */
  readonly #update: (() => void) | undefined
  #held:
    | {
        windowBytes: number
        stepBytes: number
        /** The window before it was held, and the widest that the library makes of it. */
        readonly freeBytes: number
        readonly maxBytes: number
      }
    | undefined
  /** Granted and not yet told; below 0: told and not yet granted. */
  #granted = 0

  constructor(stream: Stream) {
    this.#stream = stream as unknown as Partial<StreamInternals>
    this.#update = this.#stream.sendWindowUpdate
    if (this.#update !== undefined) this.#stream.sendWindowUpdate = this.#updateInSteps
  }

  /**
   * From now on the peer may send what it is granted, beside a window of so many bytes. What it has more than that is
   * not taken from it, but comes off what it is granted.
   */
  hold(windowBytes: number): void {
    if (this.#held !== undefined) {
      this.#setWindow(windowBytes)
      return
    }
    const { recvWindow, recvWindowCapacity, maxStreamWindowSize } = this.#stream
    // The stream of another muxer, in an embedding node: what comes waits here, within bounds, instead of at the peer.
    if (this.#update === undefined || recvWindow === undefined || recvWindowCapacity === undefined) return
    this.#held = {
      windowBytes: recvWindow,
      stepBytes: 0,
      freeBytes: recvWindow,
      maxBytes: maxStreamWindowSize ?? recvWindow,
    }
    this.#granted = 0
    this.#stream.sendWindowUpdate = () => {}
    this.#setWindow(windowBytes)
  }

  grant(bytes: number): void {
    if (this.#held === undefined) return
    this.#granted += bytes
    if (this.#granted >= this.#held.stepBytes) this.#tell()
  }

  letGo(): void {
    if (this.#held === undefined) return
    const { windowBytes, freeBytes, maxBytes } = this.#held
    this.#held = undefined
    this.#stream.sendWindowUpdate = this.#updateInSteps
    this.#stream.recvWindow = Math.max(windowBytes, freeBytes)
    this.#stream.maxStreamWindowSize = maxBytes
    this.#send()
  }

  readonly #updateInSteps = (): void => {
    const { recvWindow = 0, recvWindowCapacity = 0 } = this.#stream
    if (recvWindow - recvWindowCapacity >= recvWindow / FREE_STEPS) this.#update?.call(this.#stream)
  }

  #setWindow(windowBytes: number): void {
    const held = this.#held
    if (held === undefined) return
    held.stepBytes = windowBytes / STEPS
    this.#granted += windowBytes - held.windowBytes
    held.windowBytes = windowBytes
    if (this.#granted > 0) this.#tell()
  }

  /** Lets the library send its update, over exactly what was granted. */
  #tell(): void {
    const stream = this.#stream
    const window = (stream.recvWindowCapacity ?? 0) + this.#granted
    this.#granted = 0
    stream.recvWindow = window
    // The library doubles the window while the peer is quick, up to this.
    stream.maxStreamWindowSize = window
    this.#send()
  }

  /** What is granted comes from a timer: a connection that was closed meanwhile, which tells its streams later, takes nothing. */
  #send(): void {
    try {
      this.#update?.call(this.#stream)
    } catch {
      // Who uses the stream is told of its end by the stream.
    }
  }
}
