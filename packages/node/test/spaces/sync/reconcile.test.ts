/** Two sides find out what each lacks, in messages that grow with the difference. */
import { expect, test } from 'vitest'
import { IdSet, keyOf } from '../../../src/spaces/sync/id-set.ts'
import { LIST_KEYS, MAX_FOUND, MAX_MESSAGE_BYTES, MAX_ROUNDS } from '../../../src/spaces/sync/limits.ts'
import { FIRST_KEY, RangeWriter, readRanges, type Range } from '../../../src/spaces/sync/ranges.ts'
import { answerRanges, firstRanges, sortedKeys } from '../../../src/spaces/sync/reconcile.ts'
import { SEED } from '../../helpers/group.ts'
import { seededFloats } from '../../helpers/simulation.ts'

const float = seededFloats(SEED)
const below = (most: number): number => Math.floor(float() * most)

function randomKey(orders: number): Buffer {
  return keyOf(
    1 + below(orders),
    Uint8Array.from({ length: 32 }, () => below(256)),
  )
}

const setOf = (keys: readonly Uint8Array[]): IdSet => new IdSet(sortedKeys(keys))
const hexOf = (keys: readonly Uint8Array[]): string[] =>
  keys.map((key) => Buffer.from(key).toString('hex')).toSorted()

interface Run {
  readonly left: { lacking: Uint8Array[]; surplus: Uint8Array[] }
  readonly right: { lacking: Uint8Array[]; surplus: Uint8Array[] }
  readonly bytes: number
  readonly rounds: number
}

function reconcile(left: IdSet, right: IdSet): Run {
  const found = { left: { lacking: [], surplus: [] }, right: { lacking: [], surplus: [] } } as Pick<
    Run,
    'left' | 'right'
  >
  let message = firstRanges(left)
  let bytes = message.byteLength
  let rounds = 0
  for (
    let side: 'left' | 'right' = 'right';
    message.byteLength > 0;
    side = side === 'left' ? 'right' : 'left'
  ) {
    expect(message.byteLength).toBeLessThanOrEqual(MAX_MESSAGE_BYTES)
    const answer = answerRanges(side === 'left' ? left : right, message)
    found[side].lacking.push(...answer.lacking)
    found[side].surplus.push(...answer.surplus)
    message = answer.answer
    bytes += message.byteLength
    rounds++
    if (rounds > 10_000) throw new Error('it never ends')
  }
  return { ...found, bytes, rounds }
}

test.each([
  [0, 0, 0],
  [0, 1, 0],
  [1, 0, 1],
  [20, 3, 0],
  [1_000, 1, 1],
  [1_000, 1_000, 1_000],
  [0, 3_000, 0],
  [30_000, 100, 50],
  [100_000, 10, 10],
])(
  'of %i common keys, %i here and %i there each is found, with bytes in proportion to the difference',
  (common, here, there) => {
    for (const orders of common > 10_000 ? [1_000_000] : [1, 50, 1_000_000]) {
      const both = Array.from({ length: common }, () => randomKey(orders))
      const ours = Array.from({ length: here }, () => randomKey(orders))
      const theirs = Array.from({ length: there }, () => randomKey(orders))
      const run = reconcile(setOf([...both, ...ours]), setOf([...both, ...theirs]))
      // What one side finds lacking is what the other has more, and one of both is told.
      const known = (a: Uint8Array[], b: Uint8Array[]): string[] =>
        [...new Set(hexOf([...a, ...b]))].toSorted()
      expect(known(run.left.surplus, run.right.lacking)).toEqual(hexOf(ours))
      expect(known(run.left.lacking, run.right.surplus)).toEqual(hexOf(theirs))
      const levels = Math.ceil(Math.log(Math.max(2, (common + here + there) / LIST_KEYS)) / Math.log(16)) + 1
      const perKey = 16 * 44 * levels + LIST_KEYS * 33
      expect(run.bytes).toBeLessThanOrEqual(
        100 + Math.min(perKey * (here + there), 80 * (common + here + there)),
      )
      expect(run.rounds).toBeLessThanOrEqual(MAX_ROUNDS)
    }
  },
)

test('what was written last on both sides costs little more than its keys', () => {
  const both = Array.from({ length: 50_000 }, (_, i) => keyOf(1 + i, randomKey(1).subarray(6)))
  const tail = (): Buffer[] =>
    Array.from({ length: 500 }, (_, i) => keyOf(50_001 + i, randomKey(1).subarray(6)))
  const { bytes, rounds } = reconcile(setOf([...both, ...tail()]), setOf([...both, ...tail()]))
  expect(bytes).toBeLessThan(1.7 * 500 * 38)
  expect(rounds).toBeLessThan(10)
})

test('of two sets that have nothing in common a part is found in each run, and every message has its bound', () => {
  const keys = (): Buffer[] => Array.from({ length: 40_000 }, () => randomKey(1_000_000))
  const [left, right] = [setOf(keys()), setOf(keys())]
  let message = firstRanges(left)
  let found = 0
  for (let round = 0; round < MAX_ROUNDS && message.byteLength > 0; round++) {
    const answer = answerRanges(round % 2 === 0 ? right : left, message)
    message = answer.answer
    found += answer.lacking.length
    expect(message.byteLength).toBeLessThanOrEqual(MAX_MESSAGE_BYTES)
  }
  expect(found).toBeGreaterThan(10_000)
})

test('who lacks everything is given the oldest first, as many as a session has room for', () => {
  const keys = Array.from({ length: MAX_FOUND + 10 }, (_, i) => keyOf(1 + i, new Uint8Array(32).fill(i)))
  const [nothing, all] = [new IdSet(), setOf(keys)]
  const { answer } = answerRanges(nothing, firstRanges(all))
  const { surplus } = answerRanges(all, answer)
  expect(surplus).toHaveLength(MAX_FOUND)
  expect(Buffer.compare(surplus[0] as Uint8Array, keys[0] as Uint8Array)).toBe(0)
})

test('a set that changes says the same as one made anew', () => {
  const keys = Array.from({ length: 300 }, () => randomKey(20))
  const set = new IdSet()
  const here = new Set<number>()
  for (let step = 0; step < 2_000; step++) {
    const i = below(keys.length)
    if (float() < 0.6) set.add(keys[i] as Uint8Array)
    else set.remove(keys[i] as Uint8Array)
    if (set.has(keys[i] as Uint8Array)) here.add(i)
    else here.delete(i)
    if (step % 50 > 0) continue
    const anew = setOf([...here].map((it) => keys[it] as Uint8Array))
    expect(set.size).toBe(here.size)
    expect(set.fingerprint()).toEqual(anew.fingerprint())
  }
  expect(here.size).toBeGreaterThan(50)
})

test('ranges are read as they were written', () => {
  for (let i = 0; i < 200; i++) {
    const keys = sortedKeys(Array.from({ length: 2 + below(20) }, () => randomKey(3)))
    const set = new IdSet(keys)
    const middle = set.at(1)
    const ranges: Range[] = [
      { end: middle, kind: 'list', keys: [set.at(0)] },
      { end: undefined, kind: 'fingerprint', fingerprint: set.fingerprint() },
    ]
    const writer = new RangeWriter()
    for (const range of ranges) writer.write(range)
    const read = [...readRanges(writer.bytes())]
    expect(read.map(({ kind }) => kind)).toEqual(['list', 'fingerprint'])
    expect(Buffer.compare(read[0]?.end as Uint8Array, middle)).toBe(0)
  }
})

test('whatever comes instead of ranges is refused, or read within its bounds', () => {
  const set = setOf(Array.from({ length: 500 }, () => randomKey(9)))
  const good = answerRanges(set, firstRanges(new IdSet())).answer
  expect(good.byteLength).toBeGreaterThan(100)
  const refusals = new Set<string>()
  for (let i = 0; i < 3_000; i++) {
    const bad = good.slice(0, 1 + below(good.byteLength))
    for (let flips = below(3); flips >= 0; flips--) bad[below(bad.byteLength)] = below(256)
    try {
      const { answer } = answerRanges(set, bad)
      expect(answer.byteLength).toBeLessThanOrEqual(MAX_MESSAGE_BYTES)
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_PROTOCOL' })
      refusals.add((error as Error).message)
    }
  }
  expect(refusals.size).toBeGreaterThan(4)
})

test.each([
  ['a range after the end', '00000000'],
  ['ranges out of order', '010000'],
  ['a list that is cut off', '0002ff7f'],
  ['a number in another form', '8000'],
  ['a number that is too great', 'ffffffffffffffff'],
  ['an unknown kind', '0003'],
  ['cut off', '0001ff'],
  ['a bound that is too long', '0221'],
  ['a bound in another form', '02010000'],
  ['an order that is too great', '0002018080808080804000'],
])('%s is refused', (what, hex) => {
  const padded = Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(what.includes('order') ? 40 : 0)])
  expect(() => [...readRanges(padded)]).toThrow(expect.objectContaining({ code: 'ERR_PROTOCOL' }))
  expect(FIRST_KEY).toHaveLength(38)
})
