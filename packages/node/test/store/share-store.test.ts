import { readdirSync, writeFileSync } from 'node:fs'
import { chmod, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import { systemDisk, type Disk } from '../../src/store/disk.ts'
import { restoreShare } from '../../src/store/share-restore.ts'
import { sourceOf } from '../../src/store/share-plan.ts'
import { decodeRecord } from '../../src/store/share-record.ts'
import { MAX_CANDIDATES } from '../../src/store/share-store.ts'
import { temporaryFolder, writeTree } from '../helpers/files.ts'
import { openStore, shareIn, specOf, type SharedAgain, type TestStore } from '../helpers/shares.ts'

const workers = new BlockWorkers({ threads: 1 })
afterAll(() => workers.close())
afterEach(() => vi.restoreAllMocks())

const FORMS = [
  ['sealed', { isPublic: false }],
  ['public', { isPublic: true }],
  ['public with times', { isPublic: true, preserve: true }],
] as const

async function holiday(): Promise<string> {
  const folder = await temporaryFolder()
  await writeTree(folder, {
    'deep/er/a': Buffer.alloc(2_500_000, 1),
    b: 'small',
    c: Buffer.alloc(1_200_000, 3),
    empty: '',
    nothing: null,
  })
  return folder
}

describe.each(FORMS)('%s', (_form, options) => {
  async function sharedTwice(between: (folder: string) => Promise<void>): Promise<{
    first: SharedAgain
    second: SharedAgain
    /** Blocks read so far to share it a second time. */
    reads: () => number
    opened: TestStore
    folder: string
  }> {
    const opened = await openStore()
    const folder = await holiday()
    const first = await shareIn(opened, specOf(folder, options), workers)
    await opened.store.close()
    await between(folder)
    const again = await openStore(opened.paths)
    const reads = [vi.spyOn(workers, 'read'), vi.spyOn(workers, 'hash')]
    const second = await shareIn(again, specOf(folder, options), workers)
    return {
      first,
      second,
      reads: () => reads.reduce((sum, { mock }) => sum + mock.calls.length, 0),
      opened: again,
      folder,
    }
  }

  test('after a restart it is the same share, every block as promised, and nothing was read for it', async () => {
    const { first, second, reads } = await sharedTwice(async () => {})
    expect(reads()).toBe(0)
    expect(second.made.root.equals(first.made.root)).toBe(true)
    expect(second.made.key).toEqual(first.made.key)
    const [before, after] = [sourceOf(first.made.plan, workers), sourceOf(second.made.plan, workers)]
    expect(after.total).toBe(before.total)
    for (let block = 0; block < before.total; block++) {
      const [a, b] = [await before.readBlock(block), await after.readBlock(block)]
      expect(b.outcome).toBe('bytes')
      expect(b).toEqual(a)
    }
    const root = await after.readNode(first.made.root)
    expect(root).toEqual(await before.readNode(first.made.root))
  })

  test('a touched file is read again, once, and the link stays', async () => {
    const { first, second, reads, opened, folder } = await sharedTwice((at) =>
      utimes(join(at, 'c'), 1_000, 1_000),
    )
    expect(second.made.root.equals(first.made.root)).toBe(true)
    // Only what touches that file, not the rest.
    const once = reads()
    expect(once).toBeGreaterThan(0)
    expect(once).toBeLessThan(4)
    expect((await shareIn(opened, specOf(folder, options), workers)).found).toBe(second.found)
    expect(reads()).toBe(once)
  })

  test('a backup that is restored keeps the link', async () => {
    const { first, second } = await sharedTwice(async (folder) => {
      const bytes = await readFile(join(folder, 'c'))
      await writeFile(join(folder, 'restored'), bytes)
      await rm(join(folder, 'c'))
      await rename(join(folder, 'restored'), join(folder, 'c'))
    })
    expect(second.made.root.equals(first.made.root)).toBe(true)
  })

  test.each<[string, (folder: string) => Promise<void>]>([
    ['other bytes of the same length', (folder) => writeFile(join(folder, 'b'), 'SMALL')],
    ['a file more', (folder) => writeFile(join(folder, 'new'), 'x')],
    ['a file less', (folder) => rm(join(folder, 'b'))],
    ['an executable bit', (folder) => chmod(join(folder, 'b'), 0o755)],
    ['an empty folder less', (folder) => rm(join(folder, 'nothing'), { recursive: true })],
  ])('%s: a new share, under a fresh key, and the old one is told', async (_what, change) => {
    const { first, second, opened } = await sharedTwice(change)
    const [old] = await opened.store.byRoot(first.made.root.toString())
    expect(second.found).toBeUndefined()
    expect(second.different).toEqual([old?.id])
    if (first.made.key !== undefined) expect(second.made.key).not.toEqual(first.made.key)
  })
})

test.each(['name', 'exclude', 'isPublic'] as const)('another %s is another share', async (what) => {
  const opened = await openStore()
  const folder = await holiday()
  await shareIn(opened, specOf(folder), workers)
  const other = { name: { name: 'Other' }, exclude: { exclude: ['x'] }, isPublic: { isPublic: true } }[what]
  const second = await shareIn(opened, specOf(folder, other), workers)
  expect([second.found, second.different]).toEqual([undefined, []])
})

test('the newest of many goes on, and no more than a few are looked at', async () => {
  const opened = await openStore()
  const file = join(await temporaryFolder(), 'note')
  for (let i = 0; i <= MAX_CANDIDATES; i++) {
    writeFileSync(file, `${i}`)
    await shareIn(opened, specOf(file), workers)
  }
  writeFileSync(file, `${MAX_CANDIDATES - 1}`)
  expect((await shareIn(opened, specOf(file), workers)).found).toBeDefined()
  writeFileSync(file, '0')
  const oldest = await shareIn(opened, specOf(file), workers)
  expect([oldest.found, oldest.different.length]).toEqual([undefined, MAX_CANDIDATES])
})

test('a file that is cut short while it is compared is another content', async () => {
  const opened = await openStore()
  const file = join(await temporaryFolder(), 'note')
  writeFileSync(file, Buffer.alloc(3_000_000))
  await shareIn(opened, specOf(file), workers)
  await utimes(file, 1, 1)
  const again = shareIn(opened, specOf(file), workers, { onProgress: () => writeFileSync(file, 'short') })
  expect((await again).found).toBeUndefined()
})

describe('a crash leaves no rubbish', () => {
  /** A disk on which the process dies when it comes to `stage` of a record. */
  function dying(stage: 'write' | 'remove'): Disk {
    const die = (): Promise<never> => Promise.reject(new Error('died'))
    return stage === 'write' ? { ...systemDisk, replaceFile: die } : { ...systemDisk, removeAll: die }
  }

  test('between the row and the record', async () => {
    const opened = await openStore(undefined, {
      ...dying('write'),
      removeAll: dying('remove').removeAll,
    })
    const folder = await holiday()
    await expect(shareIn(opened, specOf(folder), workers)).rejects.toThrow('died')
    await opened.store.close()
    const after = await openStore(opened.paths)
    const rows: unknown[] = []
    for await (const row of after.store.list()) rows.push(row)
    expect(rows).toEqual([])
    expect(after.warnings).toEqual([])
    await after.store.close()
  })

  test('between the intent to remove and the removal', async () => {
    const opened = await openStore()
    const { made } = await shareIn(opened, specOf(await holiday()), workers)
    await opened.store.close()
    const second = await openStore(opened.paths, dying('remove'))
    const rows = await second.store.byRoot(made.root.toString())
    await expect(second.store.remove(rows)).rejects.toThrow('died')
    expect(await second.store.byRoot(made.root.toString())).toEqual([])
    await second.store.close()
    expect(readdirSync(opened.paths.shares).length).toBe(1)
    const third = await openStore(opened.paths)
    expect(readdirSync(opened.paths.shares)).toEqual([])
    await third.store.close()
  })
})

test.each([
  ['ENOSPC', 'ERR_DISK_FULL'],
  ['EACCES', 'ERR_PERMISSION'],
])('%s while a record is written: %s, and no share', async (code, expected) => {
  const fail = (): Promise<never> => Promise.reject(Object.assign(new Error('no'), { code }))
  const opened = await openStore(undefined, { ...systemDisk, replaceFile: fail })
  const folder = await holiday()
  await expect(shareIn(opened, specOf(folder), workers)).rejects.toMatchObject({ code: expected })
  const rows: unknown[] = []
  for await (const row of opened.store.list()) rows.push(row)
  expect(rows).toEqual([])
})

test('a record that is damaged or gone is one lost share, told, and the path is shared anew', async () => {
  const opened = await openStore()
  const folder = await holiday()
  for (const damage of [
    (path: string) => writeFileSync(path, 'nonsense'),
    (path: string) => void rm(path),
  ] as const) {
    const { made } = await shareIn(opened, specOf(folder), workers)
    const [row] = await opened.store.byRoot(made.root.toString())
    await Promise.resolve(damage(join(opened.paths.shares, row?.id ?? '')))
    await vi.waitFor(async () => {
      const again = await shareIn(opened, specOf(folder), workers)
      expect(again.made.root.equals(made.root)).toBe(false)
    })
  }
  expect(opened.warnings.map(({ code }) => code)).toEqual(['WARN_SHARE_LOST', 'WARN_SHARE_LOST'])
})

test('a record whose parts give another root than it names is no share', async () => {
  const opened = await openStore()
  const { made } = await shareIn(opened, specOf(await holiday()), workers)
  const [row] = await opened.store.byRoot(made.root.toString())
  const record = decodeRecord(await readFile(join(opened.paths.shares, row?.id ?? '')))
  expect(restoreShare('x', record)?.root.equals(made.root)).toBe(true)
  const digests = record.digests.slice()
  digests[0] = (digests[0] as number) ^ 1
  expect(restoreShare('x', { ...record, digests })).toBeUndefined()
  expect(restoreShare('x', { ...record, digests: digests.subarray(32) })).toBeUndefined()
})
