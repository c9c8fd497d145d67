/** An attacker holds all places close to a key: more sybils than take a record, at a few subnets. */
import { expect, onTestFinished, test, vi } from 'vitest'
import type { DhtNode } from '../../helpers/dht-net.ts'
import { addressOf, digestOf } from '../../helpers/dht-net.ts'
import { startEclipse } from '../../helpers/eclipse.ts'
import type { Mischief } from '../../helpers/sybils.ts'

const HONEST = 16
const SYBILS = 24
const LOCATES = 4
/** Leads of one source that a search for content tries before it asks anew. */
const MAX_BEFORE = 64

/** How many other candidates come before that address of the peer, or undefined when it does not come. */
async function candidatesBefore(node: DhtNode, alice: DhtNode): Promise<number | undefined> {
  let before = 0
  for await (const { peerId, addresses } of node.dht.source.find(digestOf(1), AbortSignal.timeout(30_000))) {
    const isRight = addresses.includes(addressOf(alice.libp2p).toString())
    if (peerId === alice.libp2p.peerId.toString() && isRight) return before
    before++
  }
  return undefined
}

test.each<[string, Mischief]>([
  ['keep its records to themselves', 'passive'],
  ['name only each other', 'closer'],
  ['name only each other and invent providers', 'providers'],
])(
  `a share is found among ${SYBILS} sybils closest to its key that %s`,
  async (_what, mischief) => {
    const eclipse = await startEclipse({
      digest: digestOf(1),
      honest: HONEST,
      sybils: SYBILS,
      subnets: 8,
      bits: 8,
      mischief,
      init: { isWide: process.env['SHOAL_DHT_PLAIN'] !== '1' },
    })
    onTestFinished(eclipse.stop)
    for (const { dht } of eclipse.honest) {
      await vi.waitFor(() => expect(dht.status.peers).toBeGreaterThan(HONEST / 2), 60_000)
    }
    const alice = await eclipse.join()
    await vi.waitFor(() => expect(alice.dht.status.peers).toBeGreaterThan(HONEST / 2), 60_000)
    alice.dht.announcer.add(digestOf(1), 0)
    const id = alice.libp2p.peerId.toString()
    const holders = (): number => eclipse.honest.filter(({ dht }) => dht.records.isProvider(id)).length
    await vi.waitFor(() => expect(holders()).toBeGreaterThan(0), 60_000)
    const befores: (number | undefined)[] = []
    for (let i = 0; i < LOCATES; i++) {
      const bob = await eclipse.join()
      const before = await candidatesBefore(bob, alice)
      befores.push(before)
      expect(before).toBeLessThan(MAX_BEFORE)
      await bob.stop()
    }
    console.log(JSON.stringify({ bench: 'eclipse-test', mischief, holders: holders(), befores }))
  },
  240_000,
)
