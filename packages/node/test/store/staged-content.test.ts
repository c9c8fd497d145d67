/** What a fetch that ended leaves behind, and what the next one makes of it. */
import { mkdir, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Bitmap } from '../../src/store/bitmap.ts'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import { systemDisk } from '../../src/store/disk.ts'
import { homePaths } from '../../src/store/home.ts'
import { ShareIndex, ownThread } from '../../src/store/share-index.ts'
import { ElsewhereFile } from '../../src/store/elsewhere-file.ts'
import { ShareRecords } from '../../src/store/share-records.ts'
import { StagingLog, type StagingRecords } from '../../src/store/staging-log.ts'
import { temporaryFolder, writeTree } from '../helpers/files.ts'
import { InProcess } from '../helpers/in-process.ts'

const LARGE = 40_000_000
const SMALL = 10_000
const BLOCK = 1_048_576
/** Plain bytes of a block: the tag is not among them. */
const PLAIN = BLOCK - 16
/** The list of files: one padded page. */
const LIST = 4_112

/** The same threads, with a count of the blocks that are read back and with faults at will. */
class Watched extends BlockWorkers {
  reclaimed = 0
  failOn: 'sync' | 'finish' | 'replace' | 'move' | 'remove' | undefined

  override reclaim(job: Parameters<BlockWorkers['reclaim']>[0]): Promise<boolean> {
    this.reclaimed++
    return super.reclaim(job)
  }

  override stage(job: Parameters<BlockWorkers['stage']>[0]): Promise<void> {
    if (job.type !== this.failOn) return super.stage(job)
    return Promise.reject(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }))
  }
}

interface Setting {
  readonly here: InProcess
  readonly workers: Watched
  readonly link: string
  readonly out: string
}

async function setting(): Promise<Setting> {
  const here = new InProcess()
  const work = await temporaryFolder()
  const large = Buffer.alloc(LARGE)
  for (let i = 0; i < LARGE; i += 4_096) large.writeUInt32LE(i, i)
  await writeTree(join(work, 'Set'), { a: 'a'.repeat(SMALL), large, z: 'z'.repeat(SMALL) })
  const workers = new Watched({ threads: 2 })
  onTestFinished(() => workers.close())
  const link = await here.share(join(work, 'Set'))
  return { here, workers, link, out: join(work, 'out') }
}

/** Fetches until so many bytes are there, then stops. Returns the staging folder. */
async function interrupt(
  { here, workers, link, out }: Setting,
  options: { until: number; only?: readonly string[]; stagings?: StagingRecords },
): Promise<string> {
  const stop = new AbortController()
  const fetch = here.fetch(link, out, {
    workers,
    ...(options.only === undefined ? {} : { only: options.only }),
    ...(options.stagings === undefined ? {} : { stagings: options.stagings }),
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'progress' && event.bytes >= options.until) stop.abort(new Error('enough'))
    },
  })
  await expect(fetch).rejects.toThrow('enough')
  const [name] = (await readdir(out)).filter((each) => each.startsWith('.shoal-'))
  return join(out, String(name))
}

async function recordIn(staging: string): Promise<Bitmap> {
  const decoded = Bitmap.decode(39, await readFile(join(staging, 'bitmap')))
  expect(decoded?.isClosed).toBe(true)
  return decoded?.bitmap as Bitmap
}

describe('a fetch that was stopped', () => {
  test('goes on without reading anything back', async () => {
    const set = await setting()
    const staging = await interrupt(set, { until: 15_000_000 })
    const recorded = await recordIn(staging)
    expect(recorded.size).toBeGreaterThan(13)
    set.workers.reclaimed = 0
    const { bytesReused } = await set.here.fetch(set.link, set.out, { workers: set.workers })
    // What is not recorded has no bytes on the disk, and is looked for all the same.
    expect(set.workers.reclaimed).toBe(39 - recorded.size)
    expect(bytesReused).toBeGreaterThan(13_000_000)
    expect(await readdir(set.out)).toEqual(['Set'])
  })

  test('reads a file back that somebody touched, and fetches what is wrong in it', async () => {
    const set = await setting()
    const staging = await interrupt(set, { until: 15_000_000 })
    const recorded = await recordIn(staging)
    const file = join(staging, 'content/large')
    const bytes = await readFile(file)
    const [block] = [...Array(38).keys()].filter((each) => each > 0 && recorded.has(each))
    // In a block that is here; blocks come in no order.
    const at = Number(block) * PLAIN + 100
    expect(bytes[at]).not.toBe(255)
    bytes[at] = 255
    await writeFile(file, bytes)
    set.workers.reclaimed = 0
    const before = set.here.sent(set.link)
    await set.here.fetch(set.link, set.out, { workers: set.workers })
    expect(set.workers.reclaimed).toBe(39)
    // The block that was damaged came again, and what was missing.
    expect(set.here.sent(set.link) - before).toBe((39 - recorded.size + 1) * BLOCK + LIST)
    expect((await readFile(join(set.out, 'Set/large')))[at]).not.toBe(255)
  })

  test('without its record it reads everything back', async () => {
    const set = await setting()
    const staging = await interrupt(set, { until: 15_000_000 })
    await writeFile(join(staging, 'bitmap'), 'no record')
    const { bytesReused } = await set.here.fetch(set.link, set.out, { workers: set.workers })
    expect(bytesReused).toBeGreaterThan(13_000_000)
  })
})

test('what was not asked for of an edge block is kept, so that the block need not come again', async () => {
  const set = await setting()
  // Blocks come in no order: so late, all but one are here.
  const staging = await interrupt(set, { until: LARGE - BLOCK, only: ['large'] })
  expect(await readdir(join(staging, 'content'))).toEqual(['large'])
  const recorded = await recordIn(staging)
  const edges = [0, 38].filter((block) => recorded.has(block))
  expect(edges.length).toBeGreaterThan(0)
  expect((await readdir(join(staging, 'edges'))).map(Number).toSorted((a, b) => a - b)).toEqual(edges)
  for (const edge of edges) {
    const left = (await readFile(join(staging, `edges/${edge}`))).toString()
    expect(left.slice(-SMALL)).toBe((edge === 0 ? 'a' : 'z').repeat(SMALL))
  }
  const before = set.here.sent(set.link)
  const reused = recorded.size
  await set.here.fetch(set.link, set.out, { workers: set.workers, only: ['large'] })
  // The page of the list of files, and what was missing.
  expect(set.here.sent(set.link) - before).toBe((39 - reused) * BLOCK + LIST)
  expect(await readdir(join(set.out, 'Set'))).toEqual(['large'])
  // The rest comes on top of it.
  const { bytesReused } = await set.here.fetch(set.link, set.out, { workers: set.workers })
  expect(bytesReused).toBe(LARGE)
  expect(await readdir(join(set.out, 'Set'))).toEqual(['a', 'large', 'z'])
})

test.each(['sync', 'finish', 'replace', 'move'] as const)(
  'a disk that fails at "%s" ends it with nothing acknowledged',
  async (failOn) => {
    const set = await setting()
    set.workers.failOn = failOn
    await expect(set.here.fetch(set.link, set.out, { workers: set.workers })).rejects.toMatchObject({
      code: 'ERR_DISK',
      message: `writing to ${set.out}: i/o error (EIO)`,
    })
    expect((await readdir(set.out)).filter((name) => !name.startsWith('.shoal-'))).toEqual([])
    set.workers.failOn = undefined
    const { bytesReused } = await set.here.fetch(set.link, set.out, { workers: set.workers })
    expect(bytesReused).toBeGreaterThan(0)
    expect(await readdir(set.out)).toEqual(['Set'])
  },
)

describe('what a process that died left in the folder of the user', () => {
  interface Left {
    readonly set: Setting
    readonly log: StagingLog
    /** As at the next start. */
    readonly clear: () => Promise<void>
  }

  async function left(): Promise<Left> {
    const set = await setting()
    const paths = homePaths(await temporaryFolder(), {})
    const records = new ShareRecords(paths.shares, systemDisk)
    const index = new ShareIndex({
      paths,
      disk: systemDisk,
      records,
      elsewhere: new ElsewhereFile(paths, systemDisk),
      thread: ownThread(),
      onWarning: () => {},
    })
    await index.open()
    onTestFinished(() => index.close())
    const log = new StagingLog(index)
    return { set, log, clear: () => new StagingLog(index).clear(set.workers) }
  }

  test('after the result was in its place is removed at the next start', async () => {
    const { set, log, clear } = await left()
    const { here, link, out } = set
    // Dies between the two.
    const ended = async (): Promise<void> => {}
    const dying = new Watched({ threads: 1 })
    onTestFinished(() => dying.close())
    dying.failOn = 'remove'
    const stagings = { begun: log.begun.bind(log), placed: log.placed.bind(log), ended }
    await expect(here.fetch(link, out, { workers: dying, stagings })).rejects.toMatchObject({
      code: 'ERR_DISK',
    })
    expect((await readdir(out)).length).toBe(2)
    await clear()
    expect(await readdir(out)).toEqual(['Set'])
  })

  test('before it got anything is removed, parts of a fetch are not', async () => {
    const { set, log, clear } = await left()
    const staging = await interrupt(set, { until: 15_000_000, stagings: log })
    await clear()
    expect(await readdir(staging)).toContain('bitmap')
    await rm(staging, { recursive: true })
    await mkdir(join(staging, 'content'), { recursive: true, mode: 0o700 })
    await clear()
    expect(await readdir(set.out)).toEqual([])
  })

  test('is left alone when it is not what the home began', async () => {
    const { set, log, clear } = await left()
    const staging = await interrupt(set, { until: 15_000_000, stagings: log })
    await log.placed(staging)
    await rename(staging, `${staging}-held`)
    await mkdir(join(set.out, 'own'))
    await symlink(join(set.out, 'own'), staging)
    await clear()
    expect((await readdir(set.out)).length).toBe(3)
    await rm(staging)
    await rename(`${staging}-held`, staging)
    await clear()
    expect(await readdir(set.out)).toEqual(['own'])
  })
})
