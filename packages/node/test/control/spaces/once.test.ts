import { expect, test } from 'vitest'
import { ANSWER_KEPT_MS, MAX_KEPT_ANSWERS } from '../../../src/control/spaces/limits.ts'
import { Once } from '../../../src/control/spaces/once.ts'

/** Work that is counted, and a clock that stands until it is set. */
function counted(): { once: Once; clock: { nowMs: number }; work: () => Promise<number> } {
  const clock = { nowMs: 0 }
  let done = 0
  return {
    once: new Once({ monotonic: () => clock.nowMs }),
    clock,
    work: async () => ++done,
  }
}

test('what has no key is done each time, what has one is done once', async () => {
  const { once, work } = counted()
  expect(await once.run(undefined, 'x', work)).toBe(1)
  expect(await once.run(undefined, 'x', work)).toBe(2)
  expect(await once.run('a', { x: 1 }, work)).toBe(3)
  expect(await once.run('a', { x: 1 }, work)).toBe(3)
  expect(await once.run('b', { x: 1 }, work)).toBe(4)
})

test('a key that was used for something else is refused', async () => {
  const { once, work } = counted()
  await once.run('a', { x: 1 }, work)
  await expect(once.run('a', { x: 2 }, work)).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
})

test('whoever asks while it is being done waits for it; what failed is done again', async () => {
  const { once, work } = counted()
  const first = Promise.withResolvers<number>()
  const failing = once.run('a', 'x', () => first.promise)
  const second = once.run('a', 'x', work)
  const third = once.run('a', 'x', work)
  const leaving = new AbortController()
  const left = once.run('a', 'x', work, leaving.signal)
  leaving.abort(new Error('gone'))
  await expect(left).rejects.toThrow('gone')
  first.reject(new Error('cut off'))
  await expect(failing).rejects.toThrow('cut off')
  expect(await second).toBe(1)
  expect(await third).toBe(1)
  expect(await once.run('a', 'x', work)).toBe(1)
})

test('answers are kept for a while, and only so many', async () => {
  const { once, clock, work } = counted()
  await once.run('old', 'x', work)
  clock.nowMs = ANSWER_KEPT_MS
  expect(await once.run('old', 'x', work)).toBe(1)
  clock.nowMs++
  expect(await once.run('old', 'x', work)).toBe(2)
  for (let i = 1; i < MAX_KEPT_ANSWERS; i++) await once.run(`${i}`, 'x', async () => 0)
  expect(await once.run('old', 'x', work)).toBe(2)
  await once.run('one more', 'x', async () => 0)
  expect(await once.run('old', 'x', work)).toBe(3)
})
