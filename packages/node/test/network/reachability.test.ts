import type { AutoNATComponents } from '@libp2p/autonat'
import type { Connection, PeerInfo } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { expect, onTestFinished, test, vi } from 'vitest'
import { NETWORK_LIMITS } from '../../src/network/limits.ts'
import { override } from '../../src/network/override.ts'
import { dialBackComponents } from '../../src/network/reachability.ts'
import { systemSeams } from '../../src/util/system.ts'
import { startGated, type Gated } from '../helpers/gated-host.ts'

async function started(): Promise<Gated> {
  const host = await startGated({ subnets: () => [] })
  onTestFinished(host.stop)
  return host
}

/** The components of a host, of which AutoNAT's type is only a part. */
function componentsOf({ libp2p }: Gated): AutoNATComponents {
  return (libp2p as unknown as { components: AutoNATComponents }).components
}

function addressOf({ libp2p }: Gated): Multiaddr {
  return libp2p.getMultiaddrs()[0] as Multiaddr
}

test('a dial back is a connection of its own: to close it leaves the one that the asker came by', async () => {
  const [asker, helper] = await Promise.all([started(), started()])
  const came = await asker.libp2p.dial(addressOf(helper))
  const { connectionManager } = dialBackComponents(componentsOf(helper), systemSeams.timers)
  const theirs = await vi.waitUntil(() => helper.libp2p.getConnections(asker.libp2p.peerId)[0])
  const back = await connectionManager.openConnection(addressOf(asker), {
    signal: new AbortController().signal,
  })
  expect(back.id).not.toBe(theirs.id)
  await back.close()
  expect(back.status).toBe('closed')
  expect(theirs.status).toBe('open')
  expect(came.status).toBe('open')
  const stream = await came.newStream('/ipfs/ping/1.0.0')
  expect(stream.status).toBe('open')
})

test('a peer that is to be asked is not dialled twice', async () => {
  const [asker, helper] = await Promise.all([started(), started()])
  const came = await asker.libp2p.dial(addressOf(helper))
  const { connectionManager } = dialBackComponents(componentsOf(asker), systemSeams.timers)
  const again: Connection = await connectionManager.openConnection([addressOf(helper)])
  expect(again.id).toBe(came.id)
})

test('the network is walked with a pause after each peer', async () => {
  const host = await started()
  const waits: number[] = []
  const timers = {
    set: (callback: () => void, delayMs: number) => {
      waits.push(delayMs)
      queueMicrotask(callback)
      return 0
    },
    clear: () => {},
  }
  const peer: PeerInfo = { id: host.libp2p.peerId, multiaddrs: [] }
  const randomWalk = {
    walk: async function* () {
      yield peer
      yield peer
    },
  }
  const components = dialBackComponents(override(componentsOf(host), { randomWalk }), timers)
  const found: PeerInfo[] = []
  for await (const each of components.randomWalk.walk()) found.push(each)
  expect(found).toEqual([peer, peer])
  expect(waits).toEqual([NETWORK_LIMITS.reachabilityPauseMs, NETWORK_LIMITS.reachabilityPauseMs])
})
