/** What a running fetch gives out: what was promised, or nothing. */
import { mkdir, open, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { parseLink } from '../../src/content/link.ts'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import type { ContentSource } from '../../src/store/content-source.ts'
import { systemDisk } from '../../src/store/disk.ts'
import type { PartialSource } from '../../src/store/partial-source.ts'
import { FetchService, type FetchOptions } from '../../src/transfer/fetch-service.ts'
import type { Seams } from '../../src/util/seams.ts'
import { systemSeams } from '../../src/util/system.ts'
import { temporaryFolder, writeTree } from '../helpers/files.ts'
import { NOT_RECORDED } from '../helpers/no-stagings.ts'
import { makeShare, partsWith, type MadeShare, type Tree } from '../helpers/providers.ts'

const MIB = 1_048_576
/** Where chance decides, the first is taken: blocks come in order. */
const IN_ORDER: Seams = { ...systemSeams, random: { bytes: (length) => new Uint8Array(length) } }

/** Threads that write so many blocks, and the others when they are released. */
class Gated extends BlockWorkers {
  readonly released = Promise.withResolvers<void>()
  #left: number

  constructor(blocks: number) {
    super({ threads: 2 })
    this.#left = blocks
  }

  override async write(job: Parameters<BlockWorkers['write']>[0]): ReturnType<BlockWorkers['write']> {
    if (--this.#left < 0) await this.released.promise
    return await super.write(job)
  }
}

interface Running {
  readonly made: MadeShare
  readonly source: PartialSource
  readonly directory: string
  readonly workers: Gated
  /** Lets the fetch go on to its end. */
  readonly finish: () => Promise<void>
  readonly removed: () => boolean
}

/** A fetch that stands still when so many blocks are written. */
async function fetching(
  tree: Tree,
  form: 'sealed' | 'public',
  { blocks, before, ...options }: FetchOptions & { blocks: number; before?: Tree },
): Promise<Running> {
  const workers = new Gated(blocks)
  onTestFinished(() => workers.close())
  const made = await makeShare(tree, form, workers)
  const directory = await temporaryFolder()
  if (before !== undefined) await writeTree(join(directory, 'made up'), before)
  const begun = Promise.withResolvers<PartialSource>()
  let wasRemoved = false
  const service = new FetchService({
    ...partsWith(made.source, workers).parts,
    seams: IN_ORDER,
    disk: systemDisk,
    stagings: NOT_RECORDED,
    hasNetwork: () => true,
    platform: 'posix',
    serving: {
      registry: {
        add: (source) => begun.resolve(source as PartialSource),
        remove: () => (wasRemoved = true),
      },
      uploads: { stop: async () => {}, onSession: () => () => {}, onBlock: () => () => {} },
    },
  })
  const fetch = service.fetch(made.link, { directory, ...options })
  fetch.catch((error: unknown) => begun.reject(error))
  const source = await begun.promise
  const held = (): number => count(source, (block) => source.held.has(block))
  const least = Math.min(held() + blocks, source.total)
  await vi.waitFor(() => expect(held()).toBeGreaterThanOrEqual(least), { timeout: 10_000, interval: 5 })
  return {
    made,
    source,
    directory,
    workers,
    finish: async () => {
      workers.released.resolve()
      await fetch
    },
    removed: () => wasRemoved,
  }
}

function count({ total }: ContentSource, is: (block: number) => boolean): number {
  return Array.from({ length: total }, (_, block) => block).filter(is).length
}

/** Reads every block: held ones have to be as the publisher gives them, others to be missing. Returns those that came. */
async function compare({ source, made }: Running): Promise<number[]> {
  const came: number[] = []
  for (let block = 0; block < source.total; block++) {
    const isHeld = source.held.has(block)
    const answer = await source.readBlock(block)
    expect([block, answer.outcome]).toEqual([block, isHeld ? 'bytes' : 'missing'])
    if (answer.outcome !== 'bytes') continue
    const promised = await made.source.readBlock(block)
    expect(promised.outcome === 'bytes' && Buffer.compare(promised.bytes, answer.bytes) === 0).toBe(true)
    came.push(block)
  }
  return came
}

describe.each(['sealed', 'public'] as const)('%s', (form) => {
  test('gives what is written, and what is in memory, and nothing else', async () => {
    const large = randomBytes(6 * MIB)
    const running = await fetching({ a: 'a', large, none: '' }, form, { blocks: 3 })
    const came = await compare(running)
    expect(came.length).toBeGreaterThanOrEqual(3)
    expect(came.length).toBeLessThan(running.source.total)
    const root = await running.source.readNode(parseLink(running.made.link).root)
    const promised = await running.made.source.readNode(parseLink(running.made.link).root)
    expect(root.outcome === 'bytes' && promised.outcome === 'bytes').toBe(true)
    if (root.outcome === 'bytes' && promised.outcome === 'bytes') {
      expect(Buffer.compare(root.bytes, promised.bytes)).toBe(0)
    }
    await running.finish()
    expect(running.removed()).toBe(true)
    expect(await running.source.readBlock(came[0] as number)).toEqual({ outcome: 'missing' })
  })

  test('gives nothing of a block whose bytes were changed, and says no more that it is here', async () => {
    const running = await fetching({ large: randomBytes(6 * MIB) }, form, { blocks: 3 })
    const before = await compare(running)
    const [staging] = await readdir(running.directory)
    const file = await open(join(running.directory, String(staging), 'content/large'), 'r+')
    await file.write(Buffer.alloc(100, 1), 0, 100, 1_000)
    await file.close()
    expect(running.source.held.has(0)).toBe(true)
    expect(await running.source.readBlock(0)).toEqual({ outcome: 'missing' })
    expect(running.source.held.has(0)).toBe(false)
    expect(await compare(running)).toEqual(before.filter((block) => block !== 0))
    await running.finish()
  })

  test('tells of each block when it is here', async () => {
    const running = await fetching({ large: randomBytes(4 * MIB) }, form, { blocks: 1 })
    const told: number[] = []
    running.source.held.onMore((blocks) => told.push(...blocks))
    const before = count(running.source, (block) => running.source.held.has(block))
    await running.finish()
    expect(new Set(told).size).toBe(running.source.total - before)
  })
})

test('gives edge blocks of what was asked for, whole', async () => {
  const running = await fetching({ a: 'a'.repeat(1_000), large: randomBytes(3 * MIB), z: 'z' }, 'sealed', {
    blocks: 3,
    only: ['large'],
  })
  // The first block holds a file that was not asked for as well; the list of files is the last.
  expect(await compare(running)).toEqual([0, 1, 2, 4])
  await running.finish()
})

test('gives blocks of files that were there before, as long as they are the same', async () => {
  const kept = randomBytes(4 * MIB)
  const running = await fetching({ a: kept, b: randomBytes(3 * MIB) }, 'sealed', {
    blocks: 1,
    before: { a: kept },
  })
  expect((await compare(running)).slice(0, 3)).toEqual([0, 1, 2])
  await writeFile(join(running.directory, 'made up/a'), randomBytes(4 * MIB))
  expect(await running.source.readBlock(1)).toEqual({ outcome: 'missing' })
  await mkdir(join(running.directory, 'elsewhere'))
  await running.finish()
})

test('who asks while the files move gets the block from where it is afterwards', async () => {
  const running = await fetching({ large: randomBytes(3 * MIB) }, 'sealed', { blocks: 2 })
  const { source, made } = running
  await source.pause()
  let hasAnswer = false
  const asked = source.readBlock(0).finally(() => (hasAnswer = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect(hasAnswer).toBe(false)
  source.movedTo(made.source)
  expect(await asked).toEqual(await made.source.readBlock(0))
  await running.finish()
})

test('who moves the files waits for those who read them', async () => {
  let isRead = false
  const reading = Promise.withResolvers<void>()
  const running = await fetching({ large: randomBytes(3 * MIB) }, 'sealed', { blocks: 2 })
  const { source, workers } = running
  const read = workers.read.bind(workers)
  workers.read = async (job) => {
    await reading.promise
    isRead = true
    return await read(job)
  }
  const asked = source.readBlock(0)
  const paused = source.pause().then(() => expect(isRead).toBe(true))
  reading.resolve()
  await paused
  expect((await asked).outcome).toBe('bytes')
  await running.finish()
})
