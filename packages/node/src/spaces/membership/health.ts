/**
 * How well this node itself does, as far as it can tell (Lifeguard's local health): who is slow itself finds all others
 * slow. Worse by one when somebody accused us wrongly, and for each member asked for help of whom nothing came back, not even
 * that it heard nothing; better by one with each probe that is answered.
 */
import { LOOP_DELAYS_MS, MAX_HEALTH } from './limits.ts'

export class Health {
  readonly #loopDelayMs: () => number
  #score = 0

  /** @param loopDelayMs how late the event loop runs what is due, lately */
  constructor(loopDelayMs: () => number) {
    this.#loopDelayMs = loopDelayMs
  }

  /** By how much the times of probes are to be multiplied; 1 = all is well. */
  get factor(): number {
    const delayMs = this.#loopDelayMs()
    const late = LOOP_DELAYS_MS.filter((mark) => delayMs >= mark).length
    return 1 + Math.min(MAX_HEALTH, this.#score + late)
  }

  worse(by: number): void {
    this.#score = Math.min(MAX_HEALTH, this.#score + by)
  }

  better(): void {
    this.#score = Math.max(0, this.#score - 1)
  }
}
