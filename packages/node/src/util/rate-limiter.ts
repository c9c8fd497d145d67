/**
 * A token bucket of bytes that may go into debt: whoever finds it above water takes what it needs, however much, and the
 * next one waits until that is paid back. So a message need not be cut to the size of the bucket.
 */
import { Bucket } from './bucket.ts'
import type { Clock } from './seams.ts'

/** What a bucket holds when nobody took for a while, as a time: short, so that ten seconds stay within 5 %. */
const BURST_MS = 200

export class RateLimiter {
  readonly #clock: Clock
  readonly #burstMs: number
  readonly #leastBurstBytes: number
  /** Undefined: no limit, and nothing is counted. */
  #bucket: Bucket | undefined

  /**
   * @param bytesPerSecond 0 = no limit
   * @param burstMs how long a pause may be made up for, in milliseconds
   * @param leastBurstBytes what may pass at once in any case
   */
  constructor(clock: Clock, bytesPerSecond = 0, burstMs = BURST_MS, leastBurstBytes = 0) {
    this.#clock = clock
    this.#burstMs = burstMs
    this.#leastBurstBytes = leastBurstBytes
    this.set(bytesPerSecond)
  }

  /** 0 = no limit. */
  get bytesPerSecond(): number {
    return this.#bucket?.perSecond ?? 0
  }

  /** Holds from now on; a debt stays, in bytes. */
  set(bytesPerSecond: number): void {
    const capacity = Math.max((bytesPerSecond * this.#burstMs) / 1_000, this.#leastBurstBytes)
    if (bytesPerSecond === 0) this.#bucket = undefined
    else if (this.#bucket === undefined) this.#bucket = new Bucket(this.#clock, bytesPerSecond, capacity)
    else this.#bucket.set(bytesPerSecond, capacity)
  }

  /** Counts bytes that pass now, whether there is room or not. */
  take(bytes: number): void {
    this.#bucket?.take(bytes)
  }

  /** How long until something may pass, in milliseconds; 0 = now. */
  get waitMs(): number {
    return this.waitMsAbove(0)
  }

  /** How long until the debt is at most what passes in `debtMs`, in milliseconds; 0 = now. */
  waitMsAbove(debtMs: number): number {
    return this.#bucket === undefined ? 0 : Math.max(0, this.#bucket.msUntil(0) - debtMs)
  }
}
