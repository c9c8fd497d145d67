import { expect, test } from 'vitest'
import { MAX_USES, USE_INTERVAL_MS } from '../../src/store/quota/limits.ts'
import { UseNotes } from '../../src/transfer/use-notes.ts'

test('a use is written down once in a while, and never more of them are remembered than there may be', () => {
  let nowMs = 0
  const noted: string[] = []
  const uses = new UseNotes({
    clock: { now: () => nowMs, monotonic: () => nowMs },
    note: async (root) => void noted.push(root),
  })
  // Whoever began to serve it has written that down.
  uses.used('a')
  nowMs += USE_INTERVAL_MS - 1
  uses.used('a')
  expect(noted).toEqual([])
  nowMs += 1
  uses.used('a')
  uses.used('a')
  expect(noted).toEqual(['a'])
  for (let i = 0; i < MAX_USES; i++) uses.used(`other ${i}`)
  nowMs += USE_INTERVAL_MS
  uses.used('a')
  expect(noted).toEqual(['a'])
  uses.used('other 9999')
  expect(noted).toEqual(['a', 'other 9999'])
})

test('one that cannot be written down disturbs nobody', async () => {
  let nowMs = 0
  const uses = new UseNotes({
    clock: { now: () => nowMs, monotonic: () => nowMs },
    note: () => Promise.reject(new Error('the disk is full')),
  })
  uses.used('a')
  nowMs += USE_INTERVAL_MS
  uses.used('a')
  await Promise.resolve()
})
