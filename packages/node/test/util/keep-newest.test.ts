import { expect, test } from 'vitest'
import { keepNewest } from '../../src/util/keep-newest.ts'

test('what was put in longest ago is forgotten, of a map as of a set, and nothing below the bound', () => {
  const map = new Map([1, 2, 3, 4].map((key) => [key, `${key}`]))
  map.delete(1)
  map.set(1, 'again')
  keepNewest(map, 2)
  expect([...map]).toEqual([
    [4, '4'],
    [1, 'again'],
  ])
  const set = new Set(['a', 'b'])
  keepNewest(set, 2)
  expect([...set]).toEqual(['a', 'b'])
  keepNewest(set, 0)
  expect(set.size).toBe(0)
})
