/** A process that dies at any step of taking something in and letting something go: the next start counts what is there. */
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Uploads } from '../../../src/control/uploads/uploads.ts'
import { BlockWorkers } from '../../../src/store/block-workers.ts'
import { systemDisk, type Disk } from '../../../src/store/disk.ts'
import { homePaths, type HomePaths } from '../../../src/store/home.ts'
import { Ledger } from '../../../src/store/quota/ledger.ts'
import { ownThread, type IndexThread } from '../../../src/store/share-index.ts'
import { ShareStore } from '../../../src/store/share-store.ts'
import { KeptShares } from '../../../src/transfer/kept-shares.ts'
import type { ServedShares } from '../../../src/transfer/served-shares.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { Turns } from '../../../src/util/turns.ts'
import { temporaryFolder } from '../../helpers/files.ts'
import { shareIn, specOf } from '../../helpers/shares.ts'

const workers = new BlockWorkers({ threads: 1 })
afterAll(() => workers.close())

const UPLOAD = 'd3b07384-d9a0-4c9b-8f0e-3f1f6f1c2a11'

/** Lets so many calls of disk and index through, and none after that. */
class Life {
  steps = 0
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  get isOver(): boolean {
    return this.steps >= this.#most
  }

  step(): void {
    if (this.isOver) throw Object.assign(new Error('EIO: i/o error, died'), { code: 'EIO' })
    this.steps++
  }
}

function mortalDisk(life: Life): Disk {
  const calls = Object.entries(systemDisk).map(([name, call]) => [
    name,
    async (...given: unknown[]) => {
      life.step()
      return await (call as (...args: unknown[]) => Promise<unknown>)(...given)
    },
  ])
  return Object.fromEntries(calls) as Disk
}

/** What of a home keeps within the quota, opened. */
async function open(paths: HomePaths, life: Life) {
  const disk = mortalDisk(life)
  const inner = ownThread()
  const thread: IndexThread = {
    run: async (job) => {
      if (job.type !== 'close') life.step()
      return await inner.run(job)
    },
    close: () => inner.close(),
  }
  const ledger = new Ledger(100)
  const store = new ShareStore({
    paths,
    disk,
    seams: systemSeams,
    thread,
    ledger,
    onWarning: () => {},
  })
  await store.open()
  const uploads = new Uploads({
    folder: paths.uploads,
    disk,
    seams: systemSeams,
    platform: 'posix',
    ledger,
    isShared: async (root) => (await store.byRoot(root)).length > 0,
    hasShares: async (unit) => (await store.ofUnit(unit)).length > 0,
  })
  const kept = new KeptShares({
    store,
    ledger,
    uploads,
    served: { find: () => undefined, removed: async () => {} } as unknown as ServedShares,
    turns: new Turns(),
    leftAlone: new Set(),
    peersOf: () => new Set(),
    keptUp: async () => new Set(),
    onEvict: () => {},
    onWarning: () => {},
  })
  ledger.use({ counted: [store.inputs, uploads], evictors: [uploads, kept] })
  return { store, uploads, ledger }
}

async function* of(bytes: number, fill: number): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(bytes).fill(fill)
}

type Opened = Awaited<ReturnType<typeof open>>

async function takeIn({ store }: Opened, paths: HomePaths, bytes: number, fill: number): Promise<void> {
  const path = await store.inputs.receive(of(bytes, fill))
  try {
    await shareIn({ store, paths, warnings: [] }, specOf(path), workers)
  } finally {
    await store.inputs.release(path)
  }
}

/** An upload that was shared, and an input that was: used in this order. */
async function furnish(paths: HomePaths): Promise<void> {
  const opened = await open(paths, new Life(Infinity))
  await opened.uploads.begin(UPLOAD, { name: 'a', kind: 'file' })
  await opened.uploads.append(UPLOAD, { path: '', offset: 0 }, of(40, 1))
  const path = await opened.uploads.pathOf(UPLOAD)
  await shareIn({ store: opened.store, paths, warnings: [] }, specOf(path), workers)
  for await (const { root } of opened.store.list()) await opened.uploads.shared(UPLOAD, root)
  await takeIn(opened, paths, 50, 2)
  await opened.store.close()
}

async function filesIn(folder: string): Promise<Map<string, number>> {
  const files = new Map<string, number>()
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
    const facts = await stat(join(folder, name))
    if (facts.isFile() && !name.endsWith('upload.json')) files.set(name, facts.size)
  }
  return files
}

test('wherever it dies, nothing is left that does not count, and nothing counts that is not there', async () => {
  let steps = 0
  for (let isDone = false; !isDone; steps++) {
    const paths = homePaths(await temporaryFolder(), {})
    await furnish(paths)
    const life = new Life(steps)
    const first = await open(paths, life).catch(() => undefined)
    // Both have to go for it.
    if (first !== undefined) {
      await takeIn(first, paths, 80, 3).catch(() => {})
      isDone = !life.isOver
      await first.store.close()
    }
    const { store, uploads, ledger } = await open(paths, new Life(Infinity))
    await uploads.clear()
    const inputs = await filesIn(paths.inputs)
    const handedIn = await filesIn(paths.uploads)
    const bytes = [...inputs.values(), ...handedIn.values()].reduce((sum, each) => sum + each, 0)
    expect((await ledger.status()).used, `step ${steps}`).toBe(bytes)
    expect(bytes, `step ${steps}`).toBeLessThanOrEqual(100)
    const needed: string[] = []
    for await (const { kept } of store.list()) needed.push(kept ?? '')
    const there = [...inputs.keys()].map((name) => `inputs/${name}`)
    if (handedIn.size > 0) there.push(`uploads/${UPLOAD}`)
    expect(there.toSorted(), `step ${steps}`).toEqual(needed.toSorted())
    expect((await readdir(paths.shares)).length, `step ${steps}`).toBe(needed.length)
    await store.close()
  }
  expect(steps).toBeGreaterThan(25)
})

test('what lies there already, by a path of the user, is not let go', async () => {
  const paths = homePaths(await temporaryFolder(), {})
  const mine = join(dirname(paths.home), 'mine')
  await mkdir(mine, { recursive: true })
  await writeFile(join(mine, 'a'), new Uint8Array(90).fill(3))
  const opened = await open(paths, new Life(Infinity))
  await shareIn({ store: opened.store, paths, warnings: [] }, specOf(join(mine, 'a')), workers)
  await takeIn(opened, paths, 90, 3)
  await takeIn(opened, paths, 80, 4)
  expect(await readdir(mine)).toEqual(['a'])
  const names: string[] = []
  for await (const { kept } of opened.store.list()) names.push(kept === null ? 'mine' : 'kept')
  expect(names).toEqual(['mine', 'kept'])
  await opened.store.close()
})
