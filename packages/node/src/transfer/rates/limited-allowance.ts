/** How much may be asked for under limits: what is on its way stays near what they let in, whoever is asked. */
import type { Seams } from '../../util/seams.ts'
import type { RateLimiter } from '../../util/rate-limiter.ts'
import type { Allowance } from './allowance.ts'

/** Room under several limits at once. The last block that is taken may go beyond: no block is too large for a limit. */
export class LimitedAllowance implements Allowance {
  readonly #seams: Seams
  readonly #limiters: readonly RateLimiter[]
  readonly #onChange: (callback: () => void) => () => void

  /** @param onChange calls back whenever a limit changes; returns how to stop that */
  constructor(
    seams: Seams,
    limiters: readonly RateLimiter[],
    onChange: (callback: () => void) => () => void,
  ) {
    this.#seams = seams
    this.#limiters = limiters
    this.#onChange = onChange
  }

  tryTake(bytes: number): boolean {
    if (this.#waitMs > 0) return false
    for (const limiter of this.#limiters) limiter.take(bytes)
    return true
  }

  whenRoom(callback: () => void): () => void {
    const { timers } = this.#seams
    let timer: ReturnType<typeof timers.set> | undefined
    const look = (): void => {
      stopTimer()
      timer = timers.set(() => {
        timer = undefined
        if (this.#waitMs > 0) {
          look()
          return
        }
        stop()
        callback()
      }, Math.ceil(this.#waitMs))
    }
    const stopTimer = (): void => {
      if (timer !== undefined) timers.clear(timer)
      timer = undefined
    }
    const forget = this.#onChange(look)
    const stop = (): void => {
      stopTimer()
      forget()
    }
    look()
    return stop
  }

  get #waitMs(): number {
    return Math.max(0, ...this.#limiters.map((limiter) => limiter.waitMs))
  }
}
