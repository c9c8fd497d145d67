/** The who-has protocol between real nodes on loopback. */
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, onTestFinished, test, vi } from 'vitest'
import { sha256 } from '../../../src/content/cid.ts'
import { WHO_HAS_PROTOCOL, WhoHas } from '../../../src/network/lan/who-has.ts'
import { encodeQuestion } from '../../../src/network/lan/who-has-messages.ts'
import type { Candidate } from '../../../src/network/provider-source.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { Simulation } from '../../helpers/simulation.ts'
import { loopbackNode } from './libp2p-node.ts'
import { peerOf } from './names.ts'

const digests = Array.from({ length: 64 }, (_, i) => sha256(Buffer.from(`digest ${i}`)))
const everThird = (digest: Uint8Array): boolean =>
  digests.findIndex((it) => Buffer.compare(it, digest) === 0) % 3 === 0
const { signal } = new AbortController()

interface Facts {
  readonly isServed?: (digest: Uint8Array) => boolean
  readonly isNear?: (ip: string) => boolean
  readonly seams?: typeof systemSeams
}

async function startWhoHas(
  facts: Facts = {},
): Promise<{ libp2p: Libp2p; whoHas: WhoHas; device: Candidate }> {
  const libp2p = await loopbackNode()
  const whoHas = new WhoHas({
    libp2p,
    seams: systemSeams,
    isServed: () => false,
    isNear: () => true,
    ...facts,
  })
  await whoHas.start()
  onTestFinished(() => whoHas.stop())
  const device = { peerId: libp2p.peerId.toString(), addresses: libp2p.getMultiaddrs().map(String) }
  return { libp2p, whoHas, device }
}

/** Sends bytes on a stream of the protocol, and tells how it ended: with how many bytes, or reset. */
async function send(from: Libp2p, device: Candidate, bytes: Uint8Array): Promise<number | 'reset'> {
  const stream = await from.dialProtocol(multiaddr(device.addresses[0]), WHO_HAS_PROTOCOL)
  let received = 0
  stream.addEventListener('message', ({ data }) => void (received += data.byteLength))
  const ended = new Promise<number | 'reset'>((resolve) => {
    stream.addEventListener('remoteCloseWrite', () => resolve(received))
    stream.addEventListener('close', ({ error }) => resolve(error === undefined ? received : 'reset'))
  })
  // It may be reset before anything is sent.
  if (stream.status !== 'open') return 'reset'
  if (bytes.byteLength > 0) stream.send(bytes)
  stream.close().catch(() => {})
  return ended
}

test('a device says which of 64 contents it serves', async () => {
  const { device } = await startWhoHas({ isServed: everThird })
  const { whoHas } = await startWhoHas()
  const served = await whoHas.ask(device, digests, signal)
  expect(served).toEqual(digests.map((_, i) => i % 3 === 0))
  expect(await whoHas.ask(device, digests.slice(3, 4), signal)).toEqual([true])
})

test('a connection that helped stays for the transfer, one that did not is closed, an older one is left alone', async () => {
  const { device, libp2p: other } = await startWhoHas({ isServed: everThird })
  const { whoHas, libp2p } = await startWhoHas()
  await whoHas.ask(device, digests.slice(1, 2), signal)
  await vi.waitFor(() => expect(libp2p.getConnections()).toHaveLength(0), { timeout: 10_000 })
  await whoHas.ask(device, digests.slice(0, 1), signal)
  expect(libp2p.getConnections()).toHaveLength(1)
  await whoHas.ask(device, digests.slice(1, 2), signal)
  await libp2p.dial(other.getMultiaddrs())
  expect(libp2p.getConnections()).toHaveLength(1)
  expect(libp2p.getConnections()[0]?.status).toBe('open')
})

test('who is not on the local network is not answered', async () => {
  let asked = 0
  const isServed = (): boolean => ++asked > 0
  const { device } = await startWhoHas({ isServed, isNear: (ip) => ip !== '127.0.0.1' })
  const { whoHas, libp2p } = await startWhoHas()
  await expect(whoHas.ask(device, digests, signal)).rejects.toMatchObject({ name: 'ShoalError' })
  expect(await send(libp2p, device, encodeQuestion(digests))).toBe('reset')
  expect(asked).toBe(0)
})

test.each([
  ['a question of another version', Uint8Array.of(2, 1, ...new Uint8Array(32))],
  ['a question for 65 digests', Uint8Array.of(1, 65, ...new Uint8Array(65 * 32))],
  ['a question cut short', encodeQuestion(digests).subarray(0, 1_000)],
  ['bytes after the question', Uint8Array.of(...encodeQuestion(digests), 0)],
  ['a megabyte', new Uint8Array(1_048_576).fill(1)],
  ['nothing', new Uint8Array()],
])('%s is reset, and the next question answered', async (_what, bytes) => {
  const { device } = await startWhoHas({ isServed: everThird })
  const { whoHas, libp2p } = await startWhoHas()
  expect(await send(libp2p, device, bytes)).toBe('reset')
  expect(await whoHas.ask(device, digests.slice(0, 1), signal)).toEqual([true])
})

test('who asks too often is told so, and new peer ids at the same address do not help for long', async () => {
  let answered = 0
  // Its clock stands still, so nothing is added to what may be asked.
  const { device } = await startWhoHas({ isServed: () => ++answered > 0, seams: new Simulation(1).seams })
  const counts: number[] = []
  for (let i = 0; i < 5; i++) {
    const { whoHas } = await startWhoHas()
    const before = answered
    let refused = 0
    for (let j = 0; j < 18; j++) {
      await whoHas.ask(device, digests.slice(0, 1), signal).catch((error: Error) => {
        expect(error.message).toContain('busy')
        refused++
      })
    }
    counts.push(answered - before)
    expect(refused).toBe(18 - (answered - before))
  }
  expect(counts.slice(0, 3)).toEqual([16, 16, 16])
  // Refused questions count against the address as well.
  expect(counts.slice(3)).toEqual([10, 0])
})

test('a device that never answers is given up after the deadline', async () => {
  const world = new Simulation(1)
  const silent = await loopbackNode()
  const opened = Promise.withResolvers<void>()
  await silent.handle(WHO_HAS_PROTOCOL, () => opened.resolve())
  const { whoHas } = await startWhoHas({ seams: world.seams })
  const device = { peerId: silent.peerId.toString(), addresses: silent.getMultiaddrs().map(String) }
  const asked = whoHas.ask(device, digests, signal)
  asked.catch(() => {})
  await opened.promise
  await expect(world.run(asked)).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
  expect(world.nowMs).toBe(5_000)
})

test('a stream on which nothing is asked is reset after the deadline', async () => {
  const world = new Simulation(1)
  const { device } = await startWhoHas({ seams: world.seams })
  const asker = await loopbackNode()
  const stream = await asker.dialProtocol(multiaddr(device.addresses[0]), WHO_HAS_PROTOCOL)
  const reset = new Promise<void>((resolve) => stream.addEventListener('close', () => resolve()))
  stream.send(Uint8Array.of(1))
  // The deadline stands in the simulated queue as soon as the other side took the stream.
  await vi.waitFor(async () => {
    await world.run(new Promise<void>((resolve) => world.at(5_001, resolve)))
    expect(stream.status).not.toBe('open')
  })
  await reset
})

test('an abort ends a question with its reason', async () => {
  const silent = await loopbackNode()
  const opened = Promise.withResolvers<void>()
  await silent.handle(WHO_HAS_PROTOCOL, () => opened.resolve())
  const { whoHas } = await startWhoHas()
  const stop = new AbortController()
  const device = { peerId: silent.peerId.toString(), addresses: silent.getMultiaddrs().map(String) }
  const asked = whoHas.ask(device, digests, stop.signal)
  asked.catch(() => {})
  await opened.promise
  stop.abort(new Error('enough'))
  await expect(asked).rejects.toThrow('enough')
})

test('an answer that is malformed, or from somebody else, is no answer', async () => {
  const liar = await loopbackNode()
  await liar.handle(WHO_HAS_PROTOCOL, (stream) => {
    stream.send(Uint8Array.of(1, 0, 0xff))
    void stream.close()
  })
  const { whoHas } = await startWhoHas()
  const addresses = liar.getMultiaddrs().map(String)
  const device = { peerId: liar.peerId.toString(), addresses }
  await expect(whoHas.ask(device, digests.slice(0, 3), signal)).rejects.toMatchObject({
    code: 'ERR_PROTOCOL',
  })
  const other = addresses.map((address) => address.replace(liar.peerId.toString(), peerOf(1)))
  await expect(whoHas.ask({ peerId: peerOf(1), addresses: other }, digests, signal)).rejects.toMatchObject({
    code: 'ERR_NO_PROVIDER',
  })
})
