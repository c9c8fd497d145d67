import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { FileTeller } from '../../src/transfer/file-teller.ts'

test('each file is told of once, at once while nothing is waited for', async () => {
  const told: number[] = []
  const teller = new FileTeller({
    entries: 5,
    tell: (entry) => void told.push(entry),
    signal: new AbortController().signal,
  })
  for (const entry of [3, 1, 3]) teller.add(entry)
  expect(told).toEqual([3, 1])
  teller.add(4)
  expect(told).toEqual([3, 1, 4])
  await teller.end()
})

test('who is slow is told of the next when it took the last, and the end waits for that', async () => {
  const told: number[] = []
  const taken: (() => void)[] = []
  const teller = new FileTeller({
    entries: 5,
    tell: (entry) => {
      told.push(entry)
      return new Promise<void>((resolve) => taken.push(resolve))
    },
    signal: new AbortController().signal,
  })
  for (const entry of [0, 1, 2]) teller.add(entry)
  let isOver = false
  const over = teller.end().then(() => (isOver = true))
  for (let at = 0; at < 3; at++) {
    await setImmediate()
    expect(told).toEqual([0, 1, 2].slice(0, at + 1))
    expect(isOver).toBe(false)
    taken[at]?.()
  }
  await over
  teller.add(4)
  expect(told).toEqual([0, 1, 2, 4])
})

test('the end does not wait for who takes nothing any more once it is aborted', async () => {
  const stop = new AbortController()
  const told: number[] = []
  const teller = new FileTeller({
    entries: 5,
    tell: (entry) => {
      told.push(entry)
      return new Promise<void>(() => {})
    },
    signal: stop.signal,
  })
  for (const entry of [0, 1]) teller.add(entry)
  stop.abort()
  await teller.end()
  teller.add(2)
  expect(told).toEqual([0])
})
