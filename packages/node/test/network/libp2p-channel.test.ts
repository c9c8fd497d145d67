import type { PeerId, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { Libp2pChannel } from '../../src/network/libp2p-channel.ts'
import { Simulation } from '../helpers/simulation.ts'

const id = { toMultihash: () => ({ bytes: Buffer.from('id') }), toString: () => 'id' } as unknown as PeerId

const DIRECT = '/ip4/192.0.2.1/tcp/4001'

function channelOver(stream: object, address = DIRECT, more: object = {}): Libp2pChannel {
  const connection = { remotePeer: id, remoteAddr: multiaddr(address), ...more }
  return new Libp2pChannel(stream as Stream, id, connection, new Simulation(1).seams.timers)
}

/** Takes everything, and says so until `hasRoom` is false. */
class OpenStream extends EventTarget {
  readonly status = 'open'
  writeStatus = 'writable'
  readonly remoteWriteStatus = 'writable'
  writeBufferLength = 0
  hasRoom = true
  readonly sent: number[][] = []

  send(bytes: Uint8Array): boolean {
    this.sent.push(bytes.byteLength > 10 ? [bytes.byteLength] : [...bytes])
    return this.hasRoom
  }

  close(): Promise<void> {
    this.writeStatus = 'closed'
    return Promise.resolve()
  }
}

/** Resolves when what was asked for by `process.nextTick` until now is done. */
function nextTick(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}

test('what is sent in one turn of the event loop leaves together and in order', async () => {
  const stream = new OpenStream()
  const channel = channelOver(stream)
  channel.send(Uint8Array.of(1, 2))
  channel.send(Uint8Array.of(3))
  expect(stream.sent).toEqual([])
  await nextTick()
  expect(stream.sent).toEqual([[1, 2, 3]])
  channel.send(Uint8Array.of(4))
  await nextTick()
  expect(stream.sent).toEqual([[1, 2, 3], [4]])
})

test('a block does not wait, nor what was sent before it', async () => {
  const stream = new OpenStream()
  const channel = channelOver(stream)
  channel.send(Uint8Array.of(1))
  channel.send(new Uint8Array(1_000_000))
  expect(stream.sent).toEqual([[1], [1_000_000]])
  for (let i = 0; i < 5; i++) channel.send(new Uint8Array(30_000))
  await nextTick()
  expect(stream.sent).toEqual([[1], [1_000_000], [60_000], [60_000], [30_000]])
})

test('who sends hears that there is no room until it has waited', async () => {
  const stream = new OpenStream()
  const channel = channelOver(stream)
  stream.hasRoom = false
  expect(channel.send(new Uint8Array(100_000))).toBe(false)
  expect(channel.send(Uint8Array.of(1))).toBe(false)
  await channel.drained()
  expect(stream.sent).toEqual([[100_000], [1]])
  stream.hasRoom = true
  expect(channel.send(Uint8Array.of(2))).toBe(true)
})

test('what was sent last leaves before the stream is closed', async () => {
  const stream = new OpenStream()
  const channel = channelOver(stream)
  channel.send(Uint8Array.of(1))
  await channel.close()
  expect(stream.sent).toEqual([[1]])
  await nextTick()
  expect(stream.sent).toEqual([[1]])
})

test('a connection that was closed before its streams throws nothing at who sends, who is told of the end', () => {
  const stream = Object.assign(new EventTarget(), {
    status: 'open',
    writeStatus: 'writable',
    remoteWriteStatus: 'writable',
    close: async () => {},
    // As the library does.
    send: () => {
      const error = new Error('Cannot write to a stream that is closed')
      stream.writeStatus = 'closed'
      stream.dispatchEvent(Object.assign(new Event('close'), { error }))
      throw error
    },
  })
  const channel = channelOver(stream)
  const ends: (Error | undefined)[] = []
  channel.receive({ onData: () => {}, onClose: (error) => void ends.push(error) })
  expect(channel.send(new Uint8Array(100_000))).toBe(true)
  expect(channel.send(Uint8Array.of(2))).toBe(true)
  expect(ends).toMatchObject([{ message: 'Cannot write to a stream that is closed' }])
})

test('it knows whether a third device passes it on', () => {
  const relayed = `${DIRECT}/p2p/12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu/p2p-circuit`
  expect(channelOver(new OpenStream()).isDirect).toBe(true)
  expect(channelOver(new OpenStream(), relayed).isDirect).toBe(false)
  expect(channelOver(new OpenStream(), DIRECT, { limits: { seconds: 120 } }).isDirect).toBe(false)
})
