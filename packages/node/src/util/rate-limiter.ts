/**
 * A token bucket of bytes that may go into debt: whoever finds it above water takes what it needs, however much, and the
 * next one waits until that is paid back. So a message need not be cut to the size of the bucket.
 */
import type { Clock } from './seams.ts'

/** What a bucket holds when nobody took for a while, as a time: short, so that ten seconds stay within 5 %. */
const BURST_MS = 200

export class RateLimiter {
  readonly #clock: Clock
  readonly #burstMs: number
  readonly #leastBurstBytes: number
  #bytesPerSecond: number
  #level: number
  #atMs: number

  /**
   * @param bytesPerSecond 0 = no limit
   * @param burstMs how long a pause may be made up for, in milliseconds
   * @param leastBurstBytes what may pass at once in any case
   */
  constructor(clock: Clock, bytesPerSecond = 0, burstMs = BURST_MS, leastBurstBytes = 0) {
    this.#clock = clock
    this.#burstMs = burstMs
    this.#leastBurstBytes = leastBurstBytes
    this.#bytesPerSecond = bytesPerSecond
    this.#atMs = clock.monotonic()
    this.#level = this.#capacity
  }

  /** 0 = no limit. */
  get bytesPerSecond(): number {
    return this.#bytesPerSecond
  }

  /** Holds from now on; a debt stays, in bytes. */
  set(bytesPerSecond: number): void {
    this.#refill()
    const wasOpen = this.#bytesPerSecond === 0
    this.#bytesPerSecond = bytesPerSecond
    // What passed while there was no limit was not counted.
    this.#level = wasOpen ? this.#capacity : Math.min(this.#level, this.#capacity)
  }

  /** Counts bytes that pass now, whether there is room or not. */
  take(bytes: number): void {
    if (this.#bytesPerSecond === 0) return
    this.#refill()
    this.#level -= bytes
  }

  /** How long until something may pass, in milliseconds; 0 = now. */
  get waitMs(): number {
    return this.waitMsAbove(0)
  }

  /** How long until the debt is at most what passes in `debtMs`, in milliseconds; 0 = now. */
  waitMsAbove(debtMs: number): number {
    if (this.#bytesPerSecond === 0) return 0
    this.#refill()
    return Math.max(0, (-this.#level * 1_000) / this.#bytesPerSecond - debtMs)
  }

  get #capacity(): number {
    return Math.max((this.#bytesPerSecond * this.#burstMs) / 1_000, this.#leastBurstBytes)
  }

  #refill(): void {
    const now = this.#clock.monotonic()
    const fresh = ((now - this.#atMs) * this.#bytesPerSecond) / 1_000
    this.#level = Math.min(this.#capacity, this.#level + fresh)
    this.#atMs = now
  }
}
