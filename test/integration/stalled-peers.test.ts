/** Peers that do not take what they are sent, or send what nobody asked for: what waits for them is bounded. */
import { multiaddr } from '@multiformats/multiaddr'
import { expect, onTestFinished, test } from 'vitest'
import type { Channel } from '../../packages/node/src/network/channel.ts'
import { startHost } from '../../packages/node/src/network/host.ts'
import { NETWORK_LIMITS } from '../../packages/node/src/network/limits.ts'
import { PROTOCOL } from '../../packages/node/src/transfer/constants.ts'
import { systemSeams } from '../../packages/node/src/util/system.ts'
import { newPrivateKey, ping, type Stream } from '../../packages/node/test/helpers/libp2p.ts'
import { gated, stock, until } from '../helpers/hosts.ts'
import { stallingProxy } from '../helpers/stalling-proxy.ts'

const MIB = 1_048_576
const RAW = '/test/raw/1.0.0'

function portOf(address: string): number {
  return Number(/\/tcp\/(\d+)/.exec(address)?.[1])
}

function rssMiB(): number {
  return Math.round(process.memoryUsage().rss / MIB)
}

test('a raw stream whose reader stalls is reset when 4 MiB wait, whatever its writer does', async () => {
  const victim = await gated()
  const { promise: opened, resolve: onStream } = Promise.withResolvers<Stream>()
  await victim.libp2p.handle(RAW, onStream)
  const proxy = await stallingProxy(portOf(victim.address))
  const reader = await stock()
  const address = `/ip4/127.0.0.1/tcp/${proxy.port}/p2p/${victim.libp2p.peerId.toString()}`
  await reader.dialProtocol(multiaddr(address), RAW)
  const stream = await opened
  let error: Error | undefined
  stream.addEventListener('close', (event) => (error = event.error))
  proxy.stall()
  const before = rssMiB()
  let sent = 0
  let peak = 0
  // The careless publisher of the probe: it never waits for room.
  while (stream.writeStatus === 'writable' && sent < 90 * MIB) {
    stream.send(new Uint8Array(60_000))
    sent += 60_000
    peak = Math.max(peak, victim.gate.stats().bufferedBytes)
    if (sent % 1_200_000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  console.log(
    JSON.stringify({ stalled: 'raw', sent, peakBufferedBytes: peak, rssGrowthMiB: rssMiB() - before }),
  )
  expect(error?.name).toBe('StreamBufferError')
  expect(sent).toBeLessThan(90 * MIB)
  expect(peak).toBeLessThanOrEqual(NETWORK_LIMITS.maxWriteBufferBytes + MIB)
  expect(victim.gate.stats().bufferedBytes).toBeLessThan(MIB)
})

test('a sender of blocks that waits for room stops when its reader stalls, also the second time, and then goes on', async () => {
  const blocks = 64
  let sent = 0
  const { promise: channel, resolve: onChannel } = Promise.withResolvers<Channel>()
  const provider = await startHost({
    privateKey: await newPrivateKey(),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    protocol: PROTOCOL,
    network: 'private',
    bootstrap: [],
    mdns: false,
    seams: systemSeams,
    onChannel,
  })
  onTestFinished(() => provider.stop())
  const proxy = await stallingProxy(portOf(provider.addresses()[0] as string))
  const reader = await stock()
  const stream = await reader.dialProtocol(
    multiaddr(`/ip4/127.0.0.1/tcp/${proxy.port}/p2p/${provider.peerId}`),
    PROTOCOL,
  )
  let received = 0
  stream.addEventListener('message', ({ data }) => (received += data.byteLength))
  const out = await channel
  // As the uploader does it.
  const serving = (async () => {
    for (; sent < blocks; sent++) {
      if (!out.send(new Uint8Array(MIB))) await out.drained()
    }
  })()
  // Past the first time that there was no room.
  await until(() => received > 8 * MIB, 'blocks flow')
  const before = rssMiB()
  proxy.stall()
  // What the kernel and the windows hold is on its way already; then nothing moves for a while.
  let last = -1
  let stillSince = performance.now()
  await until(() => {
    if (sent !== last) {
      last = sent
      stillSince = performance.now()
    }
    return performance.now() - stillSince > 500
  }, 'the sender stops')
  const stoppedAt = sent
  console.log(
    JSON.stringify({
      stalled: 'transfer',
      sentBlocks: stoppedAt,
      receivedMiB: Math.round(received / MIB),
      rssGrowthMiB: rssMiB() - before,
    }),
  )
  expect(stoppedAt).toBeLessThan(blocks - 8)
  proxy.resume()
  await serving
  await until(() => received === blocks * MIB, 'all blocks arrived')
})

test('a peer for whom too much waits over many streams is given up, also if each stream keeps its bound', async () => {
  const victim = await gated({
    limits: { maxStalledPeerBytes: 2 * MIB, stalledPeerMs: 300, bufferCheckMs: 50 },
  })
  const streams: Stream[] = []
  await victim.libp2p.handle(RAW, (stream) => void streams.push(stream), { maxInboundStreams: 10 })
  const proxy = await stallingProxy(portOf(victim.address))
  const reader = await stock()
  const address = multiaddr(`/ip4/127.0.0.1/tcp/${proxy.port}/p2p/${victim.libp2p.peerId.toString()}`)
  for (let i = 0; i < 6; i++) await reader.dialProtocol(address, RAW)
  await until(() => streams.length === 6, 'all streams are open')
  proxy.stall()
  // More than the kernel takes, and less on each stream than resets it.
  for (let round = 0; round < 12; round++) {
    for (const stream of streams) if (stream.writeBufferLength < 2 * MIB) stream.send(new Uint8Array(MIB))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(victim.gate.stats().bufferedBytes).toBeGreaterThan(2 * MIB)
  await until(() => victim.libp2p.getConnections().length === 0, 'the peer is given up')
  expect(victim.gate.stats()).toMatchObject({ peersOverfull: 1, bufferedBytes: 0, connections: 0 })
})

test('what a peer sends on a stream that nobody reads is bounded', async () => {
  const victim = await gated()
  const ends: (Error | undefined)[] = []
  await victim.libp2p.handle(RAW, (stream) => {
    stream.addEventListener('close', ({ error }) => void ends.push(error))
  })
  const sender = await stock()
  const stream = await sender.dialProtocol(multiaddr(victim.address), RAW)
  let peak = 0
  for (let sent = 0; sent < 64 * MIB && stream.writeStatus === 'writable'; sent += 65_536) {
    if (!stream.send(new Uint8Array(65_536))) await new Promise((resolve) => setImmediate(resolve))
    peak = Math.max(peak, victim.gate.stats().bufferedBytes)
  }
  await until(() => ends.length === 1, 'the stream is reset')
  expect(ends[0]?.name).toBe('StreamBufferError')
  expect(peak).toBeLessThanOrEqual(NETWORK_LIMITS.maxReadBufferBytes + 2 * MIB)
})

test('pings are answered; a flood of them that takes no answers ends', async () => {
  const victim = await gated()
  const peer = await stock({ services: { ping: ping() } })
  const { ping: service } = peer.services as unknown as {
    ping: { ping: (address: unknown) => Promise<number> }
  }
  expect(await service.ping(multiaddr(victim.address))).toBeGreaterThanOrEqual(0)
  const stream = await peer.dialProtocol(multiaddr(victim.address), '/ipfs/ping/1.0.0')
  let echoed = 0
  stream.addEventListener('message', ({ data }) => (echoed += data.byteLength))
  let sent = 0
  while (stream.writeStatus === 'writable' && sent < 64 * MIB) {
    stream.send(new Uint8Array(65_536))
    sent += 65_536
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(stream.writeStatus).toBe('closed')
  expect(echoed).toBeLessThanOrEqual(NETWORK_LIMITS.maxPingBytes)
  expect(victim.gate.stats().bufferedBytes).toBeLessThan(MIB)
})
