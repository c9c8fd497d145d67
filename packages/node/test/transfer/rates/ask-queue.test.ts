/** Who may ask for how much: several fetches under one limit, by their weights. */
import { expect, test } from 'vitest'
import type { Allowance } from '../../../src/transfer/rates/allowance.ts'
import { PRIORITY_WEIGHTS, weightOf } from '../../../src/transfer/rates/priority.ts'
import { RateLimits } from '../../../src/transfer/rates/rate-limits.ts'
import { PRIORITIES, type Priority } from '../../../src/util/priority.ts'
import { Simulation } from '../../helpers/simulation.ts'

const MIB = 1_048_576

/** Asks for as much as it may, block by block. */
class Asker {
  readonly #allowance: Allowance
  readonly #blockBytes: number
  asked = 0
  isEnded = false

  constructor(allowance: Allowance, blockBytes = MIB) {
    this.#allowance = allowance
    this.#blockBytes = blockBytes
    this.ask()
  }

  ask(): void {
    if (this.isEnded) return
    while (this.#allowance.tryTake(this.#blockBytes)) this.asked += this.#blockBytes
    this.#allowance.whenRoom(() => this.ask())
  }
}

function world(limits: { down?: number } = { down: 10_000_000 }) {
  const simulation = new Simulation(1)
  const rates = new RateLimits(simulation.seams, limits)
  return {
    simulation,
    rates,
    asker: (root: string, priority: Priority | (() => Priority), blockBytes?: number) =>
      new Asker(rates.allowance(root, weightOf(priority)), blockBytes),
  }
}

function parts(askers: readonly Asker[], since: readonly number[] = []): number[] {
  const asked = askers.map((asker, i) => asker.asked - (since[i] ?? 0))
  const least = asked.at(-1) as number
  return asked.map((bytes) => Number((bytes / least).toFixed(1)))
}

test('what is asked for is shared by weight, and all of the limit is used', async () => {
  const { simulation, asker } = world()
  const askers = PRIORITIES.map((priority) => asker(priority, priority))
  await simulation.pass(60_000)
  const [high, normal, low] = parts(askers) as [number, number, number]
  expect(high).toBeCloseTo(PRIORITY_WEIGHTS.high / PRIORITY_WEIGHTS.low, 0)
  expect(normal).toBeCloseTo(PRIORITY_WEIGHTS.normal / PRIORITY_WEIGHTS.low, 0)
  expect(low).toBe(1)
  const all = askers.reduce((sum, { asked }) => sum + asked, 0)
  expect(all).toBeGreaterThan(600_000_000)
  expect(all).toBeLessThan(600_000_000 * 1.05)
})

test('the size of blocks makes no difference', async () => {
  const { simulation, asker } = world()
  const askers = [asker('a', 'normal', 10_000), asker('b', 'normal', MIB)]
  await simulation.pass(60_000)
  const [small, large] = parts(askers) as [number, number]
  expect(small).toBeCloseTo(large, 0)
})

test('a priority that changes counts from then on', async () => {
  const { simulation, asker } = world()
  let priority: Priority = 'low'
  const askers = [asker('a', () => priority), asker('b', 'normal')]
  await simulation.pass(60_000)
  expect(parts(askers)[0]).toBeCloseTo(0.5, 1)
  const since = askers.map(({ asked }) => asked)
  priority = 'high'
  await simulation.pass(60_000)
  expect(parts(askers, since)[0]).toBeCloseTo(2, 1)
})

test('who comes late, or did not ask for a while, has no claim to what passed before', async () => {
  const { simulation, asker } = world()
  const first = asker('a', 'low')
  await simulation.pass(60_000)
  const late = asker('b', 'low')
  const since = [first.asked, 0]
  await simulation.pass(20_000)
  expect(parts([first, late], since)[0]).toBeCloseTo(1, 0)
  late.isEnded = true
  await simulation.pass(60_000)
  const again = [first.asked, late.asked]
  late.isEnded = false
  late.ask()
  await simulation.pass(20_000)
  expect(parts([first, late], again)[0]).toBeCloseTo(1, 0)
})

test('what its own limit keeps one from is for the others', async () => {
  const { simulation, rates, asker } = world()
  rates.add('a', { down: 1_000_000 })
  const askers = [asker('a', 'high'), asker('b', 'low')]
  await simulation.pass(60_000)
  const [own, other] = askers.map(({ asked }) => asked / 60_000_000) as [number, number]
  expect(own).toBeLessThan(1.05)
  expect(own + other).toBeGreaterThan(9.9)
})

test('only who waits for a limit is held up, and it is said by which', async () => {
  const { rates, asker } = world({})
  expect(rates.holdUp('a')).toBeUndefined()
  const end = rates.add('a', { down: 0 })
  const allowance = rates.allowance('a')
  // Nothing is limited.
  expect(allowance.tryTake(100 * MIB)).toBe(true)
  expect(rates.holdUp('a')).toBeUndefined()
  rates.set({ down: 1_000_000 })
  const waiting = asker('a', 'normal')
  expect(waiting.asked).toBeGreaterThan(0)
  expect(rates.holdUp('a')).toEqual({ limit: 1_000_000, isOwn: false })
  const narrow = rates.add('a', { down: 500_000 })
  // The widest of several holds.
  expect(rates.holdUp('a')).toEqual({ limit: 1_000_000, isOwn: false })
  end()
  expect(rates.holdUp('a')).toEqual({ limit: 500_000, isOwn: true })
  expect(rates.holdUp('b')).toBeUndefined()
  narrow()
})

test('without a limit one that goes behind uses a part of its memory while another is busy, and all of it else', () => {
  const { rates } = world({})
  let priority: Priority = 'normal'
  const high = rates.allowance(
    'a',
    weightOf(() => priority),
  )
  const low = rates.allowance('b', weightOf('low'))
  expect([high.share, low.share]).toEqual([1, 1])
  low.owes(true)
  expect([high.share, low.share]).toEqual([1, 1])
  high.owes(true)
  high.owes(true)
  expect([high.share, low.share]).toEqual([1, 0.5])
  priority = 'high'
  expect([high.share, low.share]).toEqual([1, 0.25])
  high.owes(false)
  expect(low.share).toBe(0.25)
  high.owes(false)
  expect(low.share).toBe(1)
})
