/** Token buckets by key: how often somebody may do something. */
import type { Clock } from '../../util/seams.ts'
import { MAX_RATED } from './limits.ts'

export interface Rate {
  /** How often at once, after a pause. */
  readonly burst: number
  readonly perSecond: number
}

interface Bucket {
  tokens: number
  atMs: number
}

export class RateGate {
  readonly #rate: Rate
  readonly #clock: Clock
  /** In the order of last use, so that the first is the one longest silent. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate
    this.#clock = clock
  }

  /** May it be done now? Counts as done if so. */
  admits(key: string): boolean {
    const { burst, perSecond } = this.#rate
    const nowMs = this.#clock.monotonic()
    const bucket = this.#buckets.get(key) ?? { tokens: burst, atMs: nowMs }
    this.#buckets.delete(key)
    if (this.#buckets.size >= MAX_RATED) this.#forgetOldest()
    this.#buckets.set(key, bucket)
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) * perSecond) / 1_000)
    bucket.atMs = nowMs
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }

  #forgetOldest(): void {
    const oldest = this.#buckets.keys().next()
    if (oldest.done !== true) this.#buckets.delete(oldest.value)
  }
}
