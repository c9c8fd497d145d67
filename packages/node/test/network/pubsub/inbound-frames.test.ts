/** What of a frame goes on, in which order it is looked at, and what that costs. */
import type { RPC } from '@libp2p/gossipsub/message'
import { beforeEach, expect, test } from 'vitest'
import { Conduct } from '../../../src/network/pubsub/conduct.ts'
import { idText, messageId } from '../../../src/network/pubsub/gossip-options.ts'
import { InboundFrames } from '../../../src/network/pubsub/inbound-frames.ts'
import { PUBSUB_LIMITS, PUBSUB_SCORES, type PubsubLimits } from '../../../src/network/pubsub/limits.ts'
import { BoundedMessageCache } from '../../../src/network/pubsub/message-cache.ts'
import { ManualClock } from '../../helpers/manual-clock.ts'
import { plainRules } from '../../helpers/pubsub.ts'

const TOPIC = '/ours'
const MEMBER = 'member'
let clock: ManualClock
let barred: string[]
let conduct: Conduct
let cache: BoundedMessageCache
let frames: InboundFrames
let rules: ReturnType<typeof plainRules>

function start(changed: Partial<PubsubLimits> = {}): void {
  const limits: PubsubLimits = { ...PUBSUB_LIMITS, ...changed }
  clock = new ManualClock()
  barred = []
  conduct = new Conduct({
    clock,
    limits,
    isMember: (peerId) => peerId === MEMBER,
    onBarred: (peerId) => barred.push(peerId),
  })
  cache = new BoundedMessageCache(limits)
  frames = new InboundFrames({ limits, clock, conduct, cache })
  rules = plainRules()
  frames.enter(TOPIC, rules)
}

beforeEach(() => start())

function message(text: string, topic = TOPIC): RPC.Message {
  return { topic, data: Buffer.from(text) }
}

function rpc(messages: RPC.Message[], control: Partial<RPC.ControlMessage> = {}): RPC {
  const none = { ihave: [], iwant: [], graft: [], prune: [], idontwant: [] }
  return { subscriptions: [], messages, control: { ...none, ...control } }
}

/** As the library goes on with what it is given. */
async function give(peerId: string, ...messages: RPC.Message[]): Promise<string[]> {
  const verdicts: string[] = []
  for (const { topic, data } of frames.clean(peerId, rpc(messages))?.messages ?? []) {
    verdicts.push(await frames.judge(topic, peerId, data ?? new Uint8Array()))
  }
  return verdicts
}

test('a good message is opened and judged once, and comes from others for nothing', async () => {
  expect(await give('a', message('1 good'))).toEqual(['accept'])
  for (const peerId of ['a', 'b', 'c']) expect(await give(peerId, message('1 good'))).toEqual([])
  expect(rules).toMatchObject({ opened: 1, judged: 1 })
  expect(frames.counts).toMatchObject({ repeated: 3, judged: 1 })
})

test('what is too large is not opened, what does not open is not judged', async () => {
  expect(await give('a', message(`1${'x'.repeat(PUBSUB_LIMITS.maxMessageBytes)}`))).toEqual([])
  expect(await give('a', { topic: TOPIC })).toEqual([])
  expect(rules).toMatchObject({ opened: 0, judged: 0 })
  expect(await give('a', message('no member said this'))).toEqual([])
  expect(rules).toMatchObject({ opened: 1, judged: 0 })
  expect(frames.counts).toMatchObject({ oversized: 2, unopened: 1, judged: 0 })
})

test('what is of no topic of ours, or signed for the library, is not opened', async () => {
  expect(await give('a', message('1 good', '/theirs'))).toEqual([])
  expect(await give('a', { ...message('1 good'), signature: new Uint8Array(64) })).toEqual([])
  expect(rules.opened).toBe(0)
  expect(frames.counts).toMatchObject({ foreign: 1, unopened: 1 })
})

test('who goes on sending rubbish is not heard any more, also after coming back, until its time is over', async () => {
  for (let i = 0; i < 100; i++) await give('a', message(`rubbish ${i}`))
  expect(barred).toEqual(['a'])
  expect(rules.opened).toBe(PUBSUB_LIMITS.maxStrikes)
  conduct.forget('a')
  expect(await give('a', message('1 good'))).toEqual([])
  expect(conduct.worth('a')).toBe(PUBSUB_SCORES.barred)
  clock.ms += PUBSUB_LIMITS.barredMs
  expect(await give('a', message('1 good'))).toEqual(['accept'])
})

test('a few false signatures are enough', async () => {
  for (let i = 0; i < 100; i++) await give(MEMBER, message(`2 false ${i}`))
  expect(rules.judged).toBe(PUBSUB_LIMITS.maxStrikes / PUBSUB_LIMITS.falseStrikes)
  expect(conduct.isBarred(MEMBER)).toBe(true)
})

test('one bad message a second is forgiven', async () => {
  for (let i = 0; i < 100; i++) {
    await give('a', message(`rubbish ${i}`))
    clock.ms += 1_000
  }
  expect(barred).toEqual([])
  expect(conduct.worth('a')).toBeGreaterThan(PUBSUB_SCORES.gossip)
})

test('who tells what is not understood or known here is not held to have done wrong', async () => {
  for (let i = 0; i < 90; i++) expect(await give('a', message(`3 later ${i}`))).toEqual(['ignore'])
  frames.leave(TOPIC)
  for (let i = 0; i < 90; i++) expect(await give('a', message(`1 ${i}`))).toEqual([])
  expect(conduct.worth('a')).toBe(0)
  expect(frames.counts.foreign).toBe(90)
})

test('after a minute a topic that was left is one like any other', async () => {
  frames.leave(TOPIC)
  clock.ms += PUBSUB_LIMITS.leftMs + 1
  for (let i = 0; i < 90; i++) await give('a', message(`1 ${i}`))
  expect(barred).toEqual(['a'])
})

test('no peer has more than 100 messages opened in a second, and all strangers leave members their part', async () => {
  for (let i = 0; i < 400; i++) await give('a', message(`1 a ${i}`))
  expect(rules.opened).toBe(PUBSUB_LIMITS.openedPerSecond)
  for (const peerId of ['b', 'c', 'd', 'e']) {
    for (let i = 0; i < 100; i++) await give(peerId, message(`1 ${peerId} ${i}`))
  }
  expect(rules.opened).toBe(PUBSUB_LIMITS.openedPerSecondInAll)
  expect(await give(MEMBER, message('1 of a member'))).toEqual(['accept'])
  // What was not opened is taken when it comes again.
  clock.ms += 1_000
  expect(await give('e', message('1 e 99'))).toEqual(['accept'])
  expect(barred).toEqual([])
})

test('a flood of frames is dropped before anything in it is read, and soon not heard', async () => {
  for (let i = 0; i < 10_000; i++) await give('a', message('1 good'))
  expect(barred).toEqual(['a'])
  expect(rules.opened).toBe(1)
  expect(frames.counts.repeated).toBeLessThan(PUBSUB_LIMITS.unitsPerSecond)
  expect(frames.counts.dropped).toBeLessThanOrEqual(
    PUBSUB_LIMITS.maxStrikes * PUBSUB_LIMITS.droppedPerStrike + 1,
  )
})

test('of slow judges as many messages wait as are allowed', async () => {
  start({ maxJudging: 3, maxJudgingInAll: 4 })
  const { promise, resolve } = Promise.withResolvers<void>()
  frames.enter(TOPIC, {
    open: (data) => data,
    judge: async () => {
      await promise
      return 'accept'
    },
  })
  const given = ['a', 'b'].flatMap((peer) => [1, 2, 3, 4].map((i) => give(peer, message(`1 ${peer} ${i}`))))
  resolve()
  const verdicts = (await Promise.all(given)).flat()
  expect(verdicts.filter((verdict) => verdict === 'accept')).toHaveLength(4)
  expect(verdicts.filter((verdict) => verdict === 'ignore')).toHaveLength(4)
  expect(await give('b', message('1 later'))).toEqual(['accept'])
})

test('a judge that fails says nothing about who sent it', async () => {
  frames.enter(TOPIC, { open: (data) => data, judge: () => Promise.reject(new Error('the space is closed')) })
  for (let i = 0; i < 50; i++) expect(await give('a', message(`1 ${i}`))).toEqual(['ignore'])
  expect(conduct.worth('a')).toBe(0)
})

test('what is kept of a message is not a part of its frame', () => {
  const whole = Buffer.alloc(200_000, '1')
  const [kept] = frames.clean('a', rpc([{ topic: TOPIC, data: whole.subarray(0, 10) }]))?.messages ?? []
  expect(kept?.data?.buffer.byteLength).toBe(10)
})

test('ids that were seen are bounded', async () => {
  start({ maxSeen: 50, openedPerSecond: 1_000, openedPerSecondInAll: 1_000 })
  for (let i = 0; i < 60; i++) await give('a', message(`1 ${i}`))
  expect(await give('b', message('1 59'))).toEqual([])
  // Forgotten: judged again, and it is for the judge to know it.
  expect(await give('b', message('1 0'))).toEqual(['accept'])
})

test('a hundred thousand topics leave as much as 256, and are given up with the peer', () => {
  for (let peer = 0; peer < 100; peer++) {
    for (let i = 0; i < 1_000; i++) {
      const topic = `/t/${peer}/${i}`
      frames.clean(`${peer}`, { subscriptions: [{ topic, subscribe: true }], messages: [] })
      if (i % 900 === 0) clock.ms += 1_000
    }
  }
  expect(frames.foreign.size).toBe(PUBSUB_LIMITS.maxForeignTopicsInAll)
  frames.clean('x', { subscriptions: [{ topic: 'y'.repeat(129), subscribe: true }], messages: [] })
  for (let peer = 0; peer < 100; peer++) frames.foreign.forget(`${peer}`)
  expect(frames.foreign.size).toBe(0)
})

test('who was in a topic before this node is found when it enters', () => {
  const tell = (peerId: string, topic: string, subscribe: boolean): RPC | undefined =>
    frames.clean(peerId, { subscriptions: [{ topic, subscribe }], messages: [] })
  expect(tell('a', '/later', true)?.subscriptions).toEqual([])
  tell('b', '/later', true)
  tell('b', '/later', false)
  expect(frames.foreign.take('/later')).toEqual(['a'])
  expect(frames.foreign.take('/later')).toEqual([])
  expect(tell('a', TOPIC, true)?.subscriptions).toEqual([{ topic: TOPIC, subscribe: true }])
})

test('of control entries only those of our topics go on, with ids that are ids and times that are bounded', () => {
  const id = new Uint8Array(32).fill(1)
  const long = new Uint8Array(5_000)
  const topics = [TOPIC, '/theirs', undefined]
  const control = frames.clean(
    'a',
    rpc([], {
      ihave: topics.map((topicID) => ({ topicID, messageIDs: [id, long] })),
      graft: topics.map((topicID) => ({ topicID })),
      prune: topics.map((topicID) => ({ topicID, backoff: 1e9, peers: [{ peerID: id }] })),
      idontwant: [{ messageIDs: [id, long] }],
    }),
  )?.control
  expect(control).toEqual({
    ihave: [{ topicID: TOPIC, messageIDs: [id] }],
    iwant: [],
    graft: [{ topicID: TOPIC }],
    prune: [{ topicID: TOPIC, backoff: 600, peers: [] }],
    idontwant: [{ messageIDs: [id] }],
  })
  const many = Array.from({ length: 200 }, (_, i) => new Uint8Array(32).fill(i))
  const told = frames.clean('b', rpc([], { ihave: [1, 2].map(() => ({ topicID: TOPIC, messageIDs: many })) }))
  expect(told?.control?.ihave.map(({ messageIDs }) => messageIDs.length)).toEqual([200, 56])
})

test('what is asked for by id is answered by what fits into one frame', () => {
  const ids = Array.from({ length: 10 }, (_, i) => {
    const data = new Uint8Array(30_000).fill(i)
    const msgId = messageId(data)
    cache.put({ msgId, msgIdStr: idText(msgId) }, { topic: TOPIC, data })
    return msgId
  })
  const unknown = new Uint8Array(32)
  const asked = frames.clean('a', rpc([], { iwant: [{ messageIDs: [unknown, ...ids] }] }))
  expect(asked?.control?.iwant).toEqual([{ messageIDs: ids.slice(0, 4) }])
})
