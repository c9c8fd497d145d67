import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import type { KadDHT } from '@libp2p/kad-dht'
import type { DhtInit } from '../../../src/network/dht/dht.ts'
import { tableOf } from '../../../src/network/dht/kad-table.ts'
import {
  addressOf,
  digestOf,
  firstOf,
  shiftedSeams,
  startBare,
  startDhtNode,
  type DhtNode,
  type NodeOptions,
} from '../../helpers/dht-net.ts'

const HOUR_MS = 3_600_000
const KEY = digestOf(1)

async function bare(options: NodeOptions = {}): ReturnType<typeof startBare> {
  const node = await startBare(undefined, options)
  onTestFinished(() => node.stop())
  return node
}

async function ours(init: Partial<DhtInit> = {}, options: NodeOptions = {}): Promise<DhtNode> {
  const node = await startDhtNode(init, options)
  onTestFinished(node.stop)
  return node
}

/** A node that shares one key and knows a bootstrap node, once the key was announced. A client: only records tell of it. */
async function sharer(
  bootstrap: Parameters<typeof addressOf>[0],
  init: Partial<DhtInit> = {},
): Promise<DhtNode> {
  const node = await ours({ mode: 'client', ...init })
  node.dht.announcer.add(KEY, 0)
  await node.libp2p.dial(addressOf(bootstrap))
  await vi.waitFor(() => expect(node.dht.announcer.waiting).toBe(0), 20_000)
  return node
}

async function fetcher(
  bootstrap: Parameters<typeof addressOf>[0],
  init: Partial<DhtInit> = {},
): Promise<DhtNode> {
  const node = await ours(init)
  await node.libp2p.dial(addressOf(bootstrap))
  return node
}

let restoreClock: (() => void) | undefined
afterEach(() => {
  restoreClock?.()
  restoreClock = undefined
})

test('who knows only a bare bootstrap node finds a provider', async () => {
  const bootstrap = await bare()
  const alice = await sharer(bootstrap)
  const bob = await fetcher(bootstrap)
  const found = await firstOf(bob.dht.source, KEY)
  expect(found?.peerId).toBe(alice.libp2p.peerId.toString())
  expect(found?.addresses).toContain(addressOf(alice.libp2p).toString())
  expect(alice.dht.status).toMatchObject({ mode: 'client', waiting: 0, peers: 1, records: 0 })
})

test('a provider is found that is the only node known', async () => {
  const alice = await ours()
  alice.dht.announcer.add(KEY, 0)
  const bob = await fetcher(alice.libp2p)
  expect((await firstOf(bob.dht.source, KEY))?.peerId).toBe(alice.libp2p.peerId.toString())
})

test('a node that did not hear the answer of its only peer in time tries again', async () => {
  const bootstrap = await bare()
  const node = await ours()
  const { kb } = tableOf(node.libp2p.services['dht'] as KadDHT)
  const verify = kb.verify.bind(kb)
  let tries = 0
  kb.verify = async (...args) => (++tries === 1 ? false : verify(...args))
  await node.libp2p.dial(addressOf(bootstrap))
  await vi.waitFor(() => expect(node.dht.status.peers).toBe(1), 30_000)
  expect(tries).toBeGreaterThan(1)
})

test.each([1, 7, 25])('a record is found %i h after it was announced, by nodes of ours', async (hours) => {
  const { seams, forward, restore } = shiftedSeams()
  restoreClock = restore
  const bootstrap = await ours({ seams })
  const alice = await sharer(bootstrap.libp2p, { seams })
  // Not to be refreshed: a record that is this old is what is tested.
  await alice.dht.stop()
  forward(hours * HOUR_MS + 60_000)
  const bob = await fetcher(bootstrap.libp2p, { seams })
  const found = await firstOf(bob.dht.source, KEY)
  expect(found?.addresses).toContain(addressOf(alice.libp2p).toString())
})

test('a record is not found after 48 h without another announcement', async () => {
  const { seams, forward, restore } = shiftedSeams()
  restoreClock = restore
  const bootstrap = await ours({ seams })
  const alice = await sharer(bootstrap.libp2p, { seams })
  await alice.stop()
  forward(48 * HOUR_MS + 60_000)
  const bob = await fetcher(bootstrap.libp2p, { seams })
  expect(await firstOf(bob.dht.source, KEY, 3_000)).toBeUndefined()
})

test.each([1, 7, 25])(
  'a bare bootstrap node of %i h still leads to a provider that announces',
  async (hours) => {
    const { seams, forward, restore } = shiftedSeams()
    restoreClock = restore
    const bootstrap = await bare()
    const alice = await sharer(bootstrap, { seams })
    const halfHours = hours * 2
    for (let i = 0; i < halfHours; i++) {
      forward(HOUR_MS / 2 + 1_000)
      alice.dht.announcer.peersCame()
      await vi.waitFor(() => expect(alice.dht.announcer.waiting).toBe(0), 10_000)
    }
    const bob = await fetcher(bootstrap, { seams })
    expect((await firstOf(bob.dht.source, KEY))?.peerId).toBe(alice.libp2p.peerId.toString())
  },
)

test('a dead provider that nobody knows an address of does not hide the others', async () => {
  const bootstrap = await ours()
  const alice = await sharer(bootstrap.libp2p)
  const [key] = [...bootstrap.dht.records.all()].map(([name]) => name)
  const stranger = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  expect(bootstrap.dht.records.put(key as string, stranger.toString())).toBe(true)
  const bob = await fetcher(bootstrap.libp2p)
  expect((await firstOf(bob.dht.source, KEY))?.peerId).toBe(alice.libp2p.peerId.toString())
})

test('a sharer announces anew when its bootstrap node was restarted', async () => {
  const privateKey = await generateKeyPair('Ed25519')
  const first = await startBare(undefined, { privateKey })
  const port = Number(addressOf(first).toString().split('/')[4])
  await sharer(first)
  await first.stop()
  const second = await bare({ privateKey, port })
  const bob = await fetcher(second)
  // By itself: the sharer keeps the connection to a node of the table.
  await vi.waitFor(async () => expect(await firstOf(bob.dht.source, KEY, 1_000)).toBeDefined(), {
    timeout: 45_000,
    interval: 500,
  })
})
