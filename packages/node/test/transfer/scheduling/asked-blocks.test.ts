import { expect, test } from 'vitest'
import { AskedBlocks } from '../../../src/transfer/scheduling/asked-blocks.ts'

function asked(...blocks: number[]): AskedBlocks {
  const list = new AskedBlocks()
  for (const block of blocks) list.add({ block, size: block * 10, askedAtMs: block, isComing: false })
  return list
}

test('the one that was asked for first stays the first until it is removed', () => {
  const list = asked(5, 3, 9)
  expect(list.first).toEqual({ block: 5, size: 50, askedAtMs: 5, isComing: false })
  expect(list.remove(3)?.size).toBe(30)
  expect(list.first?.block).toBe(5)
  expect(list.remove(5)?.block).toBe(5)
  expect(list.first?.block).toBe(9)
  expect(list.size).toBe(1)
})

test('what is not asked is not found and not removed', () => {
  const list = asked(5, 3)
  expect(list.has(4)).toBe(false)
  expect(list.remove(4)).toBeUndefined()
  expect(list.numbers()).toEqual([5, 3])
})

test('all may be removed while their numbers are gone through', () => {
  const list = asked(1, 2, 3, 4)
  const seen: number[] = []
  for (const block of list.numbers()) {
    seen.push(block)
    list.remove(block)
  }
  expect(seen).toEqual([1, 2, 3, 4])
  expect(list.size).toBe(0)
  expect(list.first).toBeUndefined()
})
