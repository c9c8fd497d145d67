/** Gossip of real nodes on loopback, through the gate. */
import { expect, test, vi } from 'vitest'
import { connect, plainRules, startGossiper, type Gossiper } from '../../helpers/pubsub.ts'

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
  await Promise.all(all.slice(1).map(({ host }) => connect(host, first.host)))
  await Promise.all(all.map(({ host }, i) => connect(host, all[(i + 1) % count]?.host ?? first.host)))
  await vi.waitFor(() => {
    for (const { pubsub } of all)
      expect(pubsub.subscribers(TOPIC).length).toBeGreaterThanOrEqual(Math.min(2, count - 1))
    expect(first.pubsub.subscribers(TOPIC)).toHaveLength(count - 1)
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
