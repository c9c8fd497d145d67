import { describe, expect, test } from 'vitest'
import { RateLimiter } from '../../src/util/rate-limiter.ts'

function clocked(): { clock: { now: () => number; monotonic: () => number }; at: (ms: number) => void } {
  let nowMs = 0
  return { clock: { now: () => nowMs, monotonic: () => nowMs }, at: (ms) => void (nowMs = ms) }
}

describe('a limit', () => {
  test('lets a fifth of a second pass at once, then waits until that is paid back', () => {
    const { clock, at } = clocked()
    const limiter = new RateLimiter(clock, 1_000)
    expect(limiter.waitMs).toBe(0)
    limiter.take(1_200)
    expect(limiter.waitMs).toBe(1_000)
    at(999)
    expect(limiter.waitMs).toBeCloseTo(1)
    at(1_000)
    expect(limiter.waitMs).toBe(0)
  })

  test('never holds more than a fifth of a second, however long nobody took', () => {
    const { clock, at } = clocked()
    const limiter = new RateLimiter(clock, 1_000)
    at(3_600_000)
    limiter.take(201)
    expect(limiter.waitMs).toBeCloseTo(1)
  })

  test('lets a small message owe', () => {
    const { clock } = clocked()
    const limiter = new RateLimiter(clock, 1_000)
    limiter.take(1_000)
    expect(limiter.waitMs).toBe(800)
    expect(limiter.waitMsAbove(1_000)).toBe(0)
    limiter.take(1_000)
    expect(limiter.waitMsAbove(1_000)).toBe(800)
  })

  test('of 0 counts nothing, and a limit after it begins afresh', () => {
    const { clock, at } = clocked()
    const limiter = new RateLimiter(clock)
    limiter.take(1e12)
    expect(limiter.waitMs).toBe(0)
    at(10)
    limiter.set(1_000)
    expect(limiter.waitMs).toBe(0)
    limiter.take(700)
    expect(limiter.waitMs).toBe(500)
  })

  test('that is changed keeps what was owed', () => {
    const { clock, at } = clocked()
    const limiter = new RateLimiter(clock, 1_000)
    limiter.take(1_200)
    at(500)
    limiter.set(100)
    expect(limiter.waitMs).toBe(5_000)
    limiter.set(10_000)
    expect(limiter.waitMs).toBe(50)
    limiter.set(0)
    expect(limiter.waitMs).toBe(0)
  })
})
