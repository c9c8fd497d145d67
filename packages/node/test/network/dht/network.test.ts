/** Networks of several nodes, in one process and on loopback. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { Bootstrap } from '../../../src/network/bootstrap.ts'
import { DHT_PRESETS, type DhtInit } from '../../../src/network/dht/dht.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { seededFloats } from '../../helpers/simulation.ts'
import { addressOf, digestOf, firstOf, join, startDhtNode, type DhtNode } from '../../helpers/dht-net.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? Date.now() % 1_000_000)
const NODES = 40
const GONE = 12
/** Until all know of many, on a machine that has six times as much to do as it can; else some ten seconds. */
const MET_MS = 300_000

async function node(init: Partial<DhtInit> = {}): Promise<DhtNode> {
  const started = await startDhtNode(init)
  onTestFinished(started.stop)
  return started
}

/** A node that knows one other, and goes back to it when the connection is lost, as that of a host does. */
async function joined(bootstrap: DhtNode, init: Partial<DhtInit> = {}): Promise<DhtNode> {
  const started = await node(init)
  const { libp2p } = started
  const address = addressOf(bootstrap.libp2p)
  await join(started, address)
  const kept = new Bootstrap({
    addresses: [address.toString()],
    dial: (_address, signal) => libp2p.dial(address, { signal }),
    isConnected: () => libp2p.getConnections(bootstrap.libp2p.peerId).length > 0,
    seams: systemSeams,
  })
  kept.start()
  onTestFinished(() => kept.stop())
  return started
}

async function announced({ dht }: DhtNode): Promise<void> {
  await vi.waitFor(() => expect(dht.announcer.waiting).toBe(0), 60_000)
}

test(`with ${GONE} of ${NODES} nodes gone what they held is found (seed ${SEED})`, async () => {
  const bootstrap = await node()
  const servers: DhtNode[] = []
  while (servers.length < NODES - 1) servers.push(await joined(bootstrap))
  await vi.waitFor(() => {
    for (const { dht } of servers) expect(dht.status.peers).toBeGreaterThan(NODES / 4)
  }, MET_MS)
  const alice = await joined(bootstrap, { mode: 'client' })
  await vi.waitFor(() => expect(alice.dht.status.peers).toBeGreaterThan(NODES / 4), MET_MS)
  const digests = Array.from({ length: 10 }, (_, i) => digestOf(i))
  for (const digest of digests) alice.dht.announcer.add(digest, 0)
  await announced(alice)

  const float = seededFloats(SEED)
  const leaving = servers
    .map((server) => ({ server, order: float() }))
    .toSorted((a, b) => a.order - b.order)
    .slice(0, GONE)
  await Promise.all(leaving.map(({ server }) => server.stop()))
  const bob = await joined(bootstrap, { mode: 'client' })
  for (const digest of digests) {
    expect((await firstOf(bob.dht.source, digest, 40_000))?.peerId).toBe(alice.libp2p.peerId.toString())
  }
}, 900_000)

test('the public configuration works in a private imitation: servers that are reached, clients that are not', async () => {
  // What differs from the public network: who is in it, and that loopback stands for the Internet.
  const imitation = { ...DHT_PRESETS.public, mayUse: () => true, isExempt: () => true }
  const reachable: Partial<DhtInit> = { ...imitation, mode: 'server' }
  const bootstrap = await node(reachable)
  await joined(bootstrap, reachable)
  await joined(bootstrap, reachable)
  const alice = await joined(bootstrap, imitation)
  alice.dht.announcer.add(digestOf(1), 0)
  await announced(alice)
  const bob = await joined(bootstrap, imitation)
  expect((await firstOf(bob.dht.source, digestOf(1)))?.addresses).toContain(
    addressOf(alice.libp2p).toString(),
  )
  expect([alice.dht.status.mode, bob.dht.status.mode]).toEqual(['client', 'client'])
  expect(alice.libp2p.getProtocols()).not.toContain(DHT_PRESETS.public.protocol)
  expect(bootstrap.libp2p.getProtocols()).toContain(DHT_PRESETS.public.protocol)
})

test.each([
  ['two', 'counts', 2],
  ['all', 'is exempt', 8],
])(
  'of 8 nodes at one address %s get into a public table where that address %s',
  async (_some, rule, most) => {
    const imitation: Partial<DhtInit> = {
      ...DHT_PRESETS.public,
      mode: 'server',
      mayUse: () => true,
      isExempt: () => rule === 'is exempt',
    }
    const bootstrap = await node(imitation)
    const sybils = await Promise.all(Array.from({ length: 8 }, () => joined(bootstrap, imitation)))
    for (const { dht } of sybils) await vi.waitFor(() => expect(dht.status.peers).toBeGreaterThan(0), 40_000)
    await vi.waitFor(() => expect(bootstrap.dht.status.peers).toBe(most), 40_000)
  },
)

test('a device that is known by its id alone is looked up', async () => {
  const bootstrap = await node()
  const alice = await joined(bootstrap)
  const bob = await joined(bootstrap)
  const signal = AbortSignal.timeout(20_000)
  const id = alice.libp2p.peerId.toString()
  expect(await bob.dht.source.findAddresses(id, signal)).toContain(addressOf(alice.libp2p).toString())
})
