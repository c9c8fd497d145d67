import type { Connection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { connectedPeers } from '../../src/network/connected-peers.ts'
import type { HostLibp2p } from '../../src/options.ts'

const NOW_MS = 1_700_000_100_000
const RELAY = '/ip4/203.0.113.7/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp/p2p-circuit'

interface Made {
  readonly address?: string
  readonly secondsAgo?: number
  readonly more?: Partial<Pick<Connection, 'direction' | 'limits' | 'status'>>
}

function connection(id: string, { address = '/ip4/192.0.2.1/tcp/1', secondsAgo = 5, more = {} }: Made = {}) {
  return {
    remotePeer: { toString: () => id },
    remoteAddr: multiaddr(address),
    direction: 'outbound',
    status: 'open',
    limits: undefined,
    timeline: { open: NOW_MS - secondsAgo * 1_000 },
    ...more,
  } as unknown as Connection
}

/** @param told protocols by id; who is not there told nothing */
function libp2p(connections: readonly Connection[], told: Readonly<Record<string, string[]>> = {}) {
  return {
    getConnections: () => [...connections],
    peerStore: {
      get: async (id: PeerId) => {
        const protocols = told[id.toString()]
        if (protocols === undefined) throw new Error('not found')
        return { protocols }
      },
    },
  } as unknown as Pick<HostLibp2p, 'getConnections' | 'peerStore'>
}

test('Shoal devices come first, then who has not told, and each is told as it is connected', async () => {
  const peers = await connectedPeers(
    libp2p(
      [
        connection('other', { secondsAgo: 900 }),
        connection('unknown', { secondsAgo: 300 }),
        connection('empty', { secondsAgo: 400 }),
        connection('young', { secondsAgo: 2, more: { direction: 'inbound' } }),
        connection('old', { secondsAgo: 61 }),
      ],
      { other: ['/ipfs/id/1.0.0'], empty: [], young: ['/x', '/shoal/1'], old: ['/shoal/1'] },
    ),
    '/shoal/1',
    NOW_MS,
  )
  expect(peers.map(({ id, shoal, seconds }) => [id, shoal, seconds])).toEqual([
    ['old', true, 61],
    ['young', true, 2],
    ['empty', null, 400],
    ['unknown', null, 300],
    ['other', false, 900],
  ])
  expect(peers[1]).toEqual({
    type: 'peer',
    id: 'young',
    name: null,
    direct: true,
    address: '/ip4/192.0.2.1/tcp/1',
    inbound: true,
    seconds: 2,
    shoal: true,
  })
})

test('through another device, or with a limit, it is not direct', async () => {
  const peers = await connectedPeers(
    libp2p([
      connection('relayed', { address: RELAY }),
      connection('limited', { more: { limits: { bytes: 1n } } }),
    ]),
    '/shoal/1',
    NOW_MS,
  )
  expect(peers.map(({ direct }) => direct)).toEqual([false, false])
})

test('of several connections to one device the direct one counts, then the oldest; closed ones do not', async () => {
  const peers = await connectedPeers(
    libp2p([
      connection('a', { address: RELAY, secondsAgo: 100 }),
      connection('a', { address: '/ip4/192.0.2.2/tcp/2', secondsAgo: 10 }),
      connection('a', { address: '/ip4/192.0.2.3/tcp/3', secondsAgo: 50 }),
      connection('b', { more: { status: 'closing' } }),
      // The clock was set back.
      connection('c', { secondsAgo: -30 }),
    ]),
    '/shoal/1',
    NOW_MS,
  )
  expect(peers.map(({ id, address, seconds }) => [id, address, seconds])).toEqual([
    ['a', '/ip4/192.0.2.3/tcp/3', 50],
    ['c', '/ip4/192.0.2.1/tcp/1', 0],
  ])
})
