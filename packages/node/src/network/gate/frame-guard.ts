/**
 * Reads the headers of yamux frames before the library does. Its decoder holds a frame until it is whole, and a header
 * may announce 4 GiB; it answers each ping and each refused stream with a frame that has to be encrypted, and twelve
 * bytes make one.
 */
import { ShoalError } from '../../errors.ts'
import type { Clock } from '../../util/seams.ts'
import type { NetworkLimits } from '../limits.ts'
import { TokenBucket } from '../token-buckets.ts'

const HEADER_BYTES = 12
const TYPE_DATA = 0
const TYPE_WINDOW_UPDATE = 1
const TYPE_PING = 2
const FLAG_SYN = 1
/** A frame with less in it costs more to take and to answer than to send. */
const SMALL_BYTES = 128
/** Seconds' worth of tokens that a connection may use at once. */
const BURST_SECONDS = 4

export class FrameGuard {
  readonly #limits: NetworkLimits
  readonly #pings: TokenBucket
  readonly #streams: TokenBucket
  readonly #small: TokenBucket
  readonly #updates: TokenBucket
  readonly #header = new Uint8Array(HEADER_BYTES)
  #headerFilled = 0
  #bodyBytes = 0
  #bodyLeft = 0
  /** Calls back when the peer took bytes of ours and has room for more. */
  readonly #onWindow: () => void

  constructor(clock: Clock, limits: NetworkLimits, onWindow: () => void) {
    this.#limits = limits
    this.#pings = new TokenBucket(
      clock,
      limits.muxerPingsPerSecond,
      limits.muxerPingsPerSecond * BURST_SECONDS,
    )
    this.#streams = new TokenBucket(clock, limits.streamsPerSecond, limits.streamsPerSecond * BURST_SECONDS)
    this.#small = new TokenBucket(clock, limits.smallFramesPerSecond)
    this.#updates = new TokenBucket(clock, limits.windowUpdatesPerSecond)
    this.#onWindow = onWindow
  }

  /** Bytes of a frame that is not whole yet. */
  get heldBytes(): number {
    return this.#bodyBytes - this.#bodyLeft
  }

  /** @throws ShoalError ERR_PROTOCOL when the connection is to be given up */
  inspect(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.byteLength) {
      if (this.#bodyLeft > 0) {
        const taken = Math.min(this.#bodyLeft, chunk.byteLength - at)
        this.#bodyLeft -= taken
        at += taken
        if (this.#bodyLeft === 0) this.#bodyBytes = 0
        continue
      }
      const taken = Math.min(HEADER_BYTES - this.#headerFilled, chunk.byteLength - at)
      this.#header.set(chunk.subarray(at, at + taken), this.#headerFilled)
      this.#headerFilled += taken
      at += taken
      if (this.#headerFilled < HEADER_BYTES) return
      this.#headerFilled = 0
      this.#judge()
    }
  }

  #judge(): void {
    const view = new DataView(this.#header.buffer)
    const type = view.getUint8(1)
    const isSyn = (view.getUint16(2) & FLAG_SYN) !== 0
    const length = view.getUint32(8)
    if (type === TYPE_PING) {
      if (isSyn && !this.#pings.tryTake()) throw refused('too many pings')
      return
    }
    if (isSyn && !this.#streams.tryTake()) throw refused('too many streams')
    if (type === TYPE_WINDOW_UPDATE) {
      if (!this.#updates.tryTake()) throw refused('too many window updates')
      if (length > 0) this.#onWindow()
      return
    }
    if (length < SMALL_BYTES && !this.#small.tryTake()) throw refused('too many small frames')
    if (type !== TYPE_DATA) return
    if (length > this.#limits.maxStreamWindowBytes) throw refused('a frame is too long')
    this.#bodyBytes = length
    this.#bodyLeft = length
  }
}

function refused(why: string): ShoalError {
  return new ShoalError('ERR_PROTOCOL', `a peer broke the rules of the muxer: ${why}`)
}
