/** A bucket that fills at a steady rate. What is taken may be more than what is in it: then it is in debt. */
import type { Clock } from './seams.ts'

export class Bucket {
  readonly #clock: Clock
  #perSecond: number
  #capacity: number
  #level: number
  #atMs: number

  /** Full at first. */
  constructor(clock: Clock, perSecond: number, capacity: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#capacity = capacity
    this.#level = capacity
    this.#atMs = clock.monotonic()
  }

  get perSecond(): number {
    return this.#perSecond
  }

  /** What is in it now; below 0 a debt. */
  get level(): number {
    const now = this.#clock.monotonic()
    this.#level = Math.min(this.#capacity, this.#level + ((now - this.#atMs) * this.#perSecond) / 1_000)
    this.#atMs = now
    return this.#level
  }

  take(amount: number): void {
    this.#level = this.level - amount
  }

  /** How long until so much is in it, in milliseconds; 0 or less: it is. */
  msUntil(level: number): number {
    return ((level - this.level) * 1_000) / this.#perSecond
  }

  /** Another rate and capacity from now on; what is in it stays, as far as there is room. */
  set(perSecond: number, capacity: number): void {
    this.#level = Math.min(this.level, capacity)
    this.#perSecond = perSecond
    this.#capacity = capacity
  }
}
