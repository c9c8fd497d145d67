import fc from 'fast-check'
import { expect, test } from 'vitest'
import { comparePaths } from '../../src/content/entry.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

/** The order as the formats define it: component by component, as UTF-8 bytes. */
function byComponents(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')]
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = Buffer.compare(Buffer.from(left[i] as string), Buffer.from(right[i] as string))
    if (order !== 0) return order
  }
  return left.length - right.length
}

test(`paths are ordered by components as bytes, however far apart their characters lie (seed ${seed})`, () => {
  // Around the slash, and where the order of UTF-16 is not that of UTF-8.
  const character = fc.constantFrom(
    '/',
    '-',
    '0',
    'a',
    '\u001f',
    '\u00e4',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '😀',
    '𐀀',
  )
  const path = fc.string({ unit: character, maxLength: 8 })
  fc.assert(
    fc.property(path, path, (a, b) => {
      expect(Math.sign(comparePaths(a, b))).toBe(Math.sign(byComponents(a, b)))
    }),
    { seed, numRuns: 20_000 },
  )
})
