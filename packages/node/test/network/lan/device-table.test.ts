import { expect, test } from 'vitest'
import { DeviceTable } from '../../../src/network/lan/device-table.ts'
import { Simulation } from '../../helpers/simulation.ts'
import { peerOf } from './names.ts'

const OWN = peerOf(0)

function tableAt(world = new Simulation(1)): {
  table: DeviceTable
  hear: (
    number: number,
    host: string,
    facts?: { port?: number; ttlSeconds?: number; from?: string },
  ) => boolean
} {
  const table = new DeviceTable(world.seams.clock, OWN)
  return {
    table,
    hear: (number, host, { port = 1, ttlSeconds = 120, from = host } = {}) => {
      const peerId = peerOf(number)
      const addresses = [`/ip4/${host}/tcp/${port}/p2p/${peerId}`]
      return table.heard({ peerId, addresses, ttlSeconds }, from)
    },
  }
}

async function pass(world: Simulation, ms: number): Promise<void> {
  await world.pass(ms)
}

test('a device is new once, and again with another address', () => {
  const { table, hear } = tableAt()
  expect(hear(1, '10.0.0.1')).toBe(true)
  expect(hear(1, '10.0.0.1')).toBe(false)
  expect(hear(1, '10.0.0.1', { port: 2 })).toBe(true)
  expect(hear(1, '10.0.0.2')).toBe(true)
  expect(table.list()).toEqual([
    {
      peerId: peerOf(1),
      addresses: [`/ip4/10.0.0.2/tcp/1/p2p/${peerOf(1)}`, `/ip4/10.0.0.1/tcp/2/p2p/${peerOf(1)}`],
    },
  ])
})

test('we are not a device of our own network', () => {
  const { table, hear } = tableAt()
  expect(hear(0, '10.0.0.1')).toBe(false)
  expect(table.list()).toEqual([])
})

test('a device that is not heard again is forgotten', async () => {
  const world = new Simulation(1)
  const { table, hear } = tableAt(world)
  hear(1, '10.0.0.1')
  hear(2, '10.0.0.2', { ttlSeconds: 30 })
  await pass(world, 29_000)
  expect(table.list()).toHaveLength(2)
  await pass(world, 2_000)
  expect(table.list().map(({ peerId }) => peerId)).toEqual([peerOf(1)])
  await pass(world, 100_000)
  expect(table.list()).toEqual([])
  expect(table.size).toBe(0)
  expect(hear(1, '10.0.0.1')).toBe(true)
})

test('a device says goodbye for itself only', () => {
  const { table, hear } = tableAt()
  hear(1, '10.0.0.1')
  hear(1, '10.0.0.66', { from: '10.0.0.66', ttlSeconds: 0 })
  expect(table.list()).toHaveLength(1)
  hear(1, '10.0.0.1', { ttlSeconds: 0 })
  expect(table.list()).toEqual([])
})

test('a device that says goodbye on one network stays on the other', () => {
  const { table, hear } = tableAt()
  hear(1, '10.0.0.1')
  hear(1, '192.168.0.1')
  hear(1, '10.0.0.1', { ttlSeconds: 0 })
  expect(table.list().map(({ addresses }) => addresses)).toEqual([
    [`/ip4/192.168.0.1/tcp/1/p2p/${peerOf(1)}`],
  ])
})

test('where all devices answered, a new one takes the place of the one longest silent', () => {
  const { table, hear } = tableAt()
  for (let i = 1; i <= 300; i++) {
    hear(i, `10.1.${i >> 8}.${i & 255}`)
    table.proved(peerOf(i))
  }
  expect(table.size).toBe(256)
  expect(table.list()[0]?.peerId).toBe(peerOf(300))
})

test('thousands of made-up devices of one machine take few places', () => {
  const { table, hear } = tableAt()
  for (let i = 1; i <= 10; i++) hear(i, `10.0.0.${i}`)
  for (let i = 100; i < 5_100; i++) hear(i, '10.0.0.66', { port: i })
  expect(table.size).toBe(26)
  const peers = new Set(table.list().map(({ peerId }) => peerId))
  for (let i = 1; i <= 10; i++) expect(peers.has(peerOf(i))).toBe(true)
})

test('made-up devices of made-up machines displace unknown ones, and never one that answered', () => {
  const { table, hear } = tableAt()
  hear(1, '10.0.0.1')
  hear(2, '10.0.0.2')
  table.proved(peerOf(1))
  for (let i = 100; i < 1_100; i++) hear(i, `10.1.${i >> 8}.${i & 255}`)
  expect(table.size).toBe(256)
  const peers = new Set(table.list().map(({ peerId }) => peerId))
  expect([1, 2].map((number) => peers.has(peerOf(number)))).toEqual([true, false])
})

test('a device has few addresses, one for each host, the newest', () => {
  const { table, hear } = tableAt()
  for (let port = 1; port <= 100; port++) hear(1, '10.0.0.1', { port })
  expect(table.list()[0]?.addresses).toEqual([`/ip4/10.0.0.1/tcp/100/p2p/${peerOf(1)}`])
  for (let host = 1; host <= 100; host++) hear(1, `10.0.0.${host}`)
  expect(table.list()[0]?.addresses).toHaveLength(8)
  expect(table.list()[0]?.addresses[0]).toContain('/10.0.0.100/')
})
