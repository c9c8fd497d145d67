import { expect, test } from 'vitest'
import { Bucket } from '../../src/util/bucket.ts'

function clocked(): { bucket: Bucket; at: (ms: number) => void } {
  let nowMs = 0
  const bucket = new Bucket({ now: () => nowMs, monotonic: () => nowMs }, 100, 50)
  return { bucket, at: (ms) => void (nowMs = ms) }
}

test('it is full at first, may go into debt, and fills up to its capacity', () => {
  const { bucket, at } = clocked()
  bucket.take(80)
  expect(bucket.level).toBe(-30)
  expect([bucket.msUntil(0), bucket.msUntil(1)]).toEqual([300, 310])
  at(310)
  expect(bucket.level).toBe(1)
  expect(bucket.msUntil(0)).toBeLessThan(0)
  at(3_600_000)
  expect(bucket.level).toBe(50)
})

test('what is in it was filled at the rate of before when another one is set, and a debt stays', () => {
  const { bucket, at } = clocked()
  bucket.take(150)
  at(500)
  bucket.set(10, 20)
  expect(bucket.level).toBe(-50)
  expect(bucket.msUntil(0)).toBe(5_000)
  at(3_600_000)
  expect(bucket.level).toBe(20)
  bucket.set(10, 5)
  expect([bucket.level, bucket.perSecond]).toEqual([5, 10])
})
