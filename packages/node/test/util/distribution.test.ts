import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Distribution } from '../../src/util/distribution.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

test('a value counts for each bound that it is not above', () => {
  const distribution = new Distribution([1, 2])
  for (const value of [0, 1, 1.5, 2, 3]) distribution.add(value)
  expect(distribution.cumulative).toEqual([2, 4, 5])
  expect(distribution.sum).toBe(7.5)
})

test(`whatever comes is counted as by hand (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 })), (values) => {
      const bounds = [5, 20, 60]
      const distribution = new Distribution(bounds)
      for (const value of values) distribution.add(value)
      const below = bounds.map((bound) => values.filter((value) => value <= bound).length)
      expect(distribution.cumulative).toEqual([...below, values.length])
    }),
    { seed: SEED },
  )
})
