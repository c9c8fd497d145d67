import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FairSlots } from '../../../src/network/gate/fair-slots.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

test('the oldest of who holds most goes, and the newcomer is let in', () => {
  const slots = new FairSlots<string>(4)
  expect(slots.take('honest', 'campus', 'a')).toBeUndefined()
  expect(slots.take('idle 1', 'attacker', 'x')).toBeUndefined()
  expect(slots.take('idle 2', 'attacker', 'y')).toBeUndefined()
  expect(slots.take('idle 3', 'attacker', 'y')).toBeUndefined()
  expect(slots.take('newcomer', 'elsewhere', 'b')).toBe('idle 2')
  expect(slots.size).toBe(4)
})

test('within a block an address that floods does not push out its neighbour', () => {
  const slots = new FairSlots<string>(4)
  slots.take('neighbour', 'block', 'quiet')
  for (let i = 0; i < 100; i++) expect(slots.take(`idle ${i}`, 'block', 'loud')).not.toBe('neighbour')
  expect(slots.ownedBy('block', 'quiet')).toBe(1)
})

test('an owner with too many loses its own oldest while there is room for others', () => {
  const slots = new FairSlots<string>(10, 2)
  slots.take('first', 'block', 'a')
  slots.take('second', 'block', 'a')
  expect(slots.take('third', 'block', 'a')).toBe('first')
  expect(slots.ownedBy('block', 'a')).toBe(2)
})

test(`places never exceed the capacity, and who holds fewest is never pushed out (seed ${seed})`, () => {
  const step = fc.record({
    item: fc.nat(60),
    group: fc.nat(3),
    owner: fc.nat(2),
    isRelease: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const slots = new FairSlots<number>(12, 8)
      const model = new Map<number, { group: string; owner: string }>()
      for (const { item, group, owner, isRelease } of steps) {
        const place = { group: `g${group}`, owner: `o${owner}` }
        if (isRelease) {
          slots.release(item)
          model.delete(item)
          continue
        }
        model.delete(item)
        const weights = new Map<string, number>()
        for (const held of model.values()) weights.set(held.group, (weights.get(held.group) ?? 0) + 1)
        const wasFull = model.size === 12
        const evicted = slots.take(item, place.group, place.owner)
        if (evicted !== undefined) {
          const lost = model.get(evicted)
          expect(lost).toBeDefined()
          const isOwn = lost?.group === place.group && lost.owner === place.owner
          expect(isOwn || wasFull).toBe(true)
          if (!isOwn) expect(weights.get(lost?.group ?? '')).toBe(Math.max(...weights.values()))
          model.delete(evicted)
        }
        model.set(item, place)
        expect(slots.size).toBe(model.size)
        expect(slots.size).toBeLessThanOrEqual(12)
        expect(slots.ownedBy(place.group, place.owner)).toBeLessThanOrEqual(8)
      }
    }),
    { seed, numRuns: 200 },
  )
})
