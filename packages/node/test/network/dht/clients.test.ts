/** Providers that are only clients of the table: named in answers, and of no use in it. */
import { expect, onTestFinished, test, vi } from 'vitest'
import type { DhtInit } from '../../../src/network/dht/dht.ts'
import { addressOf, digestOf, firstOf, join, startDhtNode, type DhtNode } from '../../helpers/dht-net.ts'

const SEARCHES = 10

async function node(init: Partial<DhtInit> = {}): Promise<DhtNode> {
  const started = await startDhtNode(init)
  onTestFinished(started.stop)
  return started
}

test('a provider that is only a client is not taken for a server by those whom an answer names it to', async () => {
  const servers = [await node(), await node(), await node()] as const
  const client = { mode: 'client' } as const
  const [alice, bob] = [await node(client), await node(client)]
  for (const one of [...servers.slice(1), alice, bob]) await join(one, addressOf(servers[0].libp2p))
  await vi.waitFor(() => expect(bob.dht.status.peers).toBe(servers.length), 30_000)
  for (let key = 0; key < SEARCHES; key++) alice.dht.announcer.add(digestOf(key), 0)
  await vi.waitFor(() => expect(alice.dht.announcer.waiting).toBe(0), 30_000)

  for (let key = 0; key < SEARCHES; key++) {
    const found = await firstOf(bob.dht.source, digestOf(key))
    expect(found?.peerId).toBe(alice.libp2p.peerId.toString())
    // As a fetch does.
    await bob.libp2p.dial(addressOf(alice.libp2p))
  }
  expect(bob.dht.status.peers).toBe(servers.length)
})
