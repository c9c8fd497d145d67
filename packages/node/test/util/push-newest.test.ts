import { expect, test } from 'vitest'
import { pushNewest } from '../../src/util/push-newest.ts'

test('of more than may be kept the oldest go', () => {
  const list: number[] = []
  for (let i = 0; i < 5; i++) pushNewest(list, i, 3)
  expect(list).toEqual([2, 3, 4])
})
