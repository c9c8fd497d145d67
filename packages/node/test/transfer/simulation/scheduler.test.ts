import { expect, test } from 'vitest'
import { TRANSFER_LIMITS } from '../../../src/transfer/limits.ts'
import { seededFloats } from '../../helpers/simulation.ts'
import { SwarmNode, type NodeFacts } from './swarm-node.ts'
import { VirtualTime } from './virtual-time.ts'

const CONTENT = { blocks: 100, blockBytes: 1_048_576 }
const HOUR_MS = 3_600_000
const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1)
const PEER: NodeFacts = { name: 'peer', up: 5_000, down: 5_000, latencyMs: 10 }

interface Fetch {
  readonly node: SwarmNode
  readonly providers: readonly SwarmNode[]
  readonly duplicates: number
}

/** One node fetches from providers that have everything, or the part of it that `parts` gives. */
async function fetchFrom(
  seed: number,
  providers: readonly NodeFacts[],
  parts: readonly number[] = [],
  during: (world: VirtualTime, providers: readonly SwarmNode[]) => void = () => {},
): Promise<Fetch> {
  const world = new VirtualTime(seed)
  const nodes = providers.map((facts, i) => {
    const node = new SwarmNode(world, CONTENT, { ...facts, name: `provider ${i}` }, parts[i] === undefined)
    for (let block = 0; block < CONTENT.blocks; block++) {
      if (node.held[block] === 1 || world.float() >= (parts[i] ?? 0)) continue
      node.held[block] = 1
      node.heldCount++
    }
    return node
  })
  const node = new SwarmNode(world, CONTENT, { ...PEER, name: 'fetcher', down: 1_000_000 })
  node.start()
  for (const provider of nodes) node.connect(provider)
  during(world, nodes)
  await world.run(() => node.finishedAtMs !== undefined || node.failure !== undefined, HOUR_MS)
  return { node, providers: nodes, duplicates: node.scheduler?.duplicateBlocks ?? 0 }
}

test.each(SEEDS)(
  'with liars, leavers and one honest provider all arrives once, and a liar costs one block (seed %i)',
  async (seed) => {
    const float = seededFloats(seed)
    const liars = Array.from({ length: 1 + Math.floor(float() * 7) }, () => ({
      ...PEER,
      lies: float() < 0.5 ? 1 : 0.05,
    }))
    const leavers = Array.from({ length: Math.floor(float() * 4) }, () => PEER)
    const { node, providers } = await fetchFrom(seed, [PEER, ...liars, ...leavers], [], (world, nodes) => {
      for (const leaver of nodes.slice(1 + liars.length)) world.at(float() * 20_000, () => leaver.leave())
    })
    expect(node.failure).toBeUndefined()
    expect([...node.accepted]).toEqual(Array.from(node.accepted, () => 1))
    expect(node.wrong).toBe(node.liars.size)
    expect(node.mostOwedBytes).toBeLessThanOrEqual(TRANSFER_LIMITS.swarmWindowBytes)
    for (const [i, provider] of providers.entries()) {
      if (i === 0 || i > liars.length) expect(node.liars.has(provider.facts.name)).toBe(false)
    }
  },
)

test.each(SEEDS)(
  'from partial providers that have it all together nothing is asked that is not there (seed %i)',
  async (seed) => {
    // A link throws when it is asked for what it does not have, or twice at once.
    const { node } = await fetchFrom(seed, [PEER, PEER, PEER, { ...PEER, up: 500 }], [0.3, 0.5, 0.9])
    expect(node.failure).toBeUndefined()
    expect([...node.accepted]).toEqual(Array.from(node.accepted, () => 1))
  },
)

test.each([1, 4, 7])('%i of 8 providers at 10 kB/s cost little time and few duplicates', async (slow) => {
  const honest = await fetchFrom(
    1,
    Array.from({ length: 8 - slow }, () => PEER),
  )
  const mixed = await fetchFrom(
    1,
    Array.from({ length: 8 }, (_, i) => (i < slow ? { ...PEER, up: 10 } : PEER)),
  )
  const ratio = (mixed.node.finishedAtMs as number) / (honest.node.finishedAtMs as number)
  console.log(JSON.stringify({ type: 'slow-providers', slow, ratio, duplicates: mixed.duplicates }))
  expect(ratio).toBeLessThanOrEqual(1.1)
  expect(mixed.duplicates).toBeLessThanOrEqual(0.02 * CONTENT.blocks)
})

test('6 of 8 providers that stall near the end cost little time', async () => {
  const eight = Array.from({ length: 8 }, () => PEER)
  const honest = await fetchFrom(1, eight)
  const stalling = await fetchFrom(
    1,
    eight.map((facts, i) => (i < 6 ? { ...facts, stallsAfter: 12 } : facts)),
  )
  const ratio = (stalling.node.finishedAtMs as number) / (honest.node.finishedAtMs as number)
  console.log(JSON.stringify({ type: 'stalling-providers', ratio, duplicates: stalling.duplicates }))
  expect(ratio).toBeLessThanOrEqual(1.5)
  expect([...stalling.node.accepted]).toEqual(Array.from(stalling.node.accepted, () => 1))
  expect(stalling.duplicates).toBeLessThanOrEqual(0.02 * CONTENT.blocks)
})

test('what one refuses comes from the other, and what both refuse ends it as gone after the rest', async () => {
  const other = await fetchFrom(1, [{ ...PEER, refuses: 0.3 }, PEER])
  expect(other.node.failure).toBeUndefined()
  expect(other.node.heldCount).toBe(CONTENT.blocks)
  const ends: (Error | undefined)[] = []
  const world = new VirtualTime(2)
  const node = new SwarmNode(world, CONTENT, { ...PEER, name: 'fetcher' })
  node.start()
  const giver = new SwarmNode(world, CONTENT, { ...PEER, refuses: 0.3 }, true)
  node.connect(giver)
  const [link] = node.outgoing
  const end = link?.end.bind(link)
  Object.assign(link as object, { end: (error: Error) => (ends.push(error), end?.(error)) })
  await world.run(() => ends.length > 0, HOUR_MS)
  expect(ends).toMatchObject([{ code: 'ERR_CONTENT_GONE' }])
  expect(node.heldCount).toBeGreaterThan(CONTENT.blocks / 2)
  expect(node.heldCount).toBeLessThan(CONTENT.blocks)
})

test('a provider that has nothing and says so, or says nothing, is given up', async () => {
  const world = new VirtualTime(3)
  const node = new SwarmNode(world, CONTENT, { ...PEER, name: 'fetcher' })
  node.start()
  node.connect(new SwarmNode(world, CONTENT, { ...PEER, isFreeRider: true }))
  await world.run(() => node.outgoing.size === 0, HOUR_MS)
  expect(world.nowMs).toBeGreaterThanOrEqual(TRANSFER_LIMITS.idleTimeoutMs)
  expect(world.nowMs).toBeLessThan(TRANSFER_LIMITS.idleTimeoutMs * 2)
})
