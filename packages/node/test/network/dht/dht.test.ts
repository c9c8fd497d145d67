import { generateKeyPair } from '@libp2p/crypto/keys'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import type { DhtInit } from '../../../src/network/dht/dht.ts'
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

/** A node that shares one key and knows a bootstrap node, once the key was announced. */
async function sharer(bootstrap: Parameters<typeof addressOf>[0], init: Partial<DhtInit> = {}): Promise<DhtNode> {
  const node = await ours(init)
  node.dht.announcer.add(KEY, 0)
  await node.libp2p.dial(addressOf(bootstrap))
  await vi.waitFor(() => expect(node.dht.announcer.waiting).toBe(0), 20_000)
  return node
}

async function fetcher(bootstrap: Parameters<typeof addressOf>[0], init: Partial<DhtInit> = {}): Promise<DhtNode> {
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
  expect(alice.dht.status).toMatchObject({ mode: 'server', waiting: 0 })
})

test('a provider is found that is the only node known', async () => {
  const alice = await ours()
  alice.dht.announcer.add(KEY, 0)
  const bob = await fetcher(alice.libp2p)
  expect((await firstOf(bob.dht.source, KEY))?.peerId).toBe(alice.libp2p.peerId.toString())
})
