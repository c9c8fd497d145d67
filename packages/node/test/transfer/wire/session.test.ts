import { describe, expect, test } from 'vitest'
import { RAW, cidOf, providerDigest, sha256 } from '../../../src/content/cid.ts'
import type { ContentSource } from '../../../src/store/content-source.ts'
import { proofOf } from '../../../src/transfer/wire/proofs.ts'
import { TRANSFER_LIMITS } from '../../../src/transfer/limits.ts'
import type { Message } from '../../../src/transfer/wire/messages.ts'
import { Requester } from '../../../src/transfer/wire/requester.ts'
import { Session } from '../../../src/transfer/wire/session.ts'
import { ShareRegistry } from '../../../src/transfer/serving/share-registry.ts'
import { UploadService } from '../../../src/transfer/serving/upload-service.ts'
import { ManualChannel } from '../../helpers/manual-channel.ts'
import { Simulation } from '../../helpers/simulation.ts'

const blocks = [Buffer.from('zero'), Buffer.from('one')]
const root = cidOf(RAW, sha256(Buffer.concat(blocks)))
const source: ContentSource = {
  root,
  total: blocks.length,
  readBlock: async (i) => ({ outcome: 'bytes', bytes: Uint8Array.from(blocks[i] as Buffer) }),
  readNode: async () => ({ outcome: 'missing' }),
}
const NODE = Buffer.from('node')
const PEER = Buffer.from('peer')

/** A node that serves `source`, with a hostile or honest peer on the other end of the channel. */
function serve(): {
  world: Simulation
  channel: ManualChannel
  hello: () => void
  prove: (role?: 'answerer') => void
} {
  const world = new Simulation(1)
  const registry = new ShareRegistry()
  registry.add(source)
  const uploads = new UploadService({ registry, seams: world.seams, limits: TRANSFER_LIMITS })
  const channel = new ManualChannel()
  uploads.accept(channel)
  const nonce = new Uint8Array(32).fill(4)
  const hello = (): void => channel.say({ t: 'hello', v: 1, pk: providerDigest(root), nonce })
  const prove = (role: 'opener' | 'answerer' = 'opener'): void => {
    const facts = {
      root,
      openerNonce: nonce,
      answererNonce: channel.last('hello').nonce,
      openerId: PEER,
      answererId: NODE,
    }
    channel.say({ t: 'proof', mac: proofOf(role, facts) })
  }
  return { world, channel, hello, prove }
}

describe('the answering side', () => {
  test('proves itself, then says what it has once the opener proved itself too', () => {
    const { channel, hello, prove } = serve()
    hello()
    expect(channel.sent.map((message) => message.t)).toEqual(['hello'])
    prove()
    expect(channel.last('have')).toEqual({ t: 'have', total: 2, all: true })
  })

  test('says "unknown" to a provider key that it does not hold, and nothing else', () => {
    const { channel } = serve()
    channel.say({ t: 'hello', v: 1, pk: new Uint8Array(32), nonce: new Uint8Array(32) })
    expect(channel.sent).toEqual([{ t: 'bye', why: 'unknown' }])
    expect(channel.closed).toBe(true)
  })

  test.each<[string, (peer: ReturnType<typeof serve>) => void]>([
    ['a question before the handshake', ({ channel }) => channel.say({ t: 'want', i: [0] })],
    ['a question before the proof', ({ channel, hello }) => (hello(), channel.say({ t: 'want', i: [0] }))],
    ['a proof before hello', ({ channel }) => channel.say({ t: 'proof', mac: new Uint8Array(32) })],
    [
      'a proof by who does not know the root',
      ({ channel, hello }) => (hello(), channel.say({ t: 'proof', mac: new Uint8Array(32) })),
    ],
    ['its own proof sent back', ({ hello, prove }) => (hello(), prove('answerer'))],
    ['a second hello', ({ hello, prove }) => (hello(), prove(), hello())],
    ['a second proof', ({ hello, prove }) => (hello(), prove(), prove())],
    [
      'another version',
      ({ channel }) => channel.say({ t: 'hello', v: 2, pk: providerDigest(root), nonce: new Uint8Array(32) }),
    ],
    [
      'a proof inside the first hello',
      ({ channel }) =>
        channel.say({
          t: 'hello',
          v: 1,
          pk: providerDigest(root),
          nonce: new Uint8Array(32),
          mac: new Uint8Array(32),
        }),
    ],
    [
      'a block that does not exist',
      ({ channel, hello, prove }) => (hello(), prove(), channel.say({ t: 'want', i: [2] })),
    ],
    [
      'a block that nobody asked for',
      ({ channel, hello, prove }) => (hello(), prove(), channel.say({ t: 'block', i: 0, n: 4 }, blocks[0])),
    ],
    [
      'a node that nobody asked for',
      ({ channel, hello, prove }) => (hello(), prove(), channel.say({ t: 'cid', c: root, n: 4 }, blocks[0])),
    ],
  ])('ends the session at %s', (_name, attack) => {
    const peer = serve()
    attack(peer)
    expect(peer.channel.abortCode).toBe('ERR_PROTOCOL')
    expect(peer.channel.sent.filter((message) => message.t === 'block')).toEqual([])
  })

  test('skips 64 messages of unknown type and ends the session at the next', () => {
    const { channel, hello, prove } = serve()
    hello()
    prove()
    for (let i = 0; i < TRANSFER_LIMITS.maxUnknownMessages; i++)
      channel.say({ t: 'sing', n: 3 } as unknown as Message, Buffer.from('abc'))
    expect(channel.aborted).toBeUndefined()
    channel.say({ t: 'sing', n: 0 } as unknown as Message)
    expect(channel.abortCode).toBe('ERR_PROTOCOL')
  })

  test('ends a handshake that takes too long', async () => {
    const { world, channel } = serve()
    await world.run(
      new Promise<void>((resolve) => void world.at(TRANSFER_LIMITS.handshakeTimeoutMs + 1, resolve)),
    )
    expect(channel.abortCode).toBe('ERR_PROTOCOL')
  })

  test('answers what is asked beyond the limit with "busy" and serves the rest', async () => {
    const { world, channel, hello, prove } = serve()
    hello()
    prove()
    const wanted = Array.from({ length: TRANSFER_LIMITS.maxWantsPerPeer + 10 }, (_, i) => i % 2)
    channel.say({ t: 'want', i: wanted })
    await world.run(new Promise<void>((resolve) => void world.at(1, resolve)))
    const refused = channel.sent.filter((message) => message.t === 'no')
    expect(refused).toHaveLength(10)
    expect(refused[0]).toMatchObject({ why: 'busy', retryMs: TRANSFER_LIMITS.busyRetryMs })
    while (channel.sent.filter((message) => message.t === 'block').length < TRANSFER_LIMITS.maxWantsPerPeer) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  })

  test('refuses sessions beyond the limit for one peer', () => {
    const world = new Simulation(1)
    const uploads = new UploadService({
      registry: new ShareRegistry(),
      seams: world.seams,
      limits: TRANSFER_LIMITS,
    })
    const channels = Array.from({ length: TRANSFER_LIMITS.maxSessionsPerPeer + 1 }, () => new ManualChannel())
    for (const channel of channels) uploads.accept(channel)
    expect(channels.filter((channel) => channel.aborted !== undefined)).toEqual([channels.at(-1)])
  })
})

describe('the opening side', () => {
  function open(): {
    world: Simulation
    channel: ManualChannel
    requester: Requester
    answer: (good: boolean) => void
  } {
    const world = new Simulation(1)
    const channel = new ManualChannel()
    const session = Session.open({ channel, seams: world.seams, limits: TRANSFER_LIMITS }, root)
    const requester = new Requester({ session, seams: world.seams, limits: TRANSFER_LIMITS })
    session.attach(requester)
    const answererNonce = new Uint8Array(32).fill(8)
    const answer = (good: boolean): void => {
      const facts = {
        root,
        openerNonce: channel.last('hello').nonce,
        answererNonce,
        openerId: NODE,
        answererId: PEER,
      }
      const mac = good ? proofOf('answerer', facts) : new Uint8Array(32)
      channel.say({ t: 'hello', v: 1, pk: providerDigest(root), nonce: answererNonce, mac })
    }
    return { world, channel, requester, answer }
  }

  test('never sends the root before the answerer proved that it knows it', () => {
    const { channel, answer } = open()
    expect(JSON.stringify(channel.sent)).not.toContain(root.toString())
    answer(false)
    expect(channel.abortCode).toBe('ERR_PROTOCOL')
    expect(channel.sent.map((message) => message.t)).toEqual(['hello'])
  })

  test('takes a node that fits its CID and drops who sends another', async () => {
    const { channel, requester, answer } = open()
    answer(true)
    const first = requester.getNodes([root])
    channel.say({ t: 'cid', c: root, n: 7 }, Buffer.concat(blocks))
    expect(await first).toEqual([Uint8Array.from(Buffer.concat(blocks))])
    const second = requester.getNodes([root])
    channel.say({ t: 'cid', c: root, n: 7 }, Buffer.from('another'))
    await expect(second).rejects.toMatchObject({ code: 'ERR_CONTENT_INVALID' })
    expect(channel.abortCode).toBe('ERR_CONTENT_INVALID')
  })

  test('gives up on a peer that owes an answer and is silent', async () => {
    const { world, requester, channel, answer } = open()
    answer(true)
    const node = requester.getNodes([root])
    node.catch(() => {})
    await expect(world.run(node)).rejects.toMatchObject({ code: 'ERR_PROTOCOL' })
    expect(world.nowMs).toBeGreaterThanOrEqual(TRANSFER_LIMITS.idleTimeoutMs)
    expect(world.nowMs).toBeLessThan(TRANSFER_LIMITS.idleTimeoutMs * 2)
    expect(channel.aborted).toBeDefined()
  })

  test('a peer tells what it has in three forms, and more of it later', () => {
    const { channel, requester, answer } = open()
    answer(true)
    expect(requester.availability.has(9)).toBe(false)
    channel.say({ t: 'have', from: 8, n: 1 }, Uint8Array.of(0b0100_0001))
    channel.say({ t: 'have', i: [3, 9] })
    expect([...requester.availability.named()]).toEqual([3, 9, 15])
    channel.say({ t: 'have', all: true, total: 16 })
    expect(requester.availability.has(0)).toBe(true)
    requester.limitTo(16)
    expect(channel.aborted).toBeUndefined()
    channel.say({ t: 'have', i: [16] })
    expect(channel.abortCode).toBe('ERR_PROTOCOL')
  })

  test('what a peer tells as bits reaches all who want to know', () => {
    const channel = new ManualChannel()
    const session = Session.open({ channel, seams: new Simulation(1).seams, limits: TRANSFER_LIMITS }, root)
    channel.openAsAnswerer(root)
    const heard: Uint8Array[][] = [[], []]
    for (const list of heard) {
      session.attach({
        payloadFor: ({ t }) => {
          return t === 'have' ? { buffer: new Uint8Array(1), deliver: (bits) => list.push(bits) } : undefined
        },
        onMessage: () => {},
        onEnd: () => {},
      })
    }
    channel.say({ t: 'have', from: 0, n: 1 }, Uint8Array.of(0x80))
    expect(heard).toEqual([[Uint8Array.of(0x80)], [Uint8Array.of(0x80)]])
  })

  test('a peer that has more blocks than there are is dropped when that is known', () => {
    const { channel, requester, answer } = open()
    answer(true)
    channel.say({ t: 'have', all: true, total: 16 })
    requester.limitTo(15)
    expect(channel.abortCode).toBe('ERR_PROTOCOL')
  })

  test('the answer to what was cancelled may still come, once for each time it was asked', () => {
    const { channel, requester, answer } = open()
    answer(true)
    const got: number[] = []
    const refused: number[] = []
    requester.deliverTo({
      bufferFor: (_block, length) => new Uint8Array(length),
      onBlock: (block) => got.push(block),
      onNo: (block) => refused.push(block),
      onEnd: () => {},
    })
    requester.want([0, 1, 2])
    requester.cancel([0, 1, 7])
    expect(channel.sent.at(-1)).toEqual({ t: 'cancel', i: [0, 1] })
    requester.want([0])
    channel.say({ t: 'block', i: 0, n: 4 }, blocks[0])
    channel.say({ t: 'block', i: 0, n: 4 }, blocks[0])
    channel.say({ t: 'no', i: 1, why: 'busy' })
    channel.say({ t: 'no', i: 2, why: 'gone' })
    expect(got).toEqual([0, 0])
    expect(refused).toEqual([2])
    expect(requester.outstanding).toBe(0)
    expect(channel.aborted).toBeUndefined()
    channel.say({ t: 'block', i: 0, n: 4 }, blocks[0])
    expect(channel.abortCode).toBe('ERR_PROTOCOL')
  })

  test('a refusal of what was not asked is a protocol error', () => {
    const { channel, answer } = open()
    answer(true)
    channel.say({ t: 'no', i: 0, why: 'gone' })
    expect(channel.abortCode).toBe('ERR_PROTOCOL')
  })
})
