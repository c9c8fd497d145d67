import { expect, test } from 'vitest'
import { Turns } from '../../src/util/turns.ts'

test('work under one key waits for what came before, also when that failed; other keys do not wait', async () => {
  const turns = new Turns()
  const told: string[] = []
  const { promise, reject } = Promise.withResolvers<void>()
  const first = turns.run('a', undefined, () => promise)
  const second = turns.run('a', undefined, async () => told.push('second'))
  await turns.run('b', undefined, async () => told.push('other'))
  expect(told).toEqual(['other'])
  reject(new Error('failed'))
  await expect(first).rejects.toThrow('failed')
  await second
  expect(told).toEqual(['other', 'second'])
})

test('who gives up waiting lets nobody in before the first is done', async () => {
  const turns = new Turns()
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = new AbortController()
  const reason = new Error('enough')
  const told: string[] = []
  const first = turns.run('a', undefined, () => promise)
  const second = turns.run('a', stop.signal, async () => told.push('second'))
  const third = turns.run('a', undefined, async () => told.push('third'))
  stop.abort(reason)
  await expect(second).rejects.toBe(reason)
  expect(told).toEqual([])
  resolve()
  await Promise.all([first, third])
  expect(told).toEqual(['third'])
})
