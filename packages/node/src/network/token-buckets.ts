/** Token buckets: so many a second, after a burst. */
import { Bucket } from '../util/bucket.ts'
import { keepNewest } from '../util/keep-newest.ts'
import type { Clock } from '../util/seams.ts'

export class TokenBucket {
  readonly #bucket: Bucket

  /** @param burst how many at once after a pause */
  constructor(clock: Clock, perSecond: number, burst = perSecond) {
    this.#bucket = new Bucket(clock, perSecond, burst)
  }

  /** Takes one, if there is one. */
  tryTake(): boolean {
    return this.takeAhead(0) !== undefined
  }

  /** Takes one, at the latest `maxDelayMs` ahead. Returns how long to wait for it, or undefined if that is too long. */
  takeAhead(maxDelayMs: number): number | undefined {
    const delayMs = Math.max(0, this.#bucket.msUntil(1))
    if (delayMs > maxDelayMs) return undefined
    this.#bucket.take(1)
    return delayMs
  }
}

export interface Rate {
  /** How many at once, after a pause. */
  readonly burst: number
  readonly perSecond: number
}

/** A bucket for each key; the key not used longest is forgotten. */
export class TokenBuckets {
  readonly #make: () => TokenBucket
  readonly #maxKeys: number
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(maxKeys: number, make: () => TokenBucket) {
    this.#make = make
    this.#maxKeys = maxKeys
  }

  /** Buckets that are all of one rate. */
  static of(maxKeys: number, clock: Clock, { burst, perSecond }: Rate): TokenBuckets {
    return new TokenBuckets(maxKeys, () => new TokenBucket(clock, perSecond, burst))
  }

  get size(): number {
    return this.#buckets.size
  }

  tryTake(key: string): boolean {
    const bucket = this.#buckets.get(key) ?? this.#make()
    // Put in again at the end: the first is the one not used longest.
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    keepNewest(this.#buckets, this.#maxKeys)
    return bucket.tryTake()
  }
}
