import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Availability, EARLY_AVAILABILITY_BYTES } from '../../../src/transfer/wire/availability.ts'
import { MAX_BLOCKS } from '../../../src/transfer/constants.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

test(`whatever a peer names in whatever form is what it has, told once each (seed ${seed})`, () => {
  const statement = fc.oneof(
    fc.record({ from: fc.nat(40_000), bits: fc.uint8Array({ maxLength: 64 }) }),
    fc.record({ blocks: fc.array(fc.nat(40_511), { maxLength: 64 }) }),
  )
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 8 }), (statements) => {
      const availability = new Availability(40_512)
      const expected = new Set<number>()
      const told: number[] = []
      for (const each of statements) {
        if ('blocks' in each) {
          availability.addBlocks(each.blocks, (block) => told.push(block))
          for (const block of each.blocks) expected.add(block)
        } else {
          availability.addBits(each.from, each.bits, (block) => told.push(block))
          for (let bit = 0; bit < each.bits.length * 8; bit++) {
            const isSet = (((each.bits[bit >>> 3] as number) >>> (7 - (bit & 7))) & 1) === 1
            if (isSet) expected.add(each.from + bit)
          }
        }
      }
      const sorted = [...expected].sort((a, b) => a - b)
      expect([...availability.named()]).toEqual(sorted)
      expect(told.sort((a, b) => a - b)).toEqual(sorted)
      expect(availability.count).toBe(sorted.length)
      expect(sorted.every((block) => availability.has(block))).toBe(true)
      expect(availability.has(sorted.length === 0 ? 0 : (sorted.at(-1) as number) + 1)).toBe(false)
    }),
    { seed, numRuns: 200 },
  )
})

test.each<[string, (availability: Availability) => void]>([
  ['a number', (availability) => availability.addBlocks([99, 100])],
  ['a bit', (availability) => availability.addBits(96, Uint8Array.of(0b0000_1000))],
  ['a total', (availability) => availability.addAll(101)],
])(
  '%s beyond the plan is a protocol error, also when it was said before the plan was known',
  (_what, say) => {
    expect(() => say(new Availability(100))).toThrow(expect.objectContaining({ code: 'ERR_PROTOCOL' }))
    const early = new Availability()
    say(early)
    expect(() => early.limitTo(100)).toThrow(expect.objectContaining({ code: 'ERR_PROTOCOL' }))
    const fitting = new Availability()
    say(fitting)
    if (!fitting.hasAll) expect(() => fitting.limitTo(101)).not.toThrow()
  },
)

test('bits that only fill up the last byte are no blocks', () => {
  const availability = new Availability(100)
  availability.addBits(96, Uint8Array.of(0b1111_0000))
  expect([...availability.named()]).toEqual([96, 97, 98, 99])
})

test('before the plan is known a peer that names blocks all over gets no more than its memory', () => {
  const availability = new Availability()
  for (let block = 0; block < MAX_BLOCKS; block += 32_768) availability.addBlocks([block])
  expect(availability.count).toBe(EARLY_AVAILABILITY_BYTES / 4_096)
  availability.limitTo(MAX_BLOCKS)
  availability.addBlocks([MAX_BLOCKS - 1])
  expect(availability.has(MAX_BLOCKS - 1)).toBe(true)
})
