import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BlockTable } from '../../../src/transfer/wire/block-table.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
/** Runs of numbers and far ones: neighbours in the table, and a table that grows. */
const block = fc.oneof(fc.nat(1_000), fc.integer({ min: 134_217_000, max: 134_217_727 }))
const change = fc.record({ block, isSet: fc.boolean(), value: fc.nat() })

test(`after any changes it holds what a map holds (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.array(change, { size: 'max', maxLength: 3_000 }), (changes) => {
      const table = new BlockTable<number>()
      const map = new Map<number, number>()
      for (const { block: number, isSet, value } of changes) {
        if (isSet) {
          table.set(number, value)
          map.set(number, value)
        } else if (table.delete(number) !== map.delete(number)) {
          return false
        }
      }
      const isSame = changes.every(
        ({ block: number }) => table.has(number) === map.has(number) && table.get(number) === map.get(number),
      )
      return isSame && table.size === map.size
    }),
    { seed, numRuns: 50 },
  )
})

test('it keeps as many as are put in, and what is taken out is gone', () => {
  const table = new BlockTable<string>()
  for (let i = 0; i < 5_000; i++) table.set(i, `block ${i}`)
  for (let i = 0; i < 5_000; i += 2) expect(table.delete(i)).toBe(true)
  expect(table.size).toBe(2_500)
  for (let i = 0; i < 5_000; i++) expect(table.get(i)).toBe(i % 2 === 0 ? undefined : `block ${i}`)
  expect(table.delete(0)).toBe(false)
  table.clear()
  expect(table.size).toBe(0)
  expect(table.has(1)).toBe(false)
})
