import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RarityBuckets } from '../../../src/transfer/scheduling/rarity-buckets.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const BLOCKS = 8
/** From here on, how rare a block is makes no difference. */
const COMMON = 31

interface Change {
  readonly block: number
  readonly what: 'add' | 'more' | 'less' | 'take' | 'put' | 'drop'
  readonly count: number
}

function change(mostCount: number): fc.Arbitrary<Change> {
  return fc.record({
    block: fc.nat(BLOCKS - 1),
    what: fc.constantFrom('add', 'more', 'less', 'take', 'put', 'drop'),
    count: fc.nat(mostCount),
  })
}

/** Of few rarities, which then become more, or of many. */
const changes = fc
  .constantFrom(0, 2, COMMON + 4)
  .chain((mostCount) => fc.array(change(mostCount), { size: 'max', maxLength: 200 }))

interface Known {
  count: number
  isFree: boolean
}

function apply(buckets: RarityBuckets, known: Map<number, Known>, each: Change): void {
  const { block, count } = each
  const state = known.get(block)
  switch (each.what) {
    case 'add':
      if (state !== undefined) return
      buckets.add(block, count)
      known.set(block, { count, isFree: true })
      return
    case 'more':
    case 'less': {
      const by = each.what === 'more' ? 1 : -1
      if ((state?.count ?? 1) + by < 0) return
      buckets.changeCount(block, by)
      if (state !== undefined) state.count += by
      return
    }
    case 'take':
      if (state?.isFree !== true) return
      buckets.take(block)
      state.isFree = false
      return
    case 'put':
      buckets.put(block)
      if (state !== undefined) state.isFree = true
      return
    case 'drop':
      buckets.drop(block)
      known.delete(block)
  }
}

test.each([0, BLOCKS])(
  `after any changes the free blocks stand sorted by rarity (%i told before, seed ${seed})`,
  (total) => {
    fc.assert(
      fc.property(changes, (made) => {
        const buckets = new RarityBuckets(total)
        const known = new Map<number, Known>()
        for (const each of made) apply(buckets, known, each)
        const rarityOf = (block: number): number => Math.min(known.get(block)?.count ?? -1, COMMON)
        const free = [...known.keys()].filter((block) => known.get(block)?.isFree === true)
        expect(buckets.size).toBe(free.length)
        const found: number[] = []
        let last = -1
        for (const { start, end } of buckets.bounds(0)) {
          const blocks = Array.from({ length: end - start }, (_, i) => buckets.at(start + i))
          const rarities = new Set(blocks.map(rarityOf))
          expect(rarities.size).toBe(1)
          expect(Math.min(...rarities)).toBeGreaterThan(last)
          last = Math.max(...rarities)
          found.push(...blocks)
        }
        expect(new Set(found)).toEqual(new Set(free))
        for (const block of known.keys()) {
          const hasRarer = free.some((other) => rarityOf(other) < rarityOf(block))
          expect(buckets.hasRarer(block)).toBe(hasRarer)
          expect(buckets.countOf(block)).toBe(known.get(block)?.count)
        }
        for (let block = 0; block < BLOCKS; block++) {
          expect(buckets.isKnown(block)).toBe(known.has(block))
          expect(buckets.isFree(block)).toBe(known.get(block)?.isFree === true)
        }
      }),
      { seed, numRuns: 1_000 },
    )
  },
)

test('a block that spreads while it is asked for is less rare than what is free', () => {
  const buckets = new RarityBuckets()
  for (const block of [0, 1]) buckets.add(block, 0)
  buckets.take(1)
  for (let i = 0; i < 3; i++) buckets.changeCount(1, 1)
  expect(buckets.hasRarer(1)).toBe(true)
})
