import { expect, test } from 'vitest'
import { RAW, cidOf, providerDigest, sha256 } from '../../../src/content/cid.ts'
import { peerIdBytes, peerIdFromPublicKey } from '../../../src/identity/peer-id.ts'
import { encodeAddress } from '../../../src/network/multiaddrs.ts'
import type { Candidate } from '../../../src/network/provider-source.ts'
import { MAX_PEERS } from '../../../src/transfer/constants.ts'
import { TRANSFER_LIMITS } from '../../../src/transfer/limits.ts'
import type { Message, PeerHint } from '../../../src/transfer/wire/messages.ts'
import { PeerExchange } from '../../../src/transfer/swarm/peer-exchange.ts'
import { Session } from '../../../src/transfer/wire/session.ts'
import type { SessionHandler } from '../../../src/transfer/wire/session-handler.ts'
import { EXCHANGE_LIMITS as LIMITS } from '../../../src/transfer/swarm/swarm-limits.ts'
import { delay } from '../../../src/util/seams.ts'
import { Simulation } from '../../helpers/simulation.ts'

const ROOT = cidOf(RAW, sha256(Buffer.from('root')))
const OTHER_ROOT = cidOf(RAW, sha256(Buffer.from('another root')))

function key(i: number): Uint8Array {
  const bytes = Buffer.alloc(32)
  bytes.writeUInt32BE(i)
  return bytes
}

const idOf = (i: number): string => peerIdFromPublicKey(key(i))
const addressOf = (i: number): string => `/ip4/192.0.2.${i % 250}/tcp/${4_000 + i}`

/** A node, number 0, and peers that are connected to it. */
function world(options: { barred?: readonly string[]; unknown?: Set<string> } = {}) {
  const simulation = new Simulation(1)
  const { seams } = simulation
  const numbers = new Map(Array.from({ length: 1_000 }, (_, i) => [idOf(i), i]))
  const exchange = new PeerExchange({
    seams,
    peerId: idOf(0),
    addressesOf: async (peerId) =>
      options.unknown?.has(peerId) === true
        ? []
        : ['/ip4/198.51.100.7/udp/1/quic-v1', addressOf(numbers.get(peerId) ?? 0)],
    barred: { isBarred: (peerId) => options.barred?.includes(peerId) === true },
  })
  /** A peer that opened a session, and what it is told. */
  const join = async (
    i: number,
    root = ROOT,
  ): Promise<{ told: PeerHint[][]; theirs: Session; ours: Session }> => {
    const link = { latencyMs: 1, bytesPerMs: 1_000 }
    const [left, right] = simulation.connect(peerIdBytes(key(0)), peerIdBytes(key(i)), link)
    Object.assign(left, { remoteName: idOf(i) })
    const ours = Session.answer({ channel: left, seams, limits: TRANSFER_LIMITS }, (digest) =>
      [ROOT, OTHER_ROOT].find((known) => Buffer.compare(providerDigest(known), digest) === 0),
    )
    const theirs = Session.open({ channel: right, seams, limits: TRANSFER_LIMITS }, root)
    const told: PeerHint[][] = []
    const listener: SessionHandler = {
      payloadFor: () => undefined,
      onMessage: (message) => void (message.t === 'peers' && told.push([...message.p])),
      onEnd: () => {},
    }
    theirs.attach(listener)
    await simulation.run(Promise.all([ours.opened, theirs.opened]))
    exchange.join(ours)
    return { told, theirs, ours }
  }
  const pass = (ms: number): Promise<void> => simulation.run(delay(seams.timers, ms))
  const heard = async (root = ROOT): Promise<() => Promise<Candidate[]>> => {
    const listening = exchange.listen(root)
    return async () => {
      const found: Candidate[] = []
      for await (const candidate of listening.find(providerDigest(root), new AbortController().signal)) {
        found.push(candidate)
      }
      return found
    }
  }
  return { exchange, join, pass, heard }
}

const names = (told: readonly (readonly PeerHint[])[]): string[] =>
  told.flat().map(({ id }) => Buffer.from(id).toString('hex'))
const hex = (i: number): string => Buffer.from(peerIdBytes(key(i))).toString('hex')
const hint = (i: number, address = addressOf(i)): PeerHint => ({
  id: peerIdBytes(key(i)),
  a: [encodeAddress(address)],
})

test('those of one root are told of each other, once, with the addresses that can be dialled', async () => {
  const { join, pass } = world()
  const [one, two] = [await join(1), await join(2)]
  const stranger = await join(3, OTHER_ROOT)
  await pass(60_000)
  expect(names(one.told)).toEqual([hex(2)])
  expect(names(two.told)).toEqual([hex(1)])
  expect(one.told[0]?.[0]?.a).toEqual([encodeAddress(addressOf(2))])
  expect(stranger.told).toEqual([])
})

test('who comes later is told to the others after a pause; who left is not told', async () => {
  const { join, pass } = world()
  const one = await join(1)
  await join(2)
  await pass(10)
  const three = await join(3)
  await pass(10)
  expect(names(one.told)).toEqual([hex(2)])
  three.ours.fail(new Error('gone'))
  await join(4)
  await pass(LIMITS.tellPauseMs)
  expect(names(one.told)).toEqual([hex(2), hex(4)])
})

test('of many, no more are told at a time than one message holds', async () => {
  const { join, pass } = world()
  const one = await join(1)
  for (let i = 2; i < 72; i++) await join(i)
  await pass(LIMITS.tellPauseMs * 5)
  for (const hints of one.told) expect(hints.length).toBeLessThanOrEqual(MAX_PEERS)
  expect(new Set(names(one.told)).size).toBe(70)
  expect(one.told.flat()).toHaveLength(70)
})

test('who is barred is neither told nor heard of', async () => {
  const { join, pass, heard } = world({ barred: [idOf(2), idOf(9)] })
  const listening = await heard()
  const one = await join(1)
  await join(2)
  one.theirs.send({ t: 'peers', p: [hint(9), hint(8)] })
  await pass(10_000)
  expect(one.told).toEqual([])
  expect((await listening()).map(({ peerId }) => peerId)).toEqual([idOf(8)])
})

test('a peer whose addresses are not known yet is told when they are', async () => {
  const unknown = new Set([idOf(2)])
  const { join, pass } = world({ unknown })
  const one = await join(1)
  await join(2)
  await pass(LIMITS.tellPauseMs * 2)
  expect(one.told).toEqual([])
  unknown.clear()
  await pass(LIMITS.tellPauseMs)
  expect(names(one.told)).toEqual([hex(2)])
})

test('what a peer names is bounded, and only what can be dialled counts', async () => {
  const { join, pass, heard } = world()
  const [listening, elsewhere] = [await heard(), await heard(OTHER_ROOT)]
  const { theirs, ours } = await join(1)
  const send = (...p: PeerHint[]): void => void theirs.send({ t: 'peers', p } satisfies Message)
  // This node itself, an address of somebody else, one that nobody dials, bytes that are none, an id that is none.
  send(hint(0), hint(5, `${addressOf(5)}/p2p/${idOf(6)}`), hint(5, '/ip4/192.0.2.1/udp/5'))
  send({ id: peerIdBytes(key(5)), a: [Uint8Array.of(9, 9, 9)] }, { id: Uint8Array.of(1, 2), a: [] })
  await pass(100)
  expect(await listening()).toEqual([])
  for (let i = 10; i < 200; i++) send(hint(i))
  await pass(1_000)
  const found = await listening()
  expect(found).toHaveLength(LIMITS.maxNamedPerSession)
  expect(found[0]?.addresses).toEqual([`${addressOf(73)}/p2p/${idOf(73)}`])
  expect(await elsewhere()).toEqual([])
  expect(ours.isEnded).toBe(false)
})

test('a peer that names others without end is ended', async () => {
  const { join, pass } = world()
  const { theirs, ours } = await join(1)
  for (let i = 0; i <= LIMITS.maxMessages; i++) theirs.send({ t: 'peers', p: [] })
  await pass(10_000)
  expect(ours.isEnded).toBe(true)
})
