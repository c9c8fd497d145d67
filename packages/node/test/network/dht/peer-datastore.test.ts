import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId, PeerStore } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { beforeAll, describe, expect, test } from 'vitest'
import { PeerDatastore, type PeerDatastoreLimits } from '../../../src/network/dht/peer-datastore.ts'

const PEERS = 60
let ids: PeerId[]
beforeAll(async () => {
  ids = await Promise.all(
    Array.from({ length: PEERS }, async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))),
  )
})

interface World {
  readonly store: PeerStore
  readonly datastore: PeerDatastore
  readonly needed: Set<string>
  forward: (ms: number) => void
}

/** libp2p's own peer store over our datastore. */
async function world(limits: Partial<PeerDatastoreLimits> = {}): Promise<World> {
  let nowMs = 0
  const needed = new Set<string>()
  const datastore = new PeerDatastore({
    clock: { now: () => nowMs, monotonic: () => nowMs },
    isNeeded: (peerId) => needed.has(peerId),
    limits,
  })
  const { peerStore } = await createLibp2p({
    start: false,
    datastore,
    peerStore: { maxAddressAge: Infinity, maxPeerAge: Infinity },
  })
  return { store: peerStore, datastore, needed, forward: (ms) => void (nowMs += ms) }
}

const address = (number: number): ReturnType<typeof multiaddr> =>
  multiaddr(`/ip4/192.0.2.${number % 250}/tcp/${1_000 + number}`)

async function known({ store }: World): Promise<PeerId[]> {
  const has = await Promise.all(ids.map((id) => store.has(id)))
  return ids.filter((_, i) => has[i])
}

test('what libp2p writes it reads again', async () => {
  const { store } = await world()
  const id = ids[0] as PeerId
  await store.merge(id, { multiaddrs: [address(1)], protocols: ['/a'], tags: { t: { value: 7 } } })
  const peer = await store.get(id)
  expect(peer.addresses.map(({ multiaddr: text }) => text.toString())).toEqual([address(1).toString()])
  expect([peer.protocols, peer.tags.get('t')?.value]).toEqual([['/a'], 7])
  expect((await store.all()).map((other) => other.id.toString())).toEqual([id.toString()])
  await store.delete(id)
  await expect(store.get(id)).rejects.toMatchObject({ name: 'NotFoundError' })
})

describe('addresses', () => {
  test('of one peer are bounded, the newest stay', async () => {
    const { store } = await world({ maxAddressesPerPeer: 4 })
    const id = ids[0] as PeerId
    for (let i = 0; i < 10; i++) {
      await store.merge(id, { multiaddrs: [address(i)] })
      // The moment of an address has milliseconds.
      const startMs = Date.now()
      while (Date.now() === startMs);
    }
    const kept = (await store.get(id)).addresses.map(({ multiaddr: text }) => text.toString())
    expect(kept.toSorted()).toEqual([6, 7, 8, 9].map((i) => address(i).toString()))
  })

  test('that a peer signed are not pushed out by what others say of it', async () => {
    const { store } = await world({ maxAddressesPerPeer: 4 })
    const id = ids[0] as PeerId
    await store.patch(id, { addresses: [{ multiaddr: address(1), isCertified: true }] })
    await store.merge(id, { multiaddrs: Array.from({ length: 100 }, (_, i) => address(100 + i)) })
    const { addresses } = await store.get(id)
    expect(addresses).toHaveLength(4)
    expect(
      addresses.filter(({ isCertified }) => isCertified).map(({ multiaddr: text }) => text.toString()),
    ).toEqual([address(1).toString()])
  })
})

describe('when it is full', () => {
  test('the peer that nothing was heard of for longest goes', async () => {
    const here = await world({ maxPeers: 10 })
    for (const id of ids.slice(0, 10)) await here.store.merge(id, { multiaddrs: [address(1)] })
    await here.store.merge(ids[0] as PeerId, { multiaddrs: [address(2)] })
    await here.store.merge(ids[10] as PeerId, { multiaddrs: [address(1)] })
    expect(await known(here)).toEqual([ids[0], ...ids.slice(2, 11)])
    expect(here.datastore.size).toBe(10)
  })

  test('those that are needed are passed over', async () => {
    const here = await world({ maxPeers: 10 })
    for (const id of ids.slice(0, 5)) here.needed.add(id.toString())
    for (const id of ids) await here.store.merge(id, { multiaddrs: [address(1)] })
    expect(await known(here)).toEqual([...ids.slice(0, 5), ...ids.slice(-5)])
  })

  test('of those that are all needed, too many still are not kept', async () => {
    const here = await world({ maxPeers: 10, evictionScan: 4 })
    for (const id of ids) here.needed.add(id.toString())
    for (const id of ids) await here.store.merge(id, { multiaddrs: [address(1)] })
    expect(here.datastore.size).toBe(10)
  })

  test('bytes count as well as peers', async () => {
    const here = await world({ maxBytes: 4_000, maxBytesPerPeer: 2_000 })
    const metadata = { agent: new Uint8Array(900) }
    for (const id of ids.slice(0, 6)) await here.store.merge(id, { metadata })
    expect(await known(here)).toEqual(ids.slice(2, 6))
    expect(here.datastore.bytes).toBeLessThanOrEqual(4_000)
    await here.store.merge(ids[7] as PeerId, { metadata: { agent: new Uint8Array(2_001) } })
    expect(await known(here)).toEqual(ids.slice(2, 6))
  })
})

test('a peer that nothing was heard of for its age is forgotten', async () => {
  const here = await world({ maxAgeMs: 1_000 })
  const id = ids[0] as PeerId
  await here.store.merge(id, { multiaddrs: [address(1)] })
  here.forward(1_000)
  await here.store.merge(id, { multiaddrs: [address(1)] })
  here.forward(1_000)
  expect((await here.store.get(id)).addresses).toHaveLength(1)
  here.forward(1)
  expect(await here.store.has(id)).toBe(false)
  expect([here.datastore.size, here.datastore.bytes]).toEqual([0, 0])
})
