import { expect, test } from 'vitest'
import { Bootstrap } from '../../src/network/bootstrap.ts'
import { delay } from '../../src/util/seams.ts'
import { Simulation } from '../helpers/simulation.ts'

const ADDRESSES = ['/ip4/192.0.2.1/tcp/1/p2p/A', '/ip4/192.0.2.2/tcp/1/p2p/B']

function world() {
  const simulation = new Simulation(1)
  const online = new Set<string>()
  const connected = new Set<string>()
  const dials: { atMs: number; address: string }[] = []
  const bootstrap = new Bootstrap({
    addresses: ADDRESSES,
    dial: async (address) => {
      dials.push({ atMs: simulation.nowMs, address })
      const id = address.slice(-1)
      if (!online.has(id)) throw new Error('no answer')
      connected.add(id)
    },
    isConnected: (peerId) => connected.has(peerId),
    seams: simulation.seams,
  })
  const pass = (ms: number): Promise<void> => simulation.run(delay(simulation.seams.timers, ms))
  return { bootstrap, online, connected, dials, pass, simulation }
}

test('while nobody answers the pauses grow to a bound; one that answers is enough, and a lost one is dialled soon', async () => {
  const { bootstrap, online, connected, dials, pass, simulation } = world()
  bootstrap.start()
  await pass(300_000)
  const rounds = dials.filter(({ address }) => address === ADDRESSES[0]).map(({ atMs }) => atMs)
  expect(rounds.length).toBeGreaterThan(8)
  expect(rounds.length).toBeLessThan(20)
  expect(rounds[1]).toBeLessThan(3_000)
  online.add('A')
  await pass(60_000)
  expect([...connected]).toEqual(['A'])
  const before = dials.length
  await pass(60_000)
  expect(dials.length).toBe(before)
  connected.clear()
  const lostMs = simulation.nowMs
  await pass(5_000)
  expect([...connected]).toEqual(['A'])
  expect((dials[before]?.atMs ?? 0) - lostMs).toBeLessThan(2_500)
  await simulation.run(bootstrap.stop())
  const ended = dials.length
  connected.clear()
  await pass(60_000)
  expect(dials.length).toBe(ended)
})

test('whether one can be reached: one that is connected, one that answers now, none, and none there is', async () => {
  const { bootstrap, online, connected, dials, simulation } = world()
  const { signal } = new AbortController()
  expect(await simulation.run(bootstrap.reach(signal))).toBe(false)
  online.add('B')
  expect(await simulation.run(bootstrap.reach(signal))).toBe(true)
  expect([...connected]).toEqual(['B'])
  const before = dials.length
  expect(await simulation.run(bootstrap.reach(signal))).toBe(true)
  expect(dials.length).toBe(before)
  const lone = new Bootstrap({
    addresses: [],
    dial: () => Promise.reject(new Error('nobody is to be dialled')),
    isConnected: () => false,
    seams: simulation.seams,
  })
  expect(await lone.reach(signal)).toBeUndefined()
})
