/** What a stranger may send to a node of the table, over a real stream. */
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Stream } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import { base32 } from 'multiformats/bases/base32'
import { expect, onTestFinished, test, vi } from 'vitest'
import { DHT_PRESETS, type DhtInit } from '../../../src/network/dht/dht.ts'
import { addProvider, field, framed, multihash } from '../../helpers/dht-messages.ts'
import { seededFloats } from '../../helpers/simulation.ts'
import { addressOf, digestOf, firstOf, startBare, startDhtNode, type DhtNode } from '../../helpers/dht-net.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? Date.now() % 1_000_000)
const FLOOD = Number(process.env['SHOAL_DHT_FLOOD'] ?? 3_000)
const { protocol } = DHT_PRESETS.private

/** As the records are named by their multihashes. */
const recordName = (number: number): string => base32.encoder.encode(multihash(number)).slice(1)

async function victim(init: Partial<DhtInit> = {}): Promise<DhtNode> {
  const node = await startDhtNode(init)
  onTestFinished(node.stop)
  return node
}

async function attacker(node: DhtNode): Promise<{ libp2p: Libp2p; open: () => Promise<Stream> }> {
  const libp2p = await startBare('/attacker/kad/1.0.0')
  onTestFinished(() => libp2p.stop())
  const connection = await libp2p.dial(addressOf(node.libp2p))
  return { libp2p, open: () => connection.newStream(protocol) }
}

async function send(stream: Stream, bytes: Uint8Array): Promise<void> {
  if (!stream.send(bytes)) await stream.onDrain()
}

/** Something else is provided at the node, and found there by a third one. */
async function expectServes(node: DhtNode): Promise<void> {
  const alice = await startDhtNode({ mode: 'client' })
  onTestFinished(alice.stop)
  alice.dht.announcer.add(digestOf(-1), 0)
  await alice.libp2p.dial(addressOf(node.libp2p))
  await vi.waitFor(() => expect(alice.dht.announcer.waiting).toBe(0), 60_000)
  const bob = await startDhtNode({ mode: 'client' })
  onTestFinished(bob.stop)
  await bob.libp2p.dial(addressOf(node.libp2p))
  expect((await firstOf(bob.dht.source, digestOf(-1)))?.peerId).toBe(alice.libp2p.peerId.toString())
}

test(`of ${FLOOD} records of one peer a share is kept, and an honest one is found`, async () => {
  const share = DHT_PRESETS.public.maxRecordsPerPeer
  const node = await victim({ maxRecordsPerPeer: share })
  const honest = await startDhtNode({ mode: 'client' })
  onTestFinished(honest.stop)
  honest.dht.announcer.add(digestOf(-2), 0)
  await honest.libp2p.dial(addressOf(node.libp2p))
  await vi.waitFor(() => expect(node.dht.records.size).toBe(1), 40_000)
  const startMs = performance.now()
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  const thread = new Worker(new URL('../../helpers/flooder.ts', import.meta.url), {
    workerData: { target: addressOf(node.libp2p).toString(), records: FLOOD },
  })
  onTestFinished(async () => void (await thread.terminate()))
  const failed = new Promise<never>((_, reject) => thread.once('error', reject))
  const { records } = node.dht
  const overShare = vi.waitFor(() => {
    expect(records.size).toBe(share + 1)
    expect(records.providers(recordName(0))).toEqual([])
  }, 60_000)
  // What is more goes on to come, while all below is done.
  await Promise.race([failed, overShare])
  await expectServes(node)
  const bob = await startDhtNode({ mode: 'client' })
  onTestFinished(bob.stop)
  await bob.libp2p.dial(addressOf(node.libp2p))
  expect((await firstOf(bob.dht.source, digestOf(-2)))?.peerId).toBe(honest.libp2p.peerId.toString())
  expect(records.size).toBeLessThanOrEqual(share + 2)
  delays.disable()
  console.log(
    JSON.stringify({
      bench: 'dht-stream-flood',
      records: FLOOD,
      kept: records.size,
      ms: performance.now() - startMs,
      loopP99Ms: delays.percentile(99) / 1e6,
      loopMaxMs: delays.max / 1e6,
    }),
  )
})

test('a record in the name of another peer is not kept', async () => {
  const node = await victim()
  const { libp2p, open } = await attacker(node)
  const other = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  const stream = await open()
  await send(stream, framed(addProvider(multihash(1), other.toMultihash().bytes, [addressOf(libp2p).bytes])))
  await send(
    stream,
    framed(addProvider(multihash(2), libp2p.peerId.toMultihash().bytes, [addressOf(libp2p).bytes])),
  )
  await vi.waitFor(() => expect(node.dht.records.isProvider(libp2p.peerId.toString())).toBe(true), 40_000)
  expect(node.dht.records.isProvider(other.toString())).toBe(false)
})

test('of many addresses of one provider a few are kept', async () => {
  const node = await victim()
  const { libp2p, open } = await attacker(node)
  const id = libp2p.peerId.toMultihash().bytes
  const stream = await open()
  for (let round = 0; round < 20; round++) {
    const addresses = Array.from(
      { length: 250 },
      (_, i) => multiaddr(`/ip4/192.0.2.1/tcp/${1_000 + round * 250 + i}`).bytes,
    )
    await send(stream, framed(addProvider(multihash(round), id, addresses)))
  }
  await vi.waitFor(() => expect(node.dht.records.size).toBe(20), 40_000)
  expect((await node.libp2p.peerStore.get(libp2p.peerId)).addresses.length).toBeLessThanOrEqual(16)
  await expectServes(node)
})

const id = Uint8Array.from([0, 4, 1, 2, 3, 4])
const HOSTILE: [name: string, message: () => Uint8Array][] = [
  [
    '2^20 empty providers',
    () => Buffer.concat([Uint8Array.from([8, 2]), Buffer.alloc(2 ** 21, Uint8Array.from([74, 0]))]),
  ],
  ['2^20 empty closer peers', () => Buffer.alloc(2 ** 21, Uint8Array.from([66, 0]))],
  [
    '2^18 addresses',
    () =>
      addProvider(
        multihash(1),
        id,
        Array.from({ length: 2 ** 18 }, () => Uint8Array.of(4, 1, 1, 1, 1, 6, 0, 80)),
      ),
  ],
  ['an address of 4 MB', () => addProvider(multihash(1), id, [new Uint8Array(4_000_000)])],
  ['a key of 4 MB', () => addProvider(new Uint8Array(4_000_000), id, [])],
  [
    'an identity key',
    () => addProvider(Uint8Array.from([1, 0x55, 0, 200, 1, ...new Uint8Array(200)]), id, []),
  ],
  ['an empty key', () => addProvider(new Uint8Array(0), id, [])],
  ['no key', () => Uint8Array.of(8, 3)],
  ['a key that is no CID', () => addProvider(new Uint8Array(40).fill(255), id, [])],
  ['an unknown type', () => Uint8Array.of(8, 99)],
  ['a peer id that is none', () => addProvider(multihash(1), new Uint8Array(3).fill(255), [])],
  ['an address that is none', () => addProvider(multihash(1), id, [new Uint8Array(9).fill(255)])],
  [
    'a value to keep',
    () => Buffer.concat([Uint8Array.of(8, 0), field(2, Buffer.from('/pk/abc')), field(3, new Uint8Array(9))]),
  ],
  ['nothing at all', () => new Uint8Array(0)],
]

test('malformed messages neither stall nor crash a node, nor leave anything', async () => {
  const node = await victim()
  const { open } = await attacker(node)
  for (const [name, message] of HOSTILE) {
    const delays = monitorEventLoopDelay({ resolution: 1 })
    const bytes = framed(message())
    delays.enable()
    const stream = await open()
    await send(stream, bytes).catch(() => {})
    await stream.close().catch(() => {})
    await vi.waitFor(() => expect(stream.status).not.toBe('open'), 40_000)
    delays.disable()
    console.log(
      JSON.stringify({ bench: 'dht-hostile', name, bytes: bytes.byteLength, maxStallMs: delays.max / 1e6 }),
    )
  }
  expect(node.dht.records.size).toBe(0)
  await expectServes(node)
}, 200_000)

test(`messages with flipped bytes do not crash a node (seed ${SEED})`, async () => {
  const node = await victim()
  const { libp2p, open } = await attacker(node)
  const float = seededFloats(SEED)
  const good = addProvider(multihash(1), libp2p.peerId.toMultihash().bytes, [addressOf(libp2p).bytes])
  for (let i = 0; i < 300; i++) {
    const bytes = Uint8Array.from(framed(good))
    for (let flips = Math.ceil(float() * 4); flips > 0; flips--) {
      bytes[Math.floor(float() * bytes.length)] = Math.floor(float() * 256)
    }
    const stream = await open()
    await send(stream, bytes).catch(() => {})
    await stream.close().catch(() => {})
  }
  await expectServes(node)
})

/** A peer of the table that answers every request with the same bytes. */
async function liar(answer: Uint8Array): Promise<Libp2p> {
  const libp2p = await startBare('/attacker/kad/1.0.0')
  onTestFinished(() => libp2p.stop())
  await libp2p.handle(protocol, (stream: Stream) => {
    stream.addEventListener('message', () => void send(stream, answer).catch(() => {}))
  })
  return libp2p
}

test('an answer of a million peers ends the search, not the node', async () => {
  const million = Buffer.concat([Uint8Array.of(8, 3), Buffer.alloc(2 ** 21, Uint8Array.of(74, 0))])
  const server = await liar(framed(million))
  const bob = await startDhtNode()
  onTestFinished(bob.stop)
  const peersBefore = bob.dht.peerDatastore.size
  await bob.libp2p.dial(addressOf(server))
  await vi.waitFor(() => expect(bob.dht.status.peers).toBe(1), 40_000)
  expect(await firstOf(bob.dht.source, digestOf(1))).toBeUndefined()
  expect(bob.dht.peerDatastore.size).toBeLessThanOrEqual(peersBefore + 2)
})

test('an address that may not be used is neither told, nor kept, nor dialled', async () => {
  let hits = 0
  const listener = createServer((socket) => {
    hits++
    socket.destroy()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void listener.close())
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const named = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  const poison = [`/ip4/127.0.0.1/tcp/${port}`, '/ip4/169.254.169.254/tcp/80', '/ip4/192.0.2.1/tcp/1']
  const peer = Buffer.concat([
    field(1, named.toMultihash().bytes),
    ...poison.map((address) => field(2, multiaddr(address).bytes)),
  ])
  const server = await liar(framed(Buffer.concat([Uint8Array.of(8, 3), field(8, peer), field(9, peer)])))
  const own = Number(addressOf(server).toString().split('/')[4])
  // Loopback stands for what a preset forbids; the server itself must be reached.
  const mayUse = (address: string): boolean =>
    address.startsWith('/ip4/192.0.2.') || address.startsWith(`/ip4/127.0.0.1/tcp/${own}`)
  const bob = await startDhtNode({ mayUse })
  onTestFinished(bob.stop)
  await bob.libp2p.dial(addressOf(server))
  const found = await firstOf(bob.dht.source, digestOf(1))
  expect(found).toEqual({
    peerId: named.toString(),
    addresses: [`/ip4/192.0.2.1/tcp/1/p2p/${named.toString()}`],
  })
  await vi.waitFor(async () => expect(await bob.libp2p.peerStore.has(named)).toBe(true), 40_000)
  const kept = (await bob.libp2p.peerStore.get(named)).addresses.map(({ multiaddr: text }) => text.toString())
  expect(kept).toEqual(['/ip4/192.0.2.1/tcp/1'])
  expect(hits).toBe(0)
})
