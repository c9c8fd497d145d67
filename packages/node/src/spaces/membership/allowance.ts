/** So much for each of many members in a time: a bucket each, of members only, so no more than there are of these. */
import { Bucket } from '../../util/bucket.ts'
import type { Clock } from '../../util/seams.ts'
import type { Hex } from '../auth/action.ts'

export class Allowance {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #atOnce: number
  readonly #buckets = new Map<Hex, Bucket>()

  constructor(clock: Clock, perSecond: number, atOnce: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#atOnce = atOnce
  }

  /** Takes one, if one is left. */
  take(member: Hex): boolean {
    let bucket = this.#buckets.get(member)
    if (bucket === undefined) {
      bucket = new Bucket(this.#clock, this.#perSecond, this.#atOnce)
      this.#buckets.set(member, bucket)
    }
    if (bucket.level < 1) return false
    bucket.take(1)
    return true
  }

  forget(member: Hex): void {
    this.#buckets.delete(member)
  }
}
