/** How many streams a peer may hold open, and what happens when all places are taken. */
import { multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import { expect, test } from 'vitest'
import { NETWORK_LIMITS } from '../../packages/node/src/network/limits.ts'
import type { Gated } from '../../packages/node/test/helpers/gated-host.ts'
import type { Stream } from '../../packages/node/test/helpers/libp2p.ts'
import { gated, stock, until } from '../helpers/hosts.ts'

const HOLD = '/test/hold/1.0.0'
const MANY = { maxInboundStreams: 10_000, maxOutboundStreams: 10_000 }

/** A host that lets streams of its protocol lie. */
async function holding(init: Parameters<typeof gated>[0] = {}): Promise<Gated & { address: string }> {
  const host = await gated(init)
  await host.libp2p.handle(HOLD, () => {}, MANY)
  return host
}

/** Opens streams until one is refused; returns those that are open at the end. */
async function open(peer: Libp2p, address: string, count: number): Promise<Stream[]> {
  const streams: Stream[] = []
  for (let i = 0; i < count; i++) {
    await peer.dialProtocol(multiaddr(address), HOLD, MANY).then(
      (stream) => streams.push(stream),
      () => {},
    )
  }
  return streams
}

test(`a peer holds ${NETWORK_LIMITS.maxInboundStreamsPerPeer} streams at most, over all its connections`, async () => {
  const victim = await holding()
  const peer = await stock()
  const first = await open(peer, victim.address, 40)
  await peer.dial(multiaddr(victim.address), { force: true })
  const second: Stream[] = []
  for (const connection of peer.getConnections()) {
    for (let i = 0; i < 40; i++) {
      await connection.newStream(HOLD, MANY).then(
        (stream) => second.push(stream),
        () => {},
      )
    }
  }
  const held = [...first, ...second].filter(({ status }) => status === 'open')
  expect(held.length).toBeLessThanOrEqual(NETWORK_LIMITS.maxInboundStreamsPerPeer)
  expect(held.length).toBeGreaterThan(NETWORK_LIMITS.maxInboundStreamsPerPeer - 4)
  expect(victim.gate.stats().inboundStreams).toBeLessThanOrEqual(NETWORK_LIMITS.maxInboundStreamsPerPeer)
})

test('when all places are taken, a newcomer gets a stream from who holds most', async () => {
  const victim = await holding({ limits: { maxInboundStreams: 60 } })
  const greedy = await stock({}, '127.0.1.1')
  const modest = await stock({}, '127.0.2.1')
  const modestStreams = await open(modest, victim.address, 5)
  await open(greedy, victim.address, 55)
  await until(() => victim.gate.stats().inboundStreams === 60, 'all places are taken')
  const newcomer = await stock({}, '127.0.3.1')
  expect(await open(newcomer, victim.address, 10)).toHaveLength(10)
  const { inboundStreams, streamsEvicted } = victim.gate.stats()
  expect(inboundStreams).toBe(60)
  expect(streamsEvicted).toBeGreaterThanOrEqual(10)
  expect(modestStreams.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'open'))
})

test('streams of a protected peer are not ended for strangers', async () => {
  const members = new Set<string>()
  const victim = await holding({
    limits: { maxInboundStreams: 20 },
    isProtected: (peer) => members.has(peer),
  })
  const member = await stock({}, '127.0.1.1')
  members.add(member.peerId.toString())
  const held = await open(member, victim.address, 30)
  const stranger = await stock({}, '127.0.2.1')
  await open(stranger, victim.address, 40)
  expect(held.filter(({ status }) => status === 'open')).toHaveLength(30)
  expect(victim.gate.stats().inboundStreams).toBe(20)
})

test('a stream on which no protocol is agreed ends by itself', async () => {
  const victim = await holding({ limits: { streamNegotiationTimeoutMs: 300 } })
  const peer = await stock({ services: {} })
  const connection = await peer.dial(multiaddr(victim.address))
  // Below the negotiation: the muxer of the connection, which says nothing on its stream.
  const { muxer } = connection as unknown as { muxer: { createStream: () => Promise<Stream> } }
  // Of a connection that is not open yet the library takes ten streams only.
  await until(() => victim.libp2p.getConnections().length === 1, 'the connection is open')
  const silent: Stream[] = []
  for (let i = 0; i < 20; i++) silent.push(await muxer.createStream())
  await until(() => silent.every(({ status }) => status === 'reset'), 'the other side ended them all')
  expect(victim.gate.stats()).toMatchObject({ inboundStreams: 0, streamsRefused: 0, streamsEvicted: 0 })
  expect(await open(peer, victim.address, 1)).toHaveLength(1)
})
