/** Gossip of real nodes on loopback, through the gate. */
import { expect, test, vi } from 'vitest'
import { connect, plainRules, startGossiper, startSilent, type Gossiper } from '../../helpers/pubsub.ts'

const TOPIC = '/test/topic'
const SOON = { timeout: 15_000, interval: 20 }

function text(data: string): Uint8Array {
  return Buffer.from(data)
}

/** All in the topic, each with what it heard. */
async function group(
  count: number,
  isMember?: () => boolean,
): Promise<{ all: Gossiper[]; heard: string[][] }> {
  const all = await Promise.all(Array.from({ length: count }, () => startGossiper(isMember)))
  const heard = all.map(() => [] as string[])
  for (const [i, { pubsub }] of all.entries())
    pubsub.join(
      TOPIC,
      plainRules((said) => heard[i]?.push(said)),
    )
  const [first] = all
  if (first === undefined) throw new Error('nobody')
  // A ring with the first in the middle: no two are far from each other, and most are not connected.
  for (const [i, { host }] of all.entries()) {
    if (i > 0) await connect(host, first.host)
    if (i > 1) await connect(host, all[i - 1]?.host ?? first.host)
  }
  await vi.waitFor(() => {
    for (const { pubsub } of all)
      expect(pubsub.subscribers(TOPIC).length).toBeGreaterThanOrEqual(Math.min(2, count - 1))
    expect(first.pubsub.subscribers(TOPIC)).toHaveLength(count - 1)
    for (const { pubsub } of all) expect(pubsub.subscribers(TOPIC).length).toBeGreaterThan(1)
  }, SOON)
  return { all, heard }
}

test('what any of eight members says reaches all others, once', async () => {
  const { all, heard } = await group(8)
  const said: string[] = []
  for (let round = 0; round < 5; round++) {
    for (const [i, { pubsub }] of all.entries()) {
      said.push(`1 ${i} ${round}`)
      await pubsub.publish(TOPIC, text(`1 ${i} ${round}`))
    }
  }
  await vi.waitFor(() => {
    for (const [i, of] of heard.entries()) {
      expect(of.toSorted()).toEqual(said.filter((one) => !one.startsWith(`1 ${i} `)).toSorted())
    }
  }, SOON)
})

/** Forty with SHOAL_GOSSIP_CROWD=40. The library's own settings pass over all of more than ten. */
const CROWD = Number(process.env['SHOAL_GOSSIP_CROWD'] ?? 20)

test('of many members behind one address none is passed over or held to do wrong', async () => {
  const { all, heard } = await group(CROWD, () => true)
  const [first] = all
  // Who passes messages on to whom is settled within a few seconds, and what is said before may be found by synchronising only.
  const isWhole = async (round: number): Promise<boolean> => {
    for (const { peerId, pubsub } of all) await pubsub.publish(TOPIC, text(`1 ${round} ${peerId}`))
    const ofRound = (of: string[]): number => of.filter((one) => one.startsWith(`1 ${round} `)).length
    try {
      await vi.waitFor(
        () => {
          for (const of of heard) expect(ofRound(of)).toBe(CROWD - 1)
        },
        { timeout: 10_000, interval: 100 },
      )
      return true
    } catch {
      return false
    }
  }
  let round = 0
  while (!(await isWhole(round))) expect(++round).toBeLessThan(6)
  for (const { pubsub } of all) expect(pubsub.stats()).toMatchObject({ barred: 0, rejected: 0, stalled: 0 })
  expect(first?.pubsub.subscribers(TOPIC)).toHaveLength(CROWD - 1)
}, 200_000)

test('who enters a topic later than its neighbours is found by them, and who left is not sent anything', async () => {
  const heard: string[] = []
  const [early, late] = await Promise.all([startGossiper(), startGossiper()])
  early.pubsub.join(TOPIC, plainRules())
  await connect(early.host, late.host)
  await vi.waitFor(() => expect(late.pubsub.stats().foreignTopics).toBe(1), SOON)
  late.pubsub.join(
    TOPIC,
    plainRules((said) => heard.push(said)),
  )
  expect(late.pubsub.subscribers(TOPIC)).toEqual([early.peerId])
  await vi.waitFor(() => expect(early.pubsub.subscribers(TOPIC)).toEqual([late.peerId]), SOON)
  expect(await early.pubsub.publish(TOPIC, text('1 now'))).toBe(1)
  await vi.waitFor(() => expect(heard).toEqual(['1 now']), SOON)
  late.pubsub.leave(TOPIC)
  await vi.waitFor(() => expect(early.pubsub.subscribers(TOPIC)).toEqual([]), SOON)
  expect(await early.pubsub.publish(TOPIC, text('1 later'))).toBe(0)
})

test('members that were connected before either had gossip find each other once one greets the other', async () => {
  const hosts = await Promise.all([startSilent(), startSilent()])
  const [first, second] = hosts
  await connect(first, second)
  const one = await first.pubsub(() => true)
  const other = await second.pubsub(() => true)
  one?.join(TOPIC, plainRules())
  other?.join(TOPIC, plainRules())
  one?.greet(second.peerId)
  await vi.waitFor(() => {
    expect(one?.subscribers(TOPIC)).toEqual([second.peerId])
    expect(other?.subscribers(TOPIC)).toEqual([first.peerId])
  }, SOON)
})

test('too many topics, too long a name and too large a message are refused', async () => {
  const { pubsub } = await startGossiper()
  const limit = expect.objectContaining({ code: 'ERR_LIMIT' })
  for (let i = 0; i < 256; i++) pubsub.join(`/t/${i}`, plainRules())
  expect(() => pubsub.join('/t/256', plainRules())).toThrow(limit)
  pubsub.join('/t/0', plainRules())
  pubsub.leave('/t/0')
  pubsub.leave('/t/none')
  expect(() => pubsub.join('x'.repeat(129), plainRules())).toThrow(limit)
  await expect(pubsub.publish('/t/1', new Uint8Array(69_633))).rejects.toEqual(limit)
})
