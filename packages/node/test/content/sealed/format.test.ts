import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  padme,
  plainLength,
  shapeFromClaims,
  shapeOf,
  wireLength,
} from '../../../src/content/sealed/format.ts'
import { padme as padmeReference } from '../sealed-reference.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

test(`Padmé agrees with the independent one and never adds more than 12 % (seed ${seed})`, () => {
  const length = fc.oneof(fc.integer({ min: 2, max: 5_000 }), fc.integer({ min: 2, max: 2 ** 50 }))
  fc.assert(
    fc.property(length, (bytes) => {
      expect(padme(bytes)).toBe(padmeReference(bytes))
      expect(padme(bytes)).toBeGreaterThanOrEqual(bytes)
      expect(padme(bytes)).toBeLessThanOrEqual(Math.ceil(bytes * 1.12) + 1)
      expect(padme(padme(bytes))).toBe(padme(bytes))
    }),
    { seed, numRuns: 3_000 },
  )
})

test('Padmé is exact around powers of two', () => {
  for (let exponent = 2; exponent < 50; exponent++) {
    for (const delta of [-1, 0, 1])
      expect(padme(2 ** exponent + delta)).toBe(padmeReference(2 ** exponent + delta))
  }
})

test(`the lengths of all blocks add up to what the root claims (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.nat(30_000_000), fc.nat(5_000_000), (data, manifest) => {
      const shape = shapeOf(data, manifest)
      let wire = 0
      for (let block = 0; block < shape.blocks; block++) {
        expect(plainLength(shape, block)).toBeGreaterThan(0)
        wire += wireLength(shape, block)
      }
      expect(wire).toBe(shape.bytes[0] + shape.bytes[1])
      expect(shapeFromClaims(shape.blocks, shape.manifest, shape.bytes, 'ERR_CONTENT_INVALID')).toEqual(shape)
    }),
    { seed, numRuns: 300 },
  )
})

describe('claims that contradict each other are refused', () => {
  const good = shapeOf(3_000_000, 100)
  const { blocks, manifest, bytes } = good
  test.each<[string, number, number, [number, number]]>([
    ['no data block', manifest, manifest, [bytes[0], bytes[1]]],
    ['no manifest block', blocks, 0, [bytes[0], bytes[1]]],
    ['more manifest than blocks', 1, 2, [bytes[0], bytes[1]]],
    ['too few data bytes', blocks, manifest, [bytes[0] - 1_048_560, bytes[1]]],
    ['too many data bytes', blocks, manifest, [bytes[0] + 1_048_560, bytes[1]]],
    ['a part below its least size', 2, 1, [100, 4_112]],
    ['no bytes at all', blocks, manifest, [0, 0]],
  ])('%s', (_name, n, m, sizes) => {
    expect(() => shapeFromClaims(n, m, sizes, 'ERR_CONTENT_INVALID')).toThrow(/contradict/)
  })
})
