import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { PeerId, PeerInfo } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { sha256 } from '../../../src/content/cid.ts'
import type { Answer } from '../../../src/network/dht/kad-messages.ts'
import { WIDE_LIMITS } from '../../../src/network/dht/limits.ts'
import { PeerSubnets } from '../../../src/network/dht/peer-subnets.ts'
import { WideLookup, type WideLookupInit } from '../../../src/network/dht/wide-lookup.ts'

const TARGET = sha256(Buffer.from('target'))
const NEVER = new AbortController().signal

/** Peers, the closest to the target first. */
async function peersByDistance(count: number): Promise<PeerId[]> {
  const place = sha256(TARGET)
  const peers = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const seed = sha256(Buffer.from(`peer ${i}`))
      return peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', seed))
    }),
  )
  const distance = (id: PeerId): Uint8Array =>
    sha256(id.toMultihash().bytes).map((byte, i) => byte ^ (place[i] as number))
  return peers
    .map((id) => ({ id, distance: distance(id) }))
    .toSorted((a, b) => Buffer.compare(a.distance, b.distance))
    .map(({ id }) => id)
}

interface World {
  /** Where each really is; who is missing does not answer. */
  readonly addresses: ReadonlyMap<string, string>
  readonly named: (peer: PeerId) => readonly PeerInfo[]
}

function lookup(
  world: World,
  init: Partial<WideLookupInit> & Pick<WideLookupInit, 'starts'>,
): { found: Promise<PeerId[]>; asked: string[]; mostAtOnce: () => number } {
  const connected = new Set<string>()
  const asked: string[] = []
  let [running, most] = [0, 0]
  const subnets = new PeerSubnets({
    addressesOf: (id) => (connected.has(id.toString()) ? [world.addresses.get(id.toString()) as string] : []),
    isExempt: () => false,
  })
  const ask = async ({ id }: PeerInfo): Promise<Answer | undefined> => {
    asked.push(id.toString())
    most = Math.max(most, ++running)
    await new Promise((resolve) => setImmediate(resolve))
    running--
    if (!world.addresses.has(id.toString())) return undefined
    connected.add(id.toString())
    return { closer: world.named(id), providers: [] }
  }
  const found = new WideLookup({ target: TARGET, k: 4, ownPeerId: '', subnets, ask, ...init }).run(NEVER)
  return { found, asked, mostAtOnce: () => most }
}

const at = (id: PeerId, address: string): PeerInfo => ({ id, multiaddrs: [multiaddr(address)] })
const ids = (peers: readonly PeerId[]): string[] => peers.map(String)

test('where no subnet has more than its share the k closest are found', async () => {
  const peers = await peersByDistance(12)
  const addresses = new Map(peers.map((id, i) => [id.toString(), `/ip4/192.0.${i}.1/tcp/1`]))
  const named = (): PeerInfo[] => peers.map((id) => at(id, addresses.get(id.toString()) as string))
  const { found } = lookup({ addresses, named }, { starts: peers.slice(-1) })
  expect(ids(await found)).toEqual(ids(peers.slice(0, 4)))
})

test('two of a subnet count, whatever addresses they are named with, and then twice as many are wanted', async () => {
  const peers = await peersByDistance(20)
  const sybils = peers.slice(0, 10)
  const honest = peers.slice(10)
  const addresses = new Map([
    ...sybils.map((id, i) => [id.toString(), `/ip4/203.0.113.${i}/tcp/1`] as const),
    ...honest.map((id, i) => [id.toString(), `/ip4/192.0.${i}.1/tcp/1`] as const),
  ])
  const named = (): PeerInfo[] => peers.map((id, i) => at(id, `/ip4/198.51.${i}.1/tcp/1`))
  const { found } = lookup({ addresses, named }, { starts: honest.slice(-1) })
  const result = ids(await found)
  expect(result.filter((id) => ids(sybils).includes(id))).toHaveLength(2)
  expect(result.filter((id) => ids(honest).includes(id))).toEqual(ids(honest.slice(0, 6)))
})

test('who is gone as soon as it answered counts for one subnet with all such', async () => {
  const peers = await peersByDistance(12)
  const addresses = new Map(peers.map((id, i) => [id.toString(), `/ip4/192.0.${i}.1/tcp/1`]))
  const named = (): PeerInfo[] => peers.map((id) => at(id, addresses.get(id.toString()) as string))
  const subnets = new PeerSubnets({ addressesOf: () => [], isExempt: () => false })
  const { found } = lookup({ addresses, named }, { starts: peers, subnets })
  expect(await found).toHaveLength(WIDE_LIMITS.maxPerSubnet)
})

test('a liar with invented peers, all closer than anybody, neither hides honest ones nor costs more than the limit', async () => {
  const peers = await peersByDistance(400)
  const invented = peers.slice(0, 380)
  const [liar, ...honest] = peers.slice(380) as [PeerId, ...PeerId[]]
  const addresses = new Map(
    [liar, ...honest].map((id, i) => [id.toString(), `/ip4/192.0.${i}.1/tcp/1`] as const),
  )
  let turn = 0
  const named = (id: PeerId): PeerInfo[] => {
    if (!id.equals(liar)) return honest.map((peer) => at(peer, addresses.get(peer.toString()) as string))
    turn += 20
    return invented.slice(turn - 20, turn).map((peer, i) => at(peer, `/ip4/198.51.${i}.1/tcp/1`))
  }
  const { found, asked, mostAtOnce } = lookup(
    { addresses, named },
    { starts: [liar, honest.at(-1) as PeerId] },
  )
  const result = ids(await found)
  expect(result).toEqual(ids([liar, ...honest.slice(0, 3)]))
  expect(asked.length).toBeLessThanOrEqual(WIDE_LIMITS.maxAsked)
  expect(mostAtOnce()).toBeLessThanOrEqual(WIDE_LIMITS.maxConcurrent)
  expect(new Set(asked).size).toBe(asked.length)
})

test('peers without end are asked no longer than the limit', async () => {
  const peers = (await peersByDistance(300)).toReversed()
  const addresses = new Map(peers.map((id, i) => [id.toString(), `/ip4/10.${i >> 8}.${i & 255}.1/tcp/1`]))
  const named = (id: PeerId): PeerInfo[] => {
    const next = peers.findIndex((peer) => peer.equals(id)) + 1
    return peers.slice(next, next + 1).map((peer) => at(peer, addresses.get(peer.toString()) as string))
  }
  const { found, asked } = lookup({ addresses, named }, { starts: peers.slice(0, 1) })
  await found
  expect(asked).toHaveLength(WIDE_LIMITS.maxAsked)
})

test('the first asked are of as many subnets as there are', async () => {
  const peers = await peersByDistance(40)
  const address = (i: number): string => (i < 20 ? '/ip4/203.0.113.1/tcp/1' : `/ip4/192.0.${i}.1/tcp/1`)
  const subnets = new PeerSubnets({
    addressesOf: (id) => [address(peers.findIndex((peer) => peer.equals(id)))],
    isExempt: () => false,
  })
  const { found, asked } = lookup({ addresses: new Map(), named: () => [] }, { starts: peers, subnets })
  await found
  expect(asked.slice(0, WIDE_LIMITS.maxConcurrent)).toEqual(
    ids([peers[0] as PeerId, ...peers.slice(20, 20 + WIDE_LIMITS.maxConcurrent - 1)]),
  )
})
