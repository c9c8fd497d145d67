import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import type { QueryEvent } from '@libp2p/kad-dht'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { cidOf, RAW } from '../../../src/content/cid.ts'
import { DhtSource, type DhtSourceInit } from '../../../src/network/dht/dht-source.ts'
import { SEARCH_LIMITS } from '../../../src/network/dht/limits.ts'
import { KnownPeers } from '../../../src/network/dht/known-peers.ts'
import type { Candidate } from '../../../src/network/provider-source.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { digestOf } from '../../helpers/dht-net.ts'

const KEY = digestOf(1)
const NEVER = new AbortController().signal

async function peer(): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

const address = (number: number): string => `/ip4/192.0.2.1/tcp/${number}`

function provider(id: PeerId, ...addresses: string[]): QueryEvent {
  return {
    name: 'PROVIDER',
    providers: [{ id, multiaddrs: addresses.map((text) => multiaddr(text)) }],
  } as unknown as QueryEvent
}

function finalPeer(id: PeerId, ...addresses: string[]): QueryEvent {
  return {
    name: 'FINAL_PEER',
    peer: { id, multiaddrs: addresses.map((text) => multiaddr(text)) },
  } as unknown as QueryEvent
}

interface Table {
  readonly findProviders?: (key: CID, signal: AbortSignal) => AsyncIterable<QueryEvent>
  readonly findPeer?: (id: PeerId, useCache: boolean | undefined) => AsyncIterable<QueryEvent>
}

async function* nothing(): AsyncGenerator<QueryEvent> {}

function sourceOf(table: Table, init: Partial<DhtSourceInit> = {}): DhtSource {
  return new DhtSource({
    kad: () => ({
      findProviders: (key, options) =>
        table.findProviders?.(key, options?.signal as AbortSignal) ?? nothing(),
      findPeer: (id, options) => table.findPeer?.(id, options?.useCache) ?? nothing(),
    }),
    whenPeers: () => Promise.resolve(),
    hasPeers: () => true,
    ownPeerId: () => undefined,
    mayUse: () => true,
    timers: systemSeams.timers,
    ...init,
  })
}

async function all(source: DhtSource, signal = NEVER): Promise<Candidate[]> {
  const found: Candidate[] = []
  for await (const candidate of source.find(KEY, signal)) found.push(candidate)
  return found
}

test('the key is the digest as a raw CID, and each provider is told once with its id', async () => {
  const alice = await peer()
  let asked: CID | undefined
  const source = sourceOf({
    findProviders: async function* (key) {
      asked = key
      yield provider(alice, address(1), `${address(2)}/p2p/${alice.toString()}`)
      yield provider(alice, address(3))
    },
  })
  const suffix = `/p2p/${alice.toString()}`
  expect(await all(source)).toEqual([
    { peerId: alice.toString(), addresses: [`${address(1)}${suffix}`, `${address(2)}${suffix}`] },
  ])
  expect(asked?.equals(cidOf(RAW, KEY))).toBe(true)
})

test('candidates come before the search ended, and leaving ends it', async () => {
  const alice = await peer()
  let ended: AbortSignal | undefined
  const source = sourceOf({
    findProviders: async function* (_key, signal) {
      ended = signal
      yield provider(alice, address(1))
      await new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      )
    },
  })
  for await (const candidate of source.find(KEY, NEVER)) {
    expect(candidate.peerId).toBe(alice.toString())
    expect(ended?.aborted).toBe(false)
    break
  }
  expect(ended?.aborted).toBe(true)
})

test('a provider without addresses, or with none that may be used, is looked up on the network', async () => {
  const [alice, bob, carol] = [await peer(), await peer(), await peer()]
  const source = sourceOf(
    {
      findProviders: async function* () {
        yield provider(alice)
        yield provider(bob, '/ip4/127.0.0.1/tcp/1')
        yield provider(carol)
      },
      findPeer: async function* (id, useCache) {
        expect(useCache).toBe(false)
        if (id.equals(alice)) yield finalPeer(alice, address(1))
        if (id.equals(bob)) {
          yield finalPeer(bob, '/ip4/127.0.0.1/tcp/1')
          yield finalPeer(bob, address(2))
        }
        if (id.equals(carol)) throw new Error('not found')
      },
    },
    { mayUse: (text) => !text.startsWith('/ip4/127.') },
  )
  const found = await all(source)
  expect(found.map(({ peerId }) => peerId).toSorted()).toEqual([alice, bob].map(String).toSorted())
  for (const { addresses } of found) expect(addresses).toHaveLength(1)
})

test('candidates and addresses of a search are bounded', async () => {
  const peers = await Promise.all(Array.from({ length: 100 }, peer))
  const many = Array.from({ length: 50 }, (_, i) => address(1_000 + i))
  const source = sourceOf({
    findProviders: async function* () {
      for (const id of peers) yield provider(id, ...many)
    },
  })
  const found = await all(source)
  expect(found).toHaveLength(SEARCH_LIMITS.maxCandidates)
  expect(found[0]?.addresses).toHaveLength(SEARCH_LIMITS.maxAddresses)
})

test('few providers are looked up at once', async () => {
  const peers = await Promise.all(Array.from({ length: 20 }, peer))
  let [running, most] = [0, 0]
  const source = sourceOf({
    findProviders: async function* () {
      for (const id of peers) yield provider(id)
    },
    findPeer: async function* (id) {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      yield finalPeer(id, address(1))
    },
  })
  expect(await all(source)).toHaveLength(20)
  expect(most).toBe(SEARCH_LIMITS.maxLookups)
})

test('this node is no candidate of its own', async () => {
  const [alice, self] = [await peer(), await peer()]
  const source = sourceOf(
    {
      findProviders: async function* () {
        yield provider(self, address(1))
        yield provider(alice, address(2))
      },
    },
    { ownPeerId: () => self.toString() },
  )
  expect((await all(source)).map(({ peerId }) => peerId)).toEqual([alice.toString()])
})

test('a table that fails, or that is not there, knows nobody', async () => {
  const failing = sourceOf({
    findProviders: () => {
      throw new Error('not started')
    },
    findPeer: () => {
      throw new Error('not started')
    },
  })
  expect(await all(failing)).toEqual([])
  expect(await failing.findAddresses((await peer()).toString(), NEVER)).toEqual([])
  expect(await failing.findAddresses('no peer id', NEVER)).toEqual([])
  expect(await all(sourceOf({}, { kad: () => undefined }))).toEqual([])
})

test('a search waits for the first peer of the table, and ends with its signal', async () => {
  const alice = await peer()
  const known = new KnownPeers()
  const table: Table = {
    findProviders: async function* () {
      yield provider(alice, address(1))
    },
  }
  const source = sourceOf(table, { whenPeers: (signal) => known.whenAny(signal) })
  const ending = new AbortController()
  const first = all(source, ending.signal)
  ending.abort()
  expect(await first).toEqual([])
  const second = all(source)
  expect([known.add('a'), known.add('b')]).toEqual([true, false])
  expect(await second).toHaveLength(1)
  known.delete('a')
  known.delete('b')
  expect(await all(source, AbortSignal.timeout(50))).toEqual([])
})

test('who is asked beside the own search is heard while that still waits, and after it failed', async () => {
  const [liar, alice] = [await peer(), await peer()]
  const told = async (findProviders: Table['findProviders']): Promise<string[]> => {
    const source = sourceOf(
      { findProviders },
      {
        wide: (target, _signal, onProviders) => {
          expect(target).toEqual(cidOf(RAW, KEY).multihash.bytes)
          onProviders([{ id: alice, multiaddrs: [multiaddr(address(2))] }], 'subnet')
          return Promise.resolve()
        },
      },
    )
    const found: string[] = []
    for await (const { peerId } of source.find(KEY, NEVER)) {
      found.push(peerId)
      if (peerId === alice.toString()) break
    }
    return found
  }
  const stalls = told(async function* (_key, signal) {
    yield provider(liar, address(1))
    await new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error)),
    )
  })
  expect(await stalls).toEqual([liar, alice].map(String))
  const fails = told(() => {
    throw new Error('broken')
  })
  expect(await fails).toEqual([alice.toString()])
})
