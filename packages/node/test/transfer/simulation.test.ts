import { expect, test } from 'vitest'
import { RAW, cidOf, sha256 } from '../../src/content/cid.ts'
import type { ContentSource } from '../../src/store/content-source.ts'
import { TRANSFER_LIMITS } from '../../src/transfer/limits.ts'
import { ProviderSearch } from '../../src/transfer/swarm/provider-search.ts'
import { Scheduler } from '../../src/transfer/scheduling/scheduler.ts'
import { ShareRegistry } from '../../src/transfer/serving/share-registry.ts'
import { UploadService } from '../../src/transfer/serving/upload-service.ts'
import { Simulation } from '../helpers/simulation.ts'
import { leadTo } from '../helpers/leads.ts'

const BLOCKS = 48
const ALICE = Buffer.from('alice')
const BOB = Buffer.from('bob')

interface Outcome {
  readonly trace: string
  readonly events: number
  readonly finishedAtMs: number
  readonly connections: number
  /** Number of times each block was stored. */
  readonly stored: readonly number[]
  readonly lies: number
}

/** Bob fetches from Alice over a link that breaks now and then; some blocks are corrupted where asked for. */
async function play(seed: number, options: { cuts: number; lieAtFetch?: number }): Promise<Outcome> {
  const world = new Simulation(seed)
  const blocks = Array.from({ length: BLOCKS }, () =>
    world.seams.random.bytes(1_000 + Math.floor(world.float() * 60_000)),
  )
  const digests = blocks.map((block) => sha256(block))
  const root = cidOf(RAW, sha256(Buffer.concat(digests)))
  let reads = 0
  const source: ContentSource = {
    root,
    total: BLOCKS,
    readBlock: async (i) => {
      reads++
      const bytes = (blocks[i] as Uint8Array).slice()
      if (reads === options.lieAtFetch) bytes[0] = (bytes[0] as number) ^ 1
      return { outcome: 'bytes', bytes }
    },
    readNode: async () => ({ outcome: 'missing' }),
  }
  const registry = new ShareRegistry()
  registry.add(source)
  const uploads = new UploadService({ registry, seams: world.seams, limits: TRANSFER_LIMITS })

  let connections = 0
  const search = new ProviderSearch({
    link: { root, hints: {} },
    seams: world.seams,
    limits: TRANSFER_LIMITS,
    waitMs: 60_000,
    signal: new AbortController().signal,
    sources: leadTo(async () => {
      connections++
      const link = { latencyMs: 5 + world.float() * 45, bytesPerMs: 500 + world.float() * 5_000 }
      const [bob, alice] = world.connect(BOB, ALICE, link)
      if (connections <= options.cuts) world.at(world.nowMs + 60 + world.float() * 120, () => bob.cut())
      uploads.accept(alice)
      return bob
    }),
  })
  const stored = Array.from({ length: BLOCKS }, () => 0)
  let lies = 0
  const scheduler = new Scheduler({
    needed: Array.from({ length: BLOCKS }, (_, i) => i),
    limits: TRANSFER_LIMITS,
    seams: world.seams,
    onVerified: () => search.progressed(),
    onLiar: () => lies++,
    sink: {
      lengthOf: (i) => (blocks[i] as Uint8Array).byteLength,
      sizeOf: (i) => (blocks[i] as Uint8Array).byteLength,
      accept: async (i, bytes) => {
        const verified = Buffer.compare(sha256(bytes), digests[i] as Uint8Array) === 0
        if (verified) stored[i] = (stored[i] as number) + 1
        return verified
      },
    },
  })
  const feed = async (): Promise<void> => {
    while (!scheduler.isFinished) {
      await search.run(async (requester) => {
        const error = await scheduler.addPeer(requester)
        if (error !== undefined) throw error
      })
    }
  }
  feed().catch((error: unknown) => scheduler.fail(error as Error))
  try {
    await world.run(scheduler.done)
  } finally {
    world.note('end', world.nowMs, ...stored)
  }
  return { trace: world.trace, events: world.events, finishedAtMs: world.nowMs, connections, stored, lies }
}

test('a fetch in the simulated world repeats bit for bit from its seed', async () => {
  const [first, again, other] = [
    await play(20_261_121, { cuts: 3 }),
    await play(20_261_121, { cuts: 3 }),
    await play(20_261_122, { cuts: 3 }),
  ]
  expect(again).toEqual(first)
  expect(other?.trace).not.toBe(first?.trace)
})

test.each(Array.from({ length: 20 }, (_, i) => i + 1))(
  'a connection that breaks loses nothing and stores no block twice (seed %i)',
  async (seed) => {
    const { stored, connections } = await play(seed, { cuts: 4 })
    expect(stored.every((times) => times === 1)).toBe(true)
    expect(connections).toBeGreaterThan(1)
  },
)

test('one wrong block from the only provider ends the fetch as failed verification', async () => {
  await expect(play(7, { cuts: 0, lieAtFetch: 5 })).rejects.toMatchObject({ code: 'ERR_CONTENT_INVALID' })
})
