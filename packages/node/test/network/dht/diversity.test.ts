import { createHash } from 'node:crypto'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { PeerId } from '@libp2p/interface'
import { kadDHT, passthroughMapper, type KadDHT } from '@libp2p/kad-dht'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { createLibp2p } from 'libp2p'
import { beforeAll, describe, expect, test } from 'vitest'
import { Closeness } from '../../../src/network/dht/closeness.ts'
import { Diversity } from '../../../src/network/dht/diversity.ts'
import { PeerSubnets } from '../../../src/network/dht/peer-subnets.ts'
import { tableOf, type Bucket, type Buckets, type TablePeer } from '../../../src/network/dht/kad-table.ts'
import { subnetOf } from '../../../src/network/dht/subnets.ts'

const PEERS = 120
const LIMITS = { maxPerBucket: 2, maxPerTable: 5 }
let peers: TablePeer[]
beforeAll(async () => {
  peers = await Promise.all(
    Array.from({ length: PEERS }, async () => {
      const peerId = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
      const kadId = new Uint8Array(createHash('sha256').update(peerId.toMultihash().bytes).digest())
      return { peerId, kadId }
    }),
  )
})

test.each([
  ['/ip4/192.0.2.77/tcp/1', '192.0.2.0/24'],
  ['/ip4/192.0.2.1/tcp/1/p2p/x/p2p-circuit', '192.0.2.0/24'],
  ['/ip6/2001:db8:1:2::1/tcp/1', '2001:db8:1::/48'],
  ['/ip6/2001:0DB8:0001:ffff:0:0:0:1/tcp/1', '2001:db8:1::/48'],
  ['/ip6/2001:db8::1/tcp/1', '2001:db8:0::/48'],
  ['/ip6/::1/tcp/1', '0:0:0::/48'],
  ['/ip6/::ffff:192.0.2.9/tcp/1', '192.0.2.0/24'],
  ['/dns4/example.org/tcp/1', undefined],
  ['/ip4/300.0.0.1/tcp/1', undefined],
  ['', undefined],
])('the subnet of %s is %s', (address, subnet) => {
  expect(subnetOf(address)).toBe(subnet)
})

describe('with buckets of a test', () => {
  /** One bucket for ids that begin with 0, one for those that begin with 1. */
  function halves(): { buckets: Buckets; members: Map<string, TablePeer> } {
    const members = new Map<string, TablePeer>()
    const nameOf = (kadId: Uint8Array): string => Buffer.from(kadId).toString('hex')
    const leaf: Bucket = {}
    return {
      members,
      buckets: {
        root: { left: leaf, right: leaf },
        verify: () => Promise.resolve(true),
        get: (kadId) => members.get(nameOf(kadId)),
      },
    }
  }

  const inHalf = (half: 0 | 1): TablePeer[] => peers.filter(({ kadId }) => (kadId[0] as number) >> 7 === half)

  test('few of a subnet are in each bucket and in the table', () => {
    const { buckets } = halves()
    const diversity = new Diversity(buckets, {
      clock: { now: () => 0, monotonic: () => 0 },
      subnets: new PeerSubnets({ addressesOf: () => ['/ip4/192.0.2.1/tcp/1'], isExempt: () => false }),
      limits: { maxPerBucket: 2, maxPerTable: 3 },
    })
    const admitted = (half: 0 | 1): number => inHalf(half).filter((peer) => diversity.admits(peer)).length
    expect([admitted(0), admitted(1)]).toEqual([2, 1])
  })

  test('a peer that left makes room, and so does one that never got in', () => {
    const { buckets, members } = halves()
    let nowMs = 0
    const diversity = new Diversity(buckets, {
      clock: { now: () => nowMs, monotonic: () => nowMs },
      subnets: new PeerSubnets({ addressesOf: () => ['/ip4/192.0.2.1/tcp/1'], isExempt: () => false }),
      limits: LIMITS,
    })
    const [first, second, third, fourth, fifth] = inHalf(0) as [
      TablePeer,
      TablePeer,
      TablePeer,
      TablePeer,
      TablePeer,
    ]
    expect([first, second, third].map((peer) => diversity.admits(peer))).toEqual([true, true, false])
    expect(diversity.admits(first)).toBe(true)
    members.set(Buffer.from(first.kadId).toString('hex'), first)
    diversity.removed(second.peerId)
    expect([third, fourth].map((peer) => diversity.admits(peer))).toEqual([true, false])
    nowMs = 60_000
    expect([fourth, fifth].map((peer) => diversity.admits(peer))).toEqual([true, false])
  })

  test('exempt addresses do not count', () => {
    const diversity = new Diversity(halves().buckets, {
      clock: { now: () => 0, monotonic: () => 0 },
      subnets: new PeerSubnets({
        addressesOf: () => ['/ip4/127.0.0.1/tcp/1'],
        isExempt: (address) => address.startsWith('/ip4/127.'),
      }),
      limits: LIMITS,
    })
    expect(peers.every((peer) => diversity.admits(peer))).toBe(true)
  })
})

describe('with the buckets of kad-dht', () => {
  /** A table of kad-dht whose peers all answer, each at the address that `addressOf` says. */
  async function table(
    addressOf: (index: number) => string,
  ): Promise<{ kad: KadDHT; counts: () => number[] }> {
    const libp2p = await createLibp2p({
      start: false,
      services: {
        ping: ping(),
        identify: identify(),
        dht: kadDHT({ protocol: '/test/kad/1.0.0', peerInfoMapper: passthroughMapper }),
      },
    })
    const kad = libp2p.services.dht
    const { kb } = tableOf(kad)
    kb.verify = () => Promise.resolve(true)
    const index = new Map(peers.map(({ peerId }, i) => [peerId.toString(), i]))
    const subnet = (peerId: PeerId): string => addressOf(index.get(peerId.toString()) as number)
    const diversity = new Diversity(kb, {
      clock: { now: () => 0, monotonic: () => 0 },
      subnets: new PeerSubnets({ addressesOf: (peerId) => [subnet(peerId)], isExempt: () => false }),
      limits: LIMITS,
    })
    tableOf(kad).addEventListener('peer:remove', ({ detail }) => diversity.removed(detail))
    const add = (kb as unknown as { add: (peerId: PeerId) => Promise<void> }).add.bind(kb)
    await Promise.all(peers.map(({ peerId }) => add(peerId)))
    const counts = (): number[] => leaves(kb.root).map((leaf) => leaf.length)
    return { kad, counts }
  }

  function leaves(bucket: Bucket): TablePeer[][] {
    if (bucket.left === undefined || bucket.right === undefined)
      return [(bucket as { peers: TablePeer[] }).peers]
    return [...leaves(bucket.left), ...leaves(bucket.right)]
  }

  test('peers of one subnet do not fill the table, even when all come at once', async () => {
    const { kad } = await table((i) => (i < 100 ? '/ip4/192.0.2.1/tcp/1' : `/ip4/198.51.${i}.1/tcp/1`))
    const { kb } = tableOf(kad)
    const sybils = new Set(peers.slice(0, 100).map(({ peerId }) => peerId.toString()))
    const inBuckets = leaves(kb.root).map(
      (leaf) => leaf.filter(({ peerId }) => sybils.has(peerId.toString())).length,
    )
    expect(Math.max(...inBuckets)).toBeLessThanOrEqual(LIMITS.maxPerBucket)
    expect(inBuckets.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(LIMITS.maxPerTable)
    expect([...kb.toIterable()].length).toBe(20 + inBuckets.reduce((sum, count) => sum + count, 0))
  })

  test('peers of many subnets all get in, as they would without', async () => {
    const { counts } = await table((i) => `/ip4/198.51.${i}.1/tcp/1`)
    expect(counts().length).toBeGreaterThan(1)
    expect(counts().reduce((sum, count) => sum + count, 0)).toBe(PEERS)
  })

  test('a record is taken by the closest nodes and by no other', async () => {
    const { kad } = await table((i) => `/ip4/198.51.${i}.1/tcp/1`)
    const kadIds = (): Uint8Array[] => [...tableOf(kad).kb.toIterable()].map(({ kadId }) => kadId)
    const key = Uint8Array.from([0x12, 0x20, ...createHash('sha256').update('a key').digest()])
    const place = createHash('sha256').update(key).digest()
    const distance = (kadId: Uint8Array): bigint =>
      BigInt(`0x${Buffer.from(kadId.map((byte, i) => byte ^ (place[i] as number))).toString('hex')}`)
    const sorted = peers.toSorted((a, b) => (distance(a.kadId) < distance(b.kadId) ? -1 : 1))
    // Each peer in turn as the node itself; it is then in its own table too, which adds nobody closer.
    const accepts = sorted.map(({ peerId }) =>
      new Closeness(peerId.toMultihash().bytes, { kadIds, onChange: () => {} }, 20).isClose(key),
    )
    expect(accepts).toEqual(sorted.map((_, rank) => rank < 20))
    const few = { kadIds: () => kadIds().slice(0, 19), onChange: () => {} }
    expect(new Closeness((sorted.at(-1) as TablePeer).peerId.toMultihash().bytes, few, 20).isClose(key)).toBe(
      true,
    )
  })
})
