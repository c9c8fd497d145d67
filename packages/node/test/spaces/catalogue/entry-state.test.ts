/** Which operation wins a register. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { operationOf, operationOrder } from '../../../src/spaces/catalogue/entry-state.ts'
import { SEED } from '../../helpers/group.ts'

const MAX_LAMPORT = 2 ** 48 - 1

test(`operations compare by lamport, then id, then place, whatever their size (seed ${SEED})`, () => {
  const operation = fc.record({
    // Around each number of bytes, where an order of bytes could differ from that of numbers.
    lamport: fc.oneof(
      fc.integer({ min: 1, max: MAX_LAMPORT }),
      fc
        .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: -1, max: 1 }))
        .map(([n, by]) => 256 ** n + by),
    ),
    id: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    place: fc.integer({ min: 0, max: 255 }),
  })
  fc.assert(
    fc.property(operation, operation, fc.boolean(), (a, other, isSame) => {
      const b = isSame ? { ...other, lamport: a.lamport } : other
      const expected = a.lamport - b.lamport || Buffer.compare(a.id, b.id) || a.place - b.place
      const [first, second] = [a, b].map(({ lamport, id, place }) => operationOrder(lamport, id, place))
      expect(Math.sign(Buffer.compare(first as Uint8Array, second as Uint8Array))).toBe(Math.sign(expected))
      expect([...operationOf(first as Uint8Array)]).toEqual([...a.id, a.place])
    }),
    { seed: SEED, numRuns: 2_000 },
  )
})
