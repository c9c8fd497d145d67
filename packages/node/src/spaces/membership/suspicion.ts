/**
 * One suspicion: who accuses, and how long the suspect has to say that it is alive. The time shrinks with each further accuser
 * (Lifeguard; A. Dadgar, J. Phillips, J. Currey, 2017), since many who are wrong at the same time are unlikely:
 *
 *     most - (most - least) * log(1 + others) / log(1 + CONFIRMATIONS)
 */
import type { Hex } from '../auth/action.ts'
import { CONFIRMATIONS, SUSPICION_LEAST_MS, SUSPICION_MOST_MS } from './limits.ts'

export class Suspicion {
  /** Signed accusations by accuser, at most `1 + CONFIRMATIONS`. */
  readonly #frames = new Map<Hex, Uint8Array | undefined>()
  /** On the monotonic clock. */
  sinceMs: number

  constructor(nowMs: number) {
    this.sinceMs = nowMs
  }

  /** False when that changes nothing. An own accusation that is not to be passed on has no frame. */
  add(by: Hex, frame: Uint8Array | undefined): boolean {
    const isNew = !this.#frames.has(by)
    if (this.has(by) || (isNew && this.#frames.size > CONFIRMATIONS)) return false
    this.#frames.set(by, frame)
    return true
  }

  has(by: Hex): boolean {
    return this.#frames.get(by) !== undefined
  }

  get frames(): Uint8Array[] {
    return [...this.#frames.values()].filter((frame) => frame !== undefined)
  }

  isOver(nowMs: number): boolean {
    const others = Math.max(0, this.#frames.size - 1)
    const shrunk = Math.log(1 + others) / Math.log(1 + CONFIRMATIONS)
    return nowMs - this.sinceMs >= SUSPICION_MOST_MS - (SUSPICION_MOST_MS - SUSPICION_LEAST_MS) * shrunk
  }
}
