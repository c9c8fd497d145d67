import { expect, test } from 'vitest'
import { FailedDials } from '../../src/network/gate/failed-dials.ts'
import { TokenBucket, TokenBuckets } from '../../src/network/token-buckets.ts'
import { NETWORK_LIMITS } from '../../src/network/limits.ts'

class ManualClock {
  ms = 0
  now = (): number => this.ms
  monotonic = (): number => this.ms
}

test('a bucket gives its burst, then so many a second', () => {
  const clock = new ManualClock()
  const bucket = new TokenBucket(clock, 10, 3)
  expect([1, 2, 3, 4].map(() => bucket.tryTake())).toEqual([true, true, true, false])
  clock.ms += 99
  expect(bucket.tryTake()).toBe(false)
  clock.ms += 1
  expect(bucket.tryTake()).toBe(true)
  clock.ms += 60_000
  expect([1, 2, 3, 4].map(() => bucket.tryTake())).toEqual([true, true, true, false])
})

test('tokens taken ahead are told with the time to wait, and not too far ahead', () => {
  const bucket = new TokenBucket(new ManualClock(), 10, 1)
  expect([1, 2, 3, 4].map(() => bucket.takeAhead(250))).toEqual([0, 100, 200, undefined])
})

test('the keys of buckets are bounded: the one not used longest is forgotten', () => {
  const clock = new ManualClock()
  const buckets = new TokenBuckets(2, () => new TokenBucket(clock, 1))
  expect(buckets.tryTake('a')).toBe(true)
  expect(buckets.tryTake('b')).toBe(true)
  expect(buckets.tryTake('a')).toBe(false)
  expect(buckets.tryTake('c')).toBe(true)
  expect(buckets.size).toBe(2)
  expect(buckets.tryTake('a')).toBe(false)
  expect(buckets.tryTake('b')).toBe(true)
})

test('buckets of one rate: one key does not use up what another may do', () => {
  const clock = new ManualClock()
  const buckets = TokenBuckets.of(8, clock, { burst: 10, perSecond: 2 })
  const taken = (key: string): number =>
    Array.from({ length: 100 }, () => buckets.tryTake(key)).filter(Boolean).length
  expect([taken('a'), taken('b')]).toEqual([10, 10])
  clock.ms += 999
  expect(taken('a')).toBe(1)
  clock.ms += 3_600_000
  expect(taken('a')).toBe(10)
})

test('a peer whose addresses failed is left alone for a while, and not longer', () => {
  const clock = new ManualClock()
  const failed = new FailedDials(clock, NETWORK_LIMITS)
  for (let i = 0; i < NETWORK_LIMITS.maxFailedDialsPerPeer; i++) {
    expect(failed.isExhausted('peer')).toBe(false)
    failed.note('peer')
  }
  expect(failed.isExhausted('peer')).toBe(true)
  expect(failed.isExhausted('other')).toBe(false)
  clock.ms += NETWORK_LIMITS.failedDialMemoryMs
  expect(failed.isExhausted('peer')).toBe(false)
})

test('failures of more peers than are remembered push out the oldest', () => {
  const failed = new FailedDials(new ManualClock(), {
    ...NETWORK_LIMITS,
    maxFailedPeers: 2,
    maxFailedDialsPerPeer: 1,
  })
  for (const peer of ['a', 'b', 'c']) failed.note(peer)
  expect(['a', 'b', 'c'].map((peer) => failed.isExhausted(peer))).toEqual([false, true, true])
})
