/** Gossip of spaces on a pubsub that only remembers, with a clock by hand. */
import { expect, test } from 'vitest'
import type { PubsubVerdict, TopicRules } from '../../../src/network/pubsub/pubsub.ts'
import { ShoalError } from '../../../src/errors.ts'
import type { GossipMessage } from '../../../src/spaces/gossip/envelope.ts'
import { SpaceGossip, type SpaceGossipInit } from '../../../src/spaces/gossip/space-gossip.ts'
import { spaceTopics } from '../../../src/spaces/gossip/space-topics.ts'
import { verdictOf } from '../../../src/spaces/gossip/verdict.ts'
import { spaceNames } from '../../../src/spaces/keys/names.ts'
import { Simulation } from '../../helpers/simulation.ts'

const HOUR_MS = 3_600_000
const space = new Uint8Array(32).fill(1)
const key = new Uint8Array(32).fill(2)
const newKey = new Uint8Array(32).fill(3)
const batch = { kind: 'batch', frames: [Buffer.from('a batch')] } as const

class Remembering {
  readonly rules = new Map<string, TopicRules<unknown>>()
  readonly sent: { topic: string; data: Uint8Array }[] = []
  maxTopics = Infinity

  join = (topic: string, rules: unknown): void => {
    if (this.rules.size >= this.maxTopics) throw new ShoalError('ERR_LIMIT', 'too many topics')
    this.rules.set(topic, rules as TopicRules<unknown>)
  }

  leave = (topic: string): void => void this.rules.delete(topic)

  publish = async (topic: string, data: Uint8Array): Promise<number> => this.sent.push({ topic, data })

  /** What a message comes to on this side. */
  take = async (topic: string, data: Uint8Array): Promise<PubsubVerdict | undefined> => {
    const rules = this.rules.get(topic)
    const opened = rules?.open(data)
    return opened === undefined ? undefined : await rules?.judge(opened, 'who passed it on')
  }
}

function start(onMessage: SpaceGossipInit['onMessage'] = async () => 'accept') {
  const simulation = new Simulation(1)
  const pubsub = new Remembering()
  const { clock } = simulation.seams
  const keys = new Map<string, readonly Uint8Array[]>()
  const give = (id: Uint8Array): void => {
    inner.join(id, spaceTopics({ id, epochKeys: keys.get(String(id)) ?? [] }, clock.now()))
  }
  const inner = new SpaceGossip({ pubsub, seams: simulation.seams, onMessage, renew: give })
  const gossip = {
    join: ({ id, epochKeys }: { id: Uint8Array; epochKeys: readonly Uint8Array[] }): void => {
      keys.set(String(id), epochKeys)
      give(id)
    },
    leave: (id: Uint8Array) => inner.leave(id),
    publish: (id: Uint8Array, message: GossipMessage) => inner.publish(id, message),
    stop: () => inner.stop(),
  }
  return { simulation, pubsub, gossip }
}

test('what is told comes to whoever has the key, with its space, and goes under the name of now', async () => {
  const told: unknown[] = []
  const { gossip, pubsub, simulation } = start(async (...given) => {
    told.push(given)
    return 'accept'
  })
  gossip.join({ id: space, epochKeys: [key] })
  expect(await gossip.publish(space, batch)).toBe(1)
  const [message] = pubsub.sent
  if (message === undefined) throw new Error('nothing was sent')
  expect(message.topic).toBe(spaceNames(key, simulation.seams.clock.now()).current.topic)
  expect(Buffer.from(message.data).includes('a batch')).toBe(false)
  expect(await pubsub.take(message.topic, message.data)).toBe('accept')
  expect(told).toEqual([[space, { ...batch, frames: [new Uint8Array(batch.frames[0])] }, 'who passed it on']])
})

test('around a change of names both are listened to, and at no other time', async () => {
  const { gossip, pubsub, simulation } = start()
  gossip.join({ id: space, epochKeys: [key] })
  const now = (): number => simulation.seams.clock.now()
  const seen = new Set<number>()
  for (let step = 0; step < 30; step++) {
    const { accepted } = spaceTopics({ id: space, epochKeys: [key] }, now())
    expect([...pubsub.rules.keys()].toSorted()).toEqual([...accepted.keys()].toSorted())
    seen.add(accepted.size)
    await simulation.pass(HOUR_MS)
  }
  expect(seen).toEqual(new Set([1, 2]))
})

test('with another key the new name is sent under, and the former ones are listened to as long as they are given', async () => {
  const { gossip, pubsub, simulation } = start()
  const topicOf = (of: Uint8Array): string => spaceNames(of, simulation.seams.clock.now()).current.topic
  gossip.join({ id: space, epochKeys: [key] })
  gossip.join({ id: space, epochKeys: [newKey, key] })
  expect(pubsub.rules.has(topicOf(key))).toBe(true)
  await gossip.publish(space, batch)
  expect(pubsub.sent.map(({ topic }) => topic)).toEqual([topicOf(newKey)])
  gossip.join({ id: space, epochKeys: [newKey] })
  expect(pubsub.rules.has(topicOf(key))).toBe(false)
  // Not got yet: nothing is told under a key that others may have who were removed.
  gossip.join({ id: space, epochKeys: [] })
  expect(pubsub.rules.size).toBe(0)
  expect(await gossip.publish(space, batch)).toBe(0)
})

test('a message of one name opens under no other of the same space', async () => {
  const { gossip, pubsub, simulation } = start()
  gossip.join({ id: space, epochKeys: [newKey, key] })
  await gossip.publish(space, batch)
  const under = spaceNames(key, simulation.seams.clock.now()).current.topic
  const [message] = pubsub.sent
  expect(await pubsub.take(under, message?.data ?? new Uint8Array())).toBeUndefined()
})

test('what does not fit, or is too much, is left to synchronising', async () => {
  const { gossip, pubsub, simulation } = start()
  gossip.join({ id: space, epochKeys: [key] })
  expect(await gossip.publish(space, { kind: 'batch', frames: [new Uint8Array(65_537)] })).toBe(0)
  expect(await gossip.publish(new Uint8Array(32), batch)).toBe(0)
  for (let i = 0; i < 500; i++) await gossip.publish(space, batch)
  expect(pubsub.sent).toHaveLength(80)
  await simulation.pass(1_000)
  for (let i = 0; i < 500; i++) await gossip.publish(space, batch)
  expect(pubsub.sent).toHaveLength(120)
})

test('a node that is in too many topics takes part in the space later', async () => {
  const { gossip, pubsub, simulation } = start()
  pubsub.maxTopics = 0
  gossip.join({ id: space, epochKeys: [key] })
  expect(await gossip.publish(space, batch)).toBe(0)
  pubsub.maxTopics = 1
  await simulation.pass(60_000)
  expect(await gossip.publish(space, batch)).toBe(1)
})

test('a space that is left, and all at the end, leave no topic and no timer', async () => {
  const { gossip, pubsub, simulation } = start()
  gossip.join({ id: space, epochKeys: [key] })
  gossip.join({ id: new Uint8Array(32).fill(8), epochKeys: [newKey] })
  gossip.leave(space)
  expect(pubsub.rules.size).toBeLessThanOrEqual(2)
  gossip.stop()
  gossip.join({ id: space, epochKeys: [key] })
  expect(pubsub.rules.size).toBe(0)
  const events = simulation.events
  await simulation.pass(2 * HOUR_MS)
  // What passes the time is one.
  expect(simulation.events - events).toBeLessThanOrEqual(1)
})

test('what became of a batch decides whether it goes on', () => {
  const id = new Uint8Array(32)
  expect(verdictOf({ state: 'kept', id, counts: true })).toBe('accept')
  expect(verdictOf({ state: 'waiting', id })).toBe('accept')
  expect(verdictOf({ state: 'known', id })).toBe('ignore')
  expect(verdictOf({ state: 'refused', reason: '', isFalse: false })).toBe('ignore')
  expect(verdictOf({ state: 'refused', reason: '', isFalse: true })).toBe('reject')
})
