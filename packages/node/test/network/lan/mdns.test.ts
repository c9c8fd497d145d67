import { expect, test } from 'vitest'
import { QUESTION, encodeAnnouncement } from '../../../src/network/lan/announcement.ts'
import type { Mdns } from '../../../src/network/lan/mdns.ts'
import { Simulation } from '../../helpers/simulation.ts'
import { interfaceAddress, peerOf } from './names.ts'
import { SimulatedLan } from './simulated-lan.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const MINUTE_MS = 60_000

const heardBy = (mdns: Mdns): string[] => mdns.devices().map(({ peerId }) => peerId)
const systemError = (code: string): Error => Object.assign(new Error(code), { code })

test(`two nodes hear of each other within half a second (seed ${SEED})`, async () => {
  const lan = new SimulatedLan(new Simulation(SEED))
  const first = lan.node(1)
  await lan.pass(10 * MINUTE_MS)
  const second = lan.node(2)
  await lan.pass(500)
  expect(heardBy(first)).toEqual([peerOf(2)])
  expect(heardBy(second)).toEqual([peerOf(1)])
  expect(second.devices()[0]?.addresses).toEqual([`/ip4/10.0.0.1/tcp/4001/p2p/${peerOf(1)}`])
})

test(`a node that stops is forgotten at once, one that vanishes within two minutes (seed ${SEED})`, async () => {
  const lan = new SimulatedLan(new Simulation(SEED))
  const first = lan.node(1)
  const second = lan.node(2)
  await lan.pass(MINUTE_MS)
  expect(heardBy(first)).toEqual([peerOf(2)])
  await second.stop()
  await lan.pass(10)
  expect(heardBy(first)).toEqual([])
  lan.send('10.0.0.3', encodeAnnouncement('x', [`/ip4/10.0.0.3/tcp/1/p2p/${peerOf(3)}`], 120))
  await lan.pass(10)
  expect(heardBy(first)).toEqual([peerOf(3)])
  await lan.pass(2 * MINUTE_MS)
  expect(heardBy(first)).toEqual([])
})

test(`a node that searches asks at once, and not more than once a second (seed ${SEED})`, async () => {
  const lan = new SimulatedLan(new Simulation(SEED))
  const alone = lan.node(1, { addresses: () => [] })
  await lan.pass(10 * MINUTE_MS)
  // Not within a second of a question that was due by itself.
  let before: number
  do {
    before = lan.packets
    await lan.pass(1_000)
  } while (lan.packets > before)
  for (let i = 0; i < 1_000; i++) alone.ask()
  expect(lan.packets - before).toBe(1)
  await lan.pass(999)
  expect(lan.packets - before).toBe(1)
  await lan.pass(500)
  expect(lan.packets - before).toBe(2)
})

test(`a flood of questions is answered once a second (seed ${SEED})`, async () => {
  const lan = new SimulatedLan(new Simulation(SEED))
  lan.node(1)
  await lan.pass(MINUTE_MS)
  const before = lan.bytes
  const asked = 1_000 * QUESTION.byteLength
  for (let i = 0; i < 100; i++) {
    for (let j = 0; j < 10; j++) lan.send('10.0.0.66', QUESTION)
    await lan.pass(100)
  }
  const answered = lan.bytes - before - asked
  expect(answered).toBeGreaterThan(0)
  // Ten seconds, one answer each, and a question of its own now and then.
  expect(answered).toBeLessThan(13 * 250)
})

test(`an idle node alone sends a question a minute and its answer (seed ${SEED})`, async () => {
  const lan = new SimulatedLan(new Simulation(SEED))
  lan.node(1)
  await lan.pass(10 * MINUTE_MS)
  const { packets, bytes } = lan
  await lan.pass(10 * MINUTE_MS)
  const figures = { packets: (lan.packets - packets) / 10, bytes: (lan.bytes - bytes) / 10 }
  console.log(JSON.stringify({ figure: 'mdns-idle-per-minute', nodes: 1, ...figures }))
  expect(figures.packets).toBeLessThanOrEqual(3)
})

test(`fifty idle nodes share one question, so that traffic grows with their number only (seed ${SEED})`, async () => {
  const lan = new SimulatedLan(new Simulation(SEED))
  const nodes = Array.from({ length: 50 }, (_, i) => lan.node(i + 1))
  await lan.pass(10 * MINUTE_MS)
  const { packets, bytes } = lan
  await lan.pass(10 * MINUTE_MS)
  const figures = { packets: (lan.packets - packets) / 500, bytes: (lan.bytes - bytes) / 500 }
  console.log(JSON.stringify({ figure: 'mdns-idle-per-minute-and-node', nodes: 50, ...figures }))
  // Without sharing it would be fifty questions a minute, and fifty answers of each.
  expect(figures.packets).toBeLessThan(2)
  for (const node of nodes) expect(heardBy(node)).toHaveLength(49)
})

test(`a node hears nobody without a network, and hears when one comes (seed ${SEED})`, async () => {
  const lan = new SimulatedLan(new Simulation(SEED))
  const warnings: Error[] = []
  let isOnline = false
  const offline = lan.node(1, {
    interfaces: () => (isOnline ? { eth0: [interfaceAddress('10.0.0.1/24')] } : {}),
    addresses: () => (isOnline ? [`/ip4/10.0.0.1/tcp/1`] : []),
    onUnavailable: (error) => void warnings.push(error),
  })
  const other = lan.node(2)
  await lan.pass(MINUTE_MS)
  offline.ask()
  expect(heardBy(offline)).toEqual([])
  isOnline = true
  await lan.pass(5_500)
  expect(heardBy(offline)).toEqual([peerOf(2)])
  expect(heardBy(other)).toEqual([peerOf(1)])
  isOnline = false
  await lan.pass(5_500)
  expect(lan.members).toBe(1)
  expect(warnings).toEqual([])
})

test.each(['ENODEV', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EINVAL'])(
  `a socket that fails with %s is opened again, quietly (seed ${SEED})`,
  async (code) => {
    const lan = new SimulatedLan(new Simulation(SEED))
    const warnings: Error[] = []
    let opened = 0
    const node = lan.node(1, {
      open: (network, handler) => {
        opened++
        return lan.open('10.0.0.1', opened < 4 ? systemError(code) : undefined)(network, handler)
      },
      onUnavailable: (error) => void warnings.push(error),
    })
    lan.node(2)
    await lan.pass(10_000)
    expect(heardBy(node)).toEqual([])
    await lan.pass(10_000)
    expect(heardBy(node)).toEqual([peerOf(2)])
    expect(opened).toBe(4)
    expect(warnings).toEqual([])
  },
)

test(`a port that another program keeps is told of once (seed ${SEED})`, async () => {
  const lan = new SimulatedLan(new Simulation(SEED))
  const warnings: Error[] = []
  lan.node(1, {
    open: lan.open('10.0.0.1', systemError('EADDRINUSE')),
    onUnavailable: (error) => void warnings.push(error),
  })
  await lan.pass(MINUTE_MS)
  expect(warnings).toHaveLength(1)
})

test(`a system that does not tell its interfaces ends nothing (seed ${SEED})`, async () => {
  const lan = new SimulatedLan(new Simulation(SEED))
  const node = lan.node(1, {
    interfaces: () => {
      throw systemError('EACCES')
    },
  })
  await lan.pass(MINUTE_MS)
  expect(heardBy(node)).toEqual([])
  expect(lan.packets).toBe(0)
})

test(`a node that listens on the loopback alone says nothing to the network (seed ${SEED})`, async () => {
  const lan = new SimulatedLan(new Simulation(SEED))
  lan.node(1, { addresses: () => ['/ip4/127.0.0.1/tcp/1'] })
  await lan.pass(MINUTE_MS)
  expect([lan.packets, lan.members]).toEqual([0, 0])
})

test(`a node with a new port says so (seed ${SEED})`, async () => {
  const lan = new SimulatedLan(new Simulation(SEED))
  let port = 1
  lan.node(1, { addresses: () => [`/ip4/10.0.0.1/tcp/${port}`] })
  const other = lan.node(2)
  await lan.pass(MINUTE_MS)
  port = 2
  await lan.pass(5_500)
  expect(other.devices()[0]?.addresses).toEqual([`/ip4/10.0.0.1/tcp/2/p2p/${peerOf(1)}`])
})

test(`a stranger who floods from one address leaves room for the packets of others (seed ${SEED})`, async () => {
  const lan = new SimulatedLan(new Simulation(SEED))
  const node = lan.node(1)
  for (let i = 0; i < 5_000; i++) {
    const peerId = peerOf(1_000 + i)
    lan.send('10.0.0.66', encodeAnnouncement('x', [`/ip4/10.0.0.66/tcp/1/p2p/${peerId}`], 120))
  }
  lan.send('10.0.0.2', encodeAnnouncement('x', [`/ip4/10.0.0.2/tcp/1/p2p/${peerOf(2)}`], 120))
  await lan.pass(10)
  expect(heardBy(node)).toContain(peerOf(2))
  expect(heardBy(node)).toHaveLength(17)
})

test(`after it stopped a node neither sends nor hears (seed ${SEED})`, async () => {
  const lan = new SimulatedLan(new Simulation(SEED))
  const node = lan.node(1)
  await lan.pass(1_000)
  await node.stop()
  const { packets } = lan
  lan.node(2, { addresses: () => [] })
  node.ask()
  await lan.pass(MINUTE_MS)
  expect(lan.packets - packets).toBeLessThan(10)
  expect(heardBy(node)).toEqual([])
})
