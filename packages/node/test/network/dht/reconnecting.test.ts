import { expect, test } from 'vitest'
import { NEIGHBOUR_LIMITS, RECONNECT_LIMITS } from '../../../src/network/dht/limits.ts'
import { Neighbourhood } from '../../../src/network/dht/neighbourhood.ts'
import { Reconnector } from '../../../src/network/dht/reconnector.ts'
import { Simulation } from '../../helpers/simulation.ts'

const HOUR_MS = 3_600_000

function runTo(world: Simulation, atMs: number): Promise<void> {
  return world.run(new Promise<void>((resolve) => world.at(atMs, resolve)), Infinity)
}

function reconnector(answersAtMs: number): { world: Simulation; lost: Reconnector; dials: number[] } {
  const world = new Simulation(1)
  const dials: number[] = []
  const lost = new Reconnector({
    seams: world.seams,
    connect: () => {
      dials.push(world.nowMs)
      return world.nowMs >= answersAtMs ? Promise.resolve() : Promise.reject(new Error('refused'))
    },
  })
  return { world, lost, dials }
}

test('a peer that went away is dialled until it answers, later each time', async () => {
  const { world, lost, dials } = reconnector(6_000)
  lost.lost('alice')
  lost.lost('alice')
  await runTo(world, HOUR_MS)
  expect(dials).toEqual([1_000, 3_000, 7_000])
  expect(lost.size).toBe(0)
})

test('a peer that never answers is given up', async () => {
  const { world, lost, dials } = reconnector(Infinity)
  lost.lost('alice')
  await runTo(world, HOUR_MS)
  expect(dials).toHaveLength(RECONNECT_LIMITS.attempts)
  expect(lost.size).toBe(0)
})

test('a peer that came by itself is not dialled, nor is any after stop', async () => {
  const { world, lost, dials } = reconnector(Infinity)
  lost.lost('alice')
  lost.settled('alice')
  lost.lost('bob')
  await runTo(world, 500)
  lost.stop()
  await runTo(world, HOUR_MS)
  expect(dials).toEqual([])
})

test('no more peers are waited for than the limit says', () => {
  const { lost } = reconnector(Infinity)
  for (let i = 0; i < 100; i++) lost.lost(`peer ${i}`)
  expect(lost.size).toBe(RECONNECT_LIMITS.maxPeers)
  lost.stop()
  expect(lost.size).toBe(0)
})

test('neighbours are looked for until there are enough, though a search fails', async () => {
  const world = new Simulation(1)
  const searches: number[] = []
  const neighbourhood = new Neighbourhood({
    seams: world.seams,
    isSettled: () => searches.length >= 4,
    search: () => {
      searches.push(world.nowMs)
      return searches.length === 2 ? Promise.reject(new Error('nobody answers')) : Promise.resolve()
    },
  })
  neighbourhood.look()
  neighbourhood.look()
  await runTo(world, HOUR_MS)
  const { delayMs } = NEIGHBOUR_LIMITS
  expect(searches).toEqual([0, delayMs, 3 * delayMs, 7 * delayMs])
  neighbourhood.look()
  expect(searches).toHaveLength(5)
})

test('a search for neighbours that does not end is given up', async () => {
  const world = new Simulation(1)
  const searches: number[] = []
  const neighbourhood = new Neighbourhood({
    seams: world.seams,
    isSettled: () => searches.length === 2,
    search: (signal) => {
      searches.push(world.nowMs)
      if (searches.length === 2) return Promise.resolve()
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      )
    },
  })
  neighbourhood.look()
  await runTo(world, HOUR_MS)
  expect(searches).toEqual([0, NEIGHBOUR_LIMITS.timeoutMs + NEIGHBOUR_LIMITS.delayMs])
})

test('in a network that stays small the own neighbourhood is looked for every five minutes, until stop', async () => {
  const world = new Simulation(1)
  let searches = 0
  const neighbourhood = new Neighbourhood({
    seams: world.seams,
    isSettled: () => false,
    search: async () => void searches++,
  })
  neighbourhood.look()
  await runTo(world, 10 * HOUR_MS)
  const before = searches
  expect(before).toBeGreaterThan(100)
  expect(before).toBeLessThan(140)
  neighbourhood.stop()
  await runTo(world, 20 * HOUR_MS)
  expect(searches).toBe(before)
})
