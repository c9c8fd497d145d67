import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KEPT, LEFT_OUT, WANTED } from '../../src/store/fate.ts'
import {
  ACTIVE_AFTER_MS,
  ACTIVE_FILE_BYTES,
  FetchedFiles,
  MAX_ACTIVE_FILES,
} from '../../src/transfer/fetched-files.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

interface Given {
  readonly sizes: readonly number[]
  readonly fates?: readonly number[]
  readonly blockBytes?: number
}

/** Files as one stream that is cut into blocks. */
function files({ sizes, fates = [], blockBytes = 1_000_000 }: Given) {
  const entries = sizes.map((size, i) => ({ path: `file ${i}`, kind: 'file' as const, size }))
  const of = Uint8Array.from(sizes, (_size, i) => fates[i] ?? WANTED)
  const starts = sizes.map((_size, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const piecesOf = (block: number) =>
    sizes.flatMap((size, entry) => {
      const start = starts[entry] as number
      const from = Math.max(start, block * blockBytes)
      const until = Math.min(start + size, (block + 1) * blockBytes)
      return until > from ? [{ entry, offset: from - start, length: until - from }] : []
    })
  const clock = { nowMs: 0, monotonic: () => clock.nowMs }
  const whole: number[] = []
  const tracked = new FetchedFiles({
    entries,
    blocks: { piecesOf },
    fates: { of },
    clock,
    onWhole: (entry) => whole.push(entry),
  })
  return { tracked, of, clock, whole, blocks: Math.ceil(total / blockBytes), piecesOf }
}

test('a file is on its way from its first block on, and whole with its last', () => {
  const { tracked, clock, whole } = files({ sizes: [2_500_000, 3_000_000, 0] })
  expect(tracked.facts()).toEqual({ done: 1, total: 3, waiting: 2, active: [] })
  tracked.note(1, true)
  expect(tracked.facts()).toMatchObject({ done: 1, waiting: 1, active: [] })
  clock.nowMs += ACTIVE_AFTER_MS
  expect(tracked.facts().active).toEqual([{ path: 'file 0', bytes: 1_000_000, total: 2_500_000 }])
  tracked.note(2, true)
  tracked.note(0, true)
  expect(whole).toEqual([0])
  expect(tracked.facts()).toEqual({ done: 2, total: 3, waiting: 0, active: [] })
  clock.nowMs += ACTIVE_AFTER_MS
  expect(tracked.facts().active).toEqual([{ path: 'file 1', bytes: 500_000, total: 3_000_000 }])
  expect(tracked.bytes).toBe(3_000_000)
})

test('small files are counted and never named, and of large ones no more than there is room for', () => {
  const large = MAX_ACTIVE_FILES + 4
  const sizes = [...Array<number>(50).fill(ACTIVE_FILE_BYTES - 1), ...Array<number>(large).fill(2_000_000)]
  const { tracked, clock, blocks } = files({ sizes, blockBytes: 500_000 })
  for (let block = 0; block < blocks; block += 2) tracked.note(block, true)
  clock.nowMs += ACTIVE_AFTER_MS
  const facts = tracked.facts()
  expect(facts).toMatchObject({ done: 0, total: sizes.length, waiting: 0 })
  expect(facts.active).toHaveLength(MAX_ACTIVE_FILES)
  expect(facts.active.every(({ total }) => total === 2_000_000)).toBe(true)
  // Who is named stays until it is whole, and then another takes its place.
  const [first] = facts.active
  for (let block = 1; block < blocks; block += 2) tracked.note(block, true)
  expect(tracked.facts()).toMatchObject({ done: sizes.length, active: [] })
  expect(first?.path).toBe('file 50')
})

test('what is kept is whole from the start, and what turns out to be other bytes is wanted', () => {
  const { tracked, of, whole } = files({ sizes: [600_000, 600_000, 5], fates: [KEPT, WANTED, LEFT_OUT] })
  expect(tracked.facts()).toMatchObject({ done: 1, total: 2, waiting: 1 })
  expect([...tracked.whole()]).toEqual([0])
  tracked.note(0, true)
  expect(tracked.bytes).toBe(1_000_000)
  // Block 1 shows that file 0 differs: block 0 has to come again, which has bytes of file 1 as well.
  tracked.replaced(0)
  of[0] = WANTED
  tracked.note(0, false)
  expect(tracked.facts()).toMatchObject({ done: 0, total: 2 })
  expect(tracked.bytes).toBe(0)
  tracked.note(1, true)
  tracked.note(0, true)
  expect(tracked.bytes).toBe(1_200_000)
  expect(whole.toSorted((a, b) => a - b)).toEqual([0, 1])
  expect(tracked.facts()).toEqual({ done: 2, total: 2, waiting: 0, active: [] })
})

test(`whatever comes and goes, the counts are those of the blocks that are here (seed ${SEED})`, () => {
  const steps = fc.array(fc.record({ block: fc.nat({ max: 40 }), isHere: fc.boolean() }), { maxLength: 80 })
  const sizes = fc.array(fc.nat({ max: 4_000_000 }), { minLength: 1, maxLength: 12 })
  const fates = fc.array(fc.constantFrom(KEPT, LEFT_OUT, WANTED, WANTED), { minLength: 12, maxLength: 12 })
  fc.assert(
    fc.property(sizes, fates, steps, (given, fate, moves) => {
      const { tracked, of, blocks, piecesOf, whole } = files({ sizes: given, fates: fate })
      const here = new Set<number>()
      for (const { block, isHere } of moves) {
        if (block >= blocks || here.has(block) === isHere) continue
        if (isHere) here.add(block)
        else here.delete(block)
        tracked.note(block, isHere)
      }
      const had = given.map(() => 0)
      for (const block of here) {
        for (const { entry, length } of piecesOf(block)) had[entry] = (had[entry] ?? 0) + length
      }
      const isWhole = (i: number): boolean => of[i] === KEPT || (of[i] === WANTED && had[i] === given[i])
      const asked = given.flatMap((_size, i) => (of[i] === LEFT_OUT ? [] : [i]))
      const { done, total, waiting, active } = tracked.facts()
      expect(total).toBe(asked.length)
      expect(done).toBe(asked.filter(isWhole).length)
      expect(waiting).toBe(asked.filter((i) => !isWhole(i) && had[i] === 0).length)
      expect([...tracked.whole()]).toEqual(asked.filter(isWhole))
      for (const i of asked.filter((entry) => of[entry] === WANTED && isWhole(entry))) {
        if ((given[i] as number) > 0) expect(whole).toContain(i)
      }
      expect(tracked.bytes).toBe(
        asked.reduce((sum, i) => sum + ((of[i] === KEPT ? given[i] : had[i]) ?? 0), 0),
      )
      expect(active.length).toBeLessThanOrEqual(MAX_ACTIVE_FILES)
    }),
    { seed: SEED, numRuns: 200 },
  )
})
