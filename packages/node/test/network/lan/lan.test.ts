/** The whole of it between real nodes: real multicast on the loopback, on a port of the test's own, and who-has. */
import { createSocket } from 'node:dgram'
import type { Libp2p } from '@libp2p/interface'
import { expect, onTestFinished, test, vi } from 'vitest'
import { sha256 } from '../../../src/content/cid.ts'
import { QUESTION, encodeAnnouncement } from '../../../src/network/lan/announcement.ts'
import { startLan, type Lan, type LanWarning } from '../../../src/network/lan/lan.ts'
import { localNetworks } from '../../../src/network/lan/local-networks.ts'
import { systemMulticast } from '../../../src/network/lan/multicast.ts'
import type { Candidate } from '../../../src/network/provider-source.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { loopbackNode } from './libp2p-node.ts'
import { Mutator } from '../../helpers/mutate.ts'
import { interfaceAddress, peerOf } from './names.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

const digest = sha256(Buffer.from('digest'))
const WAIT = { timeout: 8_000, interval: 20 }

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  return port
}

async function startNode(
  port: number,
  isServed: (digest: Uint8Array) => boolean = () => false,
): Promise<{ libp2p: Libp2p; lan: Lan; warnings: LanWarning[] }> {
  const libp2p = await loopbackNode()
  const warnings: LanWarning[] = []
  const lan = await startLan({
    libp2p,
    preset: 'private',
    seams: systemSeams,
    isServed,
    onWarning: (warning) => void warnings.push(warning),
    interfaces: () => ({ lo: [interfaceAddress('127.0.0.1/8')] }),
    multicast: systemMulticast(port),
  })
  onTestFinished(() => lan.stop())
  return { libp2p, lan, warnings }
}

async function firstOf(found: AsyncIterable<Candidate>): Promise<Candidate | undefined> {
  for await (const candidate of found) return candidate
  return undefined
}

test('three nodes on one machine hear of each other, and the one that has a content is found', async () => {
  const port = await freePort()
  const fetcher = await startNode(port)
  const idle = await startNode(port)
  const sharer = await startNode(port, (asked) => Buffer.compare(asked, digest) === 0)
  const search = new AbortController()
  const found = await firstOf(fetcher.lan.source.find(digest, search.signal))
  expect(found?.peerId).toBe(sharer.libp2p.peerId.toString())
  expect(found?.addresses).toEqual(sharer.libp2p.getMultiaddrs().map(String))
  await vi.waitFor(() => {
    for (const { lan } of [fetcher, idle, sharer]) expect(lan.devices()).toHaveLength(2)
  }, WAIT)
  // Whoever was heard of is dialled only while something is looked for.
  expect(idle.libp2p.getConnections().filter(({ direction }) => direction === 'outbound')).toEqual([])
  const known = (await idle.libp2p.peerStore.all()).map(({ id }) => id.toString())
  expect(known).not.toContain(sharer.libp2p.peerId.toString())
  await sharer.lan.stop()
  await vi.waitFor(() => expect(fetcher.lan.devices()).toHaveLength(1), WAIT)
  expect([fetcher, idle, sharer].flatMap(({ warnings }) => warnings)).toEqual([])
})

test('a device that comes while a search lasts is found', async () => {
  const port = await freePort()
  const fetcher = await startNode(port)
  const search = new AbortController()
  const found = firstOf(fetcher.lan.source.find(digest, search.signal))
  const sharer = await startNode(port, () => true)
  expect((await found)?.peerId).toBe(sharer.libp2p.peerId.toString())
})

test('a packet from another port than that of multicast DNS is neither heard nor answered', async () => {
  const port = await freePort()
  const node = await startNode(port)
  const stranger = createSocket({ type: 'udp4', reuseAddr: true })
  onTestFinished(() => void stranger.close())
  await new Promise<void>((resolve) => stranger.bind(0, '127.0.0.1', resolve))
  stranger.setMulticastInterface('127.0.0.1')
  const packet = encodeAnnouncement('x', [`/ip4/127.0.0.1/tcp/1/p2p/${peerOf(1)}`], 120)
  await new Promise<void>((resolve) => stranger.send(packet, port, '224.0.0.251', () => resolve()))
  // Heard after the stranger, so that its packet was seen by then.
  const other = await startNode(port)
  await vi.waitFor(() => expect(node.lan.devices()).toHaveLength(1), WAIT)
  expect(node.lan.devices()[0]?.peerId).toBe(other.libp2p.peerId.toString())
})

test(`garbage and made-up devices on the network do not keep a device from being found (seed ${SEED})`, async () => {
  const port = await freePort()
  const fetcher = await startNode(port)
  const hostile = createSocket({ type: 'udp4', reuseAddr: true })
  onTestFinished(() => void hostile.close())
  await new Promise<void>((resolve) => hostile.bind(port, '127.0.0.1', resolve))
  hostile.setMulticastInterface('127.0.0.1')
  const mutator = new Mutator(SEED)
  const packetOf = (i: number): Uint8Array => {
    const real = encodeAnnouncement('x', [`/ip4/127.0.0.1/tcp/1/p2p/${peerOf(i)}`], 120)
    return i % 2 === 0 ? real : mutator.mutate([real, QUESTION])
  }
  for (let i = 0; i < 3_000; i++) {
    const packet = packetOf(i)
    if (packet.byteLength === 0) continue
    await new Promise<void>((resolve) => hostile.send(packet, port, '224.0.0.251', () => resolve()))
  }
  expect(fetcher.lan.devices().length).toBeLessThanOrEqual(16)
  // All of them are on one machine here; on a network the sharer would have a source, and so a share, of its own.
  await vi.waitFor(async () => {
    const sharer = await startNode(port, () => true)
    const found = await firstOf(fetcher.lan.source.find(digest, AbortSignal.timeout(3_000)))
    expect(found?.peerId).toBe(sharer.libp2p.peerId.toString())
  }, WAIT)
})

test('who keeps the port to itself is told of once, and nothing else fails', async () => {
  const port = await freePort()
  const greedy = createSocket({ type: 'udp4' })
  onTestFinished(() => void greedy.close())
  await new Promise<void>((resolve) => greedy.bind(port, '0.0.0.0', resolve))
  const node = await startNode(port)
  await vi.waitFor(
    () => expect(node.warnings.map(({ code }) => code)).toEqual(['WARN_LAN_UNAVAILABLE']),
    WAIT,
  )
  const search = AbortSignal.timeout(100)
  expect(await firstOf(node.lan.source.find(digest, search))).toBeUndefined()
})

test('a socket that is closed as soon as it was opened ends, also where the port is taken', async () => {
  const port = await freePort()
  const [network] = localNetworks('private', { lo: [interfaceAddress('127.0.0.1/8')] })
  if (network === undefined) throw new Error('the loopback is a network here')
  const handler = { onPacket: () => {}, onFailure: () => {} }
  await systemMulticast(port)(network, handler).close()
  const greedy = createSocket({ type: 'udp4' })
  onTestFinished(() => void greedy.close())
  await new Promise<void>((resolve) => greedy.bind(port, '0.0.0.0', resolve))
  await systemMulticast(port)(network, handler).close()
})
