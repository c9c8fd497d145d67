/**
 * A channel that sends and takes no faster than the limits allow. What is sent leaves in pieces, in the order in which it
 * was given; what comes is handed on in pieces, and the peer may send as much again. Without a limit nothing is held.
 */
import type { Channel, ChannelHandler } from '../../network/channel.ts'
import { ShoalError } from '../../errors.ts'
import { ByteQueue } from '../../util/byte-queue.ts'
import { RATE_LIMITS } from '../limits.ts'
import { receiveWindow } from './receive-window.ts'
import type { ContentLimits } from './rate-limits.ts'
import type { Turn, TurnQueue } from './turn-queue.ts'

export interface LimitedChannelInit {
  readonly channel: Channel
  readonly up: TurnQueue
  readonly down: TurnQueue
  /** The limits of what is carried, which is known when the session is open; `release` when it has ended. */
  readonly limitsOf: (root: string) => ContentLimits
  /** Bytes that were received and are held back, by all channels together. */
  readonly held: { bytes: number }
}

export class LimitedChannel implements Channel {
  readonly #init: LimitedChannelInit
  readonly #channel: Channel
  readonly #up: Turn
  readonly #down: Turn
  readonly #unsent = new ByteQueue()
  readonly #unread = new ByteQueue()
  #content: ContentLimits | undefined
  #handler: ChannelHandler | undefined
  #isEnded = false
  /** The other side ended in order, after what is unread. */
  #isEnding = false
  /** The channel below takes nothing now. */
  #isFull = false
  /** It is the peer that is waited for, more than the limit; sent since that was found. */
  #isPeerSlow = false
  #sentWhileSlow = 0
  #isRoomNew = false
  #low: PromiseWithResolvers<void> | undefined
  #onTaken: (() => void) | undefined
  /** The peer sends what it is granted, and no more. */
  #isHeld = false

  constructor(init: LimitedChannelInit) {
    this.#init = init
    this.#channel = init.channel
    const { remoteName } = init.channel
    this.#up = init.up.join(remoteName, { pass: (most) => this.#send(most), onLimits: () => {} })
    this.#down = init.down.join(remoteName, {
      pass: (most) => this.#handOn(most),
      onLimits: () => this.#setWindow(),
    })
  }

  get localId(): Uint8Array {
    return this.#channel.localId
  }

  get remoteId(): Uint8Array {
    return this.#channel.remoteId
  }

  get remoteName(): string {
    return this.#channel.remoteName
  }

  get isDirect(): boolean {
    return this.#channel.isDirect !== false
  }

  carries(root: string): void {
    if (this.#isEnded || this.#content !== undefined) return
    this.#content = this.#init.limitsOf(root)
    this.#up.carries(this.#content.up)
    this.#down.carries(this.#content.down, this.#content.weight)
  }

  receive(handler: ChannelHandler): void {
    this.#handler = handler
    this.#setWindow()
    this.#channel.receive({
      onData: (chunk) => this.#onData(chunk),
      onClose: (error) => {
        if (error === undefined && this.#unread.bytes > 0) this.#isEnding = true
        else this.#end(error)
      },
    })
  }

  send(bytes: Uint8Array): boolean {
    if (this.#isEnded) return true
    if (this.#unsent.bytes === 0 && this.#passesAtOnce(bytes.byteLength)) return this.#channel.send(bytes)
    this.#unsent.push(bytes)
    if (this.#unsent.bytes > RATE_LIMITS.maxUnsentBytes) {
      this.abort(new ShoalError('ERR_PROTOCOL', 'a peer asks for more than it takes'))
      return true
    }
    if (!this.#isFull) this.#up.wait()
    return this.#unsent.bytes <= RATE_LIMITS.lowUnsentBytes && !this.#isFull
  }

  async drained(onTaken?: () => void): Promise<void> {
    this.#onTaken = onTaken
    try {
      while (this.#unsent.bytes > RATE_LIMITS.lowUnsentBytes) {
        this.#low ??= Promise.withResolvers()
        await this.#low.promise
      }
    } finally {
      this.#onTaken = undefined
    }
    await this.#channel.drained(onTaken)
  }

  /** What waits for its turn is given up: to wait for it could take minutes. */
  async close(): Promise<void> {
    // The channel below need not say that it ended to who ended it.
    this.#release()
    await this.#channel.close()
  }

  abort(error: Error): void {
    this.#channel.abort(error)
    this.#end(error)
  }

  #passesAtOnce(bytes: number): boolean {
    if (this.#up.bytesPerSecond === 0) return true
    // A question must not wait for the answers to others.
    if (bytes > RATE_LIMITS.smallMessageBytes || !this.#up.mayOwe) return false
    this.#up.count(bytes)
    return true
  }

  #send(most: number): number {
    if (this.#isFull) this.#onRefused()
    if (this.#isFull || this.#isEnded) return 0
    const piece = this.#unsent.shift(most)
    if (piece === undefined) return 0
    this.#tell(piece.byteLength)
    if (!this.#channel.send(piece)) this.#waitForRoom()
    if (this.#unsent.bytes <= RATE_LIMITS.lowUnsentBytes) {
      this.#low?.resolve()
      this.#low = undefined
    }
    return piece.byteLength
  }

  /** Who waits is told that the peer takes something, as long as it is not the peer that is waited for. */
  #tell(bytes: number): void {
    // What was held up by the limit, and not by the peer, shows that the peer keeps up.
    if (!this.#isRoomNew) this.#isPeerSlow = false
    this.#sentWhileSlow += bytes
    if (this.#isPeerSlow && this.#sentWhileSlow < RATE_LIMITS.takenBytes) return
    this.#isPeerSlow = false
    this.#onTaken?.()
  }

  /** The limit would let something pass, and the peer takes nothing. */
  #onRefused(): void {
    if (!this.#isPeerSlow) this.#sentWhileSlow = 0
    this.#isPeerSlow = true
  }

  #waitForRoom(): void {
    this.#isFull = true
    const onRoom = (): void => {
      this.#isFull = false
      this.#isRoomNew = true
      if (this.#unsent.bytes > 0) this.#up.wait()
      this.#isRoomNew = false
    }
    // A channel that ends says so itself.
    this.#channel.drained().then(onRoom, () => {})
  }

  #onData(chunk: Uint8Array): void {
    if (this.#isEnded) return
    if (this.#unread.bytes === 0 && this.#down.bytesPerSecond === 0) {
      this.#handler?.onData(chunk)
      return
    }
    // The chunk is only valid during the call.
    this.#unread.push(chunk.slice())
    const { held } = this.#init
    held.bytes += chunk.byteLength
    if (held.bytes > RATE_LIMITS.maxHeldBytes || this.#unread.bytes > RATE_LIMITS.maxHeldPerChannelBytes) {
      this.abort(new ShoalError('ERR_PROTOCOL', 'a peer sends more than it may'))
      return
    }
    this.#down.wait()
  }

  #handOn(most: number): number {
    if (this.#isEnded) return 0
    const piece = this.#unread.shift(most)
    if (piece === undefined) return 0
    this.#init.held.bytes -= piece.byteLength
    if (this.#isHeld) this.#channel.grant?.(piece.byteLength)
    this.#handler?.onData(piece)
    if (this.#isEnding && this.#unread.bytes === 0) this.#end(undefined)
    return piece.byteLength
  }

  #setWindow(): void {
    if (this.#isEnded || this.#handler === undefined) return
    const rate = this.#down.bytesPerSecond
    if (rate > 0) this.#channel.hold?.(receiveWindow(rate, this.#content !== undefined))
    else if (this.#isHeld) this.#channel.letGo?.()
    this.#isHeld = rate > 0
  }

  #end(error: Error | undefined): void {
    this.#release(error)
    const handler = this.#handler
    this.#handler = undefined
    handler?.onClose(error)
  }

  /** Takes part in nothing any more: who is limited together would keep it, and all that hangs on it. */
  #release(error?: Error): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#init.held.bytes -= this.#unread.bytes
    this.#unread.clear()
    this.#unsent.clear()
    this.#up.leave()
    this.#down.leave()
    this.#content?.release()
    this.#low?.reject(error ?? new ShoalError('ERR_PROTOCOL', 'the stream has ended'))
  }
}
