import { expect, test } from 'vitest'
import { Deliveries } from '../../../src/transfer/serving/deliveries.ts'
import { MAX_COUNTED_PEERS } from '../../../src/transfer/limits.ts'

const source = { total: 4, isPadding: (block: number) => block === 2 }

test('a device counts when it got every block but padding, once, and in whatever order', () => {
  const deliveries = new Deliveries(source, 2)
  for (const block of [3, 0, 0, 2]) deliveries.note('a', block)
  expect(deliveries.isReached).toBe(false)
  deliveries.note('b', 1)
  deliveries.note('a', 1)
  for (const block of [0, 1, 3]) deliveries.note('a', block)
  expect(deliveries.isReached).toBe(false)
  for (const block of [0, 3]) deliveries.note('b', block)
  expect(deliveries.isReached).toBe(true)
})

test('of more devices than are counted, who got nothing for longest is counted anew', () => {
  const deliveries = new Deliveries(source, 1)
  for (const block of [0, 1]) deliveries.note('first', block)
  for (let i = 0; i < MAX_COUNTED_PEERS; i++) deliveries.note(`other ${i}`, 0)
  deliveries.note('first', 3)
  expect(deliveries.isReached).toBe(false)
  for (const block of [0, 1]) deliveries.note('first', block)
  expect(deliveries.isReached).toBe(true)
})
