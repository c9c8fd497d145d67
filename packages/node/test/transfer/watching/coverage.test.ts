import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bitmap } from '../../../src/store/bitmap.ts'
import { coverageOf, type Claim } from '../../../src/transfer/watching/coverage.ts'
import { Availability } from '../../../src/transfer/wire/availability.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? Date.now() % 2 ** 31)

function bitmapOf(count: number, blocks: Iterable<number>): Bitmap {
  const bitmap = new Bitmap(count)
  for (const block of blocks) bitmap.add(block)
  return bitmap
}

test(`it counts as who goes over every block does, seed ${SEED}`, () => {
  const counts = fc.integer({ min: 1, max: 70 })
  const world = counts.chain((count) => {
    const some = fc.uniqueArray(fc.integer({ min: 0, max: count - 1 }))
    const devices = fc.array(fc.oneof(some, fc.constant('all' as const)), { maxLength: 5 })
    return fc.record({ count: fc.constant(count), wanted: some, here: some, devices })
  })
  fc.assert(
    fc.property(world, ({ count, wanted, here, devices }) => {
      const claims = devices.map((blocks): Claim => {
        const availability = new Availability(count)
        if (blocks === 'all') availability.addAll(count)
        else availability.addBlocks(blocks)
        return availability
      })
      const has = (device: (typeof devices)[number], block: number): boolean =>
        device === 'all' || device.includes(block)
      const missing = wanted.filter((block) => !here.includes(block))
      const owners = (block: number): number => devices.filter((device) => has(device, block)).length
      expect(coverageOf({ wanted: bitmapOf(count, wanted), here: bitmapOf(count, here), claims })).toEqual({
        here: wanted.length - missing.length,
        available: missing.filter((block) => owners(block) > 0).length,
        single: missing.filter((block) => owners(block) === 1).length,
        has: devices.map((device) => wanted.filter((block) => has(device, block)).length),
        alone: devices.map(
          (device) => missing.filter((block) => has(device, block) && owners(block) === 1).length,
        ),
      })
    }),
    { seed: SEED },
  )
})

test('what a device names beyond the first page counts as well', () => {
  const count = 100_000
  const availability = new Availability(count)
  availability.addBlocks([0, 40_000, 99_999])
  const wanted = bitmapOf(count, [40_000, 99_998, 99_999])
  const here = new Bitmap(count)
  expect(coverageOf({ wanted, here, claims: [availability] })).toMatchObject({ available: 2, has: [2] })
})
