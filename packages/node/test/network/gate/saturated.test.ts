/** A peer that takes slowly what it asked for much of, and grants more all the time. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { noise } from '@chainsafe/libp2p-noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { expect, onTestFinished, test } from 'vitest'
import { Libp2pChannel } from '../../../src/network/libp2p-channel.ts'
import { NETWORK_LIMITS } from '../../../src/network/limits.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { startGated } from '../../helpers/gated-host.ts'

const PROTOCOL = '/test/1'
const MIB = 1_048_576
const SENT_BYTES = 32 * MIB
/** A small block, whose frame the peer answers with an update of its window. */
const MESSAGE_BYTES = 16_384
const BYTES_PER_SECOND = 12 * MIB

/** A line that lets through so many bytes a second. Returns its port. */
async function slowLine(target: number): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => other.destroy())
    }
    client.pipe(upstream)
    upstream.on('data', (bytes: Buffer) => {
      client.write(bytes)
      upstream.pause()
      setTimeout(() => upstream.resume(), (bytes.byteLength / BYTES_PER_SECOND) * 1_000)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

test('what waits for a peer that grants more than its line takes stays within bounds', async () => {
  const { libp2p, gate, stop } = await startGated({})
  onTestFinished(stop)
  // As others build it: windows of up to 16 MiB.
  const stock = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  })
  onTestFinished(() => stock.stop())
  let mostBuffered = 0
  const sent = Promise.withResolvers<void>()
  await libp2p.handle(PROTOCOL, (stream, connection) => {
    const channel = new Libp2pChannel(stream, libp2p.peerId, connection, systemSeams.timers)
    channel.receive({ onData: () => {}, onClose: (error) => sent.reject(error ?? new Error('closed')) })
    const send = async (): Promise<void> => {
      for (let bytes = 0; bytes < SENT_BYTES; bytes += MESSAGE_BYTES) {
        const hasRoom = channel.send(new Uint8Array(MESSAGE_BYTES))
        mostBuffered = Math.max(mostBuffered, gate.stats().bufferedBytes)
        if (!hasRoom) await channel.drained()
      }
    }
    send().then(sent.resolve, sent.reject)
  })
  const [address] = libp2p.getMultiaddrs()
  const port = await slowLine(Number(/\/tcp\/(\d+)/.exec(String(address))?.[1]))
  const connection = await stock.dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${libp2p.peerId.toString()}`))
  const stream = await connection.newStream(PROTOCOL)
  let received = 0
  stream.addEventListener('message', ({ data }) => void (received += data.byteLength))
  stream.send(Uint8Array.of(1))
  await sent.promise
  await expect.poll(() => received, { timeout: 20_000 }).toBe(SENT_BYTES)
  console.log(JSON.stringify({ figure: 'most-buffered-mib', value: mostBuffered / MIB }))
  expect(mostBuffered).toBeLessThan(NETWORK_LIMITS.maxConnectionBufferBytes / 2)
})
