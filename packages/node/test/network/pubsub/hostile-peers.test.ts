/** Gossip with strangers that send rubbish, of real nodes on loopback. Longer with SHOAL_GOSSIP_SPAM_SECONDS. */
import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { PUBSUB_LIMITS } from '../../../src/network/pubsub/limits.ts'
import { gossipSeal, sealGossip } from '../../../src/spaces/gossip/envelope.ts'
import { SpaceGossip } from '../../../src/spaces/gossip/space-gossip.ts'
import { spaceTopics } from '../../../src/spaces/gossip/space-topics.ts'
import { spaceNames } from '../../../src/spaces/keys/names.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { connect, plainRules, startGossiper, type Gossiper } from '../../helpers/pubsub.ts'
import { RawGossiper } from '../../helpers/raw-gossip.ts'

const TOPIC = '/test/topic'
const SOON = { timeout: 15_000, interval: 20 }
const SPAM_MS = Number(process.env['SHOAL_GOSSIP_SPAM_SECONDS'] ?? 2) * 1_000
const BATCH = 25

async function stranger(at: Gossiper): Promise<RawGossiper> {
  const raw = await RawGossiper.start()
  onTestFinished(() => raw.stop())
  await raw.dial(at.host.addresses()[0] ?? '')
  return raw
}

async function pair(
  onMessage: (text: string) => void,
): Promise<[Gossiper, Gossiper, ReturnType<typeof plainRules>]> {
  const [first, second] = await Promise.all([startGossiper(), startGossiper()])
  const rules = plainRules(onMessage)
  first.pubsub.join(TOPIC, rules)
  second.pubsub.join(TOPIC, plainRules())
  await connect(second.host, first.host)
  await vi.waitFor(() => {
    expect(second.pubsub.subscribers(TOPIC)).toEqual([first.peerId])
    expect(first.pubsub.subscribers(TOPIC)).toEqual([second.peerId])
  }, SOON)
  return [first, second, rules]
}

/** Sends about 2,500 messages a second until the time is over or the stream ended; how long it was heard. */
async function spam(raw: RawGossiper, endMs: number, next: (n: number) => Uint8Array): Promise<void> {
  let n = 0
  for (let at = performance.now(); at < endMs; at = performance.now()) {
    for (let i = 0; i < BATCH; i++) {
      if (!raw.say({ messages: [{ topic: TOPIC, data: next(n++) }] })) return
    }
    await raw.drained()
    while (performance.now() < at + (1_000 * BATCH) / 2_500) await setImmediate()
  }
}

test.each([
  ['what does not open', (n: number) => Buffer.concat([Buffer.from(`rubbish ${n} `), randomBytes(300)])],
  ['false signatures', (n: number) => Buffer.from(`2 ${n} ${randomBytes(8).toString('hex')}`)],
  ['what was said before', () => Buffer.from('1 an old message')],
])(
  'four strangers that flood with %s are not heard after a second, and members go on',
  async (_, next) => {
    const heard: string[] = []
    const [first, second, rules] = await pair((text) => heard.push(text))
    const strangers = await Promise.all([1, 2, 3, 4].map(() => stranger(first)))
    await second.pubsub.publish(TOPIC, Buffer.from('1 an old message'))
    await vi.waitFor(() => expect(heard).toContain('1 an old message'), SOON)
    const began = performance.now()
    const endMs = began + SPAM_MS
    let barredMs = Infinity
    const spamming = strangers.map((raw) => spam(raw, endMs, next))
    const said: string[] = []
    while (performance.now() < endMs) {
      said.push(`1 honest ${said.length}`)
      await second.pubsub.publish(TOPIC, Buffer.from(said.at(-1) ?? ''))
      if (strangers.every(({ peerId }) => first.pubsub.isBarred(peerId))) {
        barredMs = Math.min(barredMs, performance.now() - began)
      }
      const until = performance.now() + 50
      while (performance.now() < until) await setImmediate()
    }
    await Promise.all(spamming)
    await vi.waitFor(() => expect(heard).toEqual(expect.arrayContaining(said)), SOON)
    // A second by itself; the machine of a test may be busy.
    expect(barredMs).toBeLessThan(Math.max(1_500, SPAM_MS / 2))
    expect(strangers.map(({ isOpen }) => isOpen)).toEqual([false, false, false, false])
    expect(first.pubsub.isBarred(second.peerId)).toBe(false)
    const { judged } = first.pubsub.stats()
    expect(judged).toBe(rules.judged)
    // Four false ones of each are enough, beside those that were under way then.
    expect(judged).toBeLessThanOrEqual(said.length + 1 + 4 * (4 + PUBSUB_LIMITS.maxJudging))
    // Nothing came further than to the one that they sent it to.
    expect(second.pubsub.stats().judged).toBe(0)
  },
  60_000,
)

test('who is not heard is not heard after connecting again either, and nothing is kept for it', async () => {
  const [first] = await pair(() => {})
  const raw = await stranger(first)
  for (let i = 0; i < 50; i++) raw.say({ messages: [{ topic: TOPIC, data: Buffer.from(`rubbish ${i}`) }] })
  await vi.waitFor(() => expect(first.pubsub.isBarred(raw.peerId)).toBe(true), SOON)
  await vi.waitFor(() => expect(raw.isOpen).toBe(false), SOON)
  await raw.dial(first.host.addresses()[0] ?? '')
  raw.enter(TOPIC)
  await vi.waitFor(() => expect(raw.isOpen).toBe(false), SOON)
  expect(first.pubsub.subscribers(TOPIC)).not.toContain(raw.peerId)
  expect(first.pubsub.stats()).toMatchObject({ barred: 1, peers: 1 })
})

test('a flood of topics and requests leaves nothing behind, and ends the stream', async () => {
  const [first, second] = await pair(() => {})
  const raw = await stranger(first)
  raw.enter(TOPIC)
  await vi.waitFor(() => expect(first.pubsub.subscribers(TOPIC)).toContain(raw.peerId), SOON)
  let most = 0
  for (let said = 0; said < 100_000 && raw.isOpen; said += 200) {
    const names = Array.from({ length: 200 }, (_unused, i) => `/flood/${said + i}`)
    raw.say({
      subscriptions: names.map((topic) => ({ topic, subscribe: true })),
      control: { graft: names.map((topicID) => ({ topicID })) },
    })
    await raw.drained()
    await setImmediate()
    most = Math.max(most, first.pubsub.stats().foreignTopics)
  }
  await vi.waitFor(() => expect(raw.isOpen).toBe(false), SOON)
  expect(most).toBeLessThanOrEqual(256)
  await vi.waitFor(() => expect(first.pubsub.subscribers(TOPIC)).toEqual([second.peerId]), SOON)
  await raw.stop()
  await vi.waitFor(() => expect(first.pubsub.stats().foreignTopics).toBe(0), SOON)
})

test('frames that are too long or no frames end at most their own stream', async () => {
  const heard: string[] = []
  const [first, second] = await pair((text) => heard.push(text))
  const long = await stranger(first)
  long.sayBytes(Buffer.from([0xff, 0xff, 0xff, 0x7f, 1, 2, 3]))
  const garbled = await stranger(first)
  garbled.sayBytes(Buffer.concat([Buffer.from([200, 1]), randomBytes(200)]))
  const huge = await stranger(first)
  huge.say({ messages: [{ topic: TOPIC, data: new Uint8Array(300_000) }] })
  await second.pubsub.publish(TOPIC, Buffer.from('1 still here'))
  await vi.waitFor(() => expect(heard).toEqual(['1 still here']), SOON)
})

test('a stranger in the topic of a space hears that something is said, and not what', async () => {
  const key = randomBytes(32)
  const id = randomBytes(32)
  const frame = Buffer.from('the needle in a batch of the space')
  const told: string[] = []
  const members = await Promise.all([startGossiper(), startGossiper()])
  const gossips = members.map(
    ({ pubsub }) =>
      new SpaceGossip({
        pubsub,
        seams: systemSeams,
        onMessage: async (_, { frames: [given] }) => {
          told.push(Buffer.from(given ?? []).toString())
          return 'accept'
        },
        renew: () => {},
      }),
  )
  const [first, second] = members
  for (const gossip of gossips) gossip.join(id, spaceTopics({ id, epochKeys: [key] }, Date.now()))
  const { topic } = spaceNames(key, Date.now()).current
  const raw = await stranger(first)
  raw.enter(topic)
  await connect(second.host, first.host)
  await vi.waitFor(() => {
    expect(first.pubsub.subscribers(topic).toSorted()).toEqual([raw.peerId, second.peerId].toSorted())
  }, SOON)
  expect(await gossips[0]?.publish(id, { kind: 'batch', frames: [frame] })).toBe(2)
  await vi.waitFor(() => expect(told).toEqual([frame.toString()]), SOON)
  await vi.waitFor(() => expect(Buffer.concat(raw.heard).byteLength).toBeGreaterThan(500), SOON)
  const heard = Buffer.concat(raw.heard)
  expect(heard.includes('needle')).toBe(false)
  expect(heard.includes(id)).toBe(false)
  expect(heard.includes(first.host.peerId)).toBe(false)
  // A key of another space makes nothing that is taken here.
  const seal = gossipSeal(id, randomBytes(32), topic)
  raw.say({
    messages: [{ topic, data: sealGossip(seal, { kind: 'batch', frames: [frame] }, systemSeams.random) }],
  })
  await vi.waitFor(() => expect(first.pubsub.stats().unopened).toBe(1), SOON)
  expect(told).toHaveLength(1)
  for (const gossip of gossips) gossip.stop()
})
