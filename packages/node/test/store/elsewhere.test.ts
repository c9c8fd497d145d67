/** Shares of which a home has the link and not the files. */
import { readdirSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CborReader } from '../../src/content/cbor.ts'
import { cidOf, DAG_CBOR, sha256 } from '../../src/content/cid.ts'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import { systemDisk, type Disk } from '../../src/store/disk.ts'
import { encodeElsewhere, readElsewhere, type ElsewhereShare } from '../../src/store/elsewhere-share.ts'
import type { StoredRow } from '../../src/store/index-jobs.ts'
import { linksOfIndex } from '../../src/store/links-of-index.ts'
import { temporaryFolder, writeTree } from '../helpers/files.ts'
import { openStore, shareIn, specOf, type TestStore } from '../helpers/shares.ts'

const workers = new BlockWorkers({ threads: 1 })
afterAll(() => workers.close())

const digest = (name: string): Uint8Array => sha256(Buffer.from(name))
const elsewhere = (name: string): ElsewhereShare => ({
  root: cidOf(DAG_CBOR, digest(name)).toString(),
  key: digest(`key of ${name}`),
  name,
  bytes: name.length,
})
const listOf = (...shares: readonly ElsewhereShare[]): Uint8Array =>
  new Uint8Array(Buffer.concat(shares.map((share) => encodeElsewhere(share))))
const [A, B, C] = [elsewhere('a'), elsewhere('b'), elsewhere('c')]

async function rowsOf({ store }: TestStore): Promise<StoredRow[]> {
  const rows: StoredRow[] = []
  for await (const row of store.list()) rows.push(row)
  return rows
}

async function namesOf(opened: TestStore): Promise<string[]> {
  return (await rowsOf(opened)).map(({ name }) => name)
}

async function again({ store, paths }: TestStore, disk?: Disk): Promise<TestStore> {
  await store.close()
  return await openStore(paths, disk)
}

async function homeWith(...shares: readonly ElsewhereShare[]): Promise<TestStore> {
  const opened = await openStore()
  await opened.store.setElsewhere(listOf(...shares))
  return opened
}

describe('the list', () => {
  test('stands among the shares, in its order, and nothing is served of it', async () => {
    const opened = await homeWith(A, B)
    const rows = await rowsOf(opened)
    expect(rows).toMatchObject([
      { root: A.root, key: A.key, name: 'a', bytes: 1, isElsewhere: true, isStale: false, kept: null },
      { root: B.root, isElsewhere: true },
    ])
    const roots = [A.root, B.root]
    expect([...(await opened.store.known(roots)), ...(await opened.store.sound(roots))]).toEqual([])
    expect(await opened.store.restore(rows[0] as StoredRow)).toBeUndefined()
    expect(await namesOf(await again(opened))).toEqual(['a', 'b'])
    expect(opened.warnings).toEqual([])
  })

  test('another takes its place, also an empty one', async () => {
    const opened = await homeWith(A, B)
    await opened.store.setElsewhere(listOf(C, B))
    expect(await namesOf(opened)).toEqual(['c', 'b'])
    await opened.store.setElsewhere(new Uint8Array())
    expect(await namesOf(opened)).toEqual([])
    expect(readdirSync(opened.paths.shares)).toEqual([])
    await opened.store.setElsewhere(new Uint8Array())
  })

  test('comes back when the index is lost, beside what is shared here', async () => {
    const opened = await homeWith(A, B)
    const folder = await temporaryFolder()
    await writeTree(folder, { own: 'content' })
    await shareIn(opened, specOf(join(folder, 'own')), workers)
    await opened.store.close()
    await rm(opened.paths.indexFile)
    const rebuilt = await openStore(opened.paths)
    expect((await namesOf(rebuilt)).toSorted()).toEqual(['a', 'b', 'own'])
    expect(rebuilt.warnings).toMatchObject([
      { code: 'WARN_INDEX_REBUILT', message: expect.stringContaining('with 3,') },
    ])
    await rebuilt.store.remove(await rebuilt.store.byRoot(A.root))
    expect((await namesOf(await again(rebuilt))).toSorted()).toEqual(['b', 'own'])
  })

  test('is moved aside when it is damaged and needed, and the loss is told', async () => {
    const opened = await homeWith(A, B)
    const file = opened.paths.elsewhereFile
    const whole = await readFile(file)
    const newer = Buffer.from(whole)
    newer[19] = 2
    const flipped = Buffer.from(whole)
    flipped[30] = (flipped[30] as number) ^ 1
    await opened.store.close()
    for (const bad of [newer, flipped, whole.subarray(0, -1), Buffer.alloc(0), Buffer.from('x'.repeat(99))]) {
      await writeFile(file, bad)
      await rm(opened.paths.indexFile)
      const rebuilt = await openStore(opened.paths)
      expect(await namesOf(rebuilt)).toEqual([])
      expect(rebuilt.warnings).toMatchObject([{ code: 'WARN_SHARE_LOST' }])
      expect(readdirSync(opened.paths.shares)).toEqual(['elsewhere.damaged'])
      await rebuilt.store.close()
    }
  })
})

describe('what is removed', () => {
  test('is gone from the file too', async () => {
    const opened = await homeWith(A, B, C)
    await opened.store.remove(await opened.store.byRoot(B.root))
    expect(await namesOf(opened)).toEqual(['a', 'c'])
    await opened.store.close()
    await rm(opened.paths.indexFile)
    expect(await namesOf(await openStore(opened.paths))).toEqual(['a', 'c'])
  })

  test.each(['facts', 'removeAll', 'makeFolder', 'replaceFile', 'syncFolder'] as const)(
    'does not come back when %s of the disk fails in the middle',
    async (call) => {
      const opened = await homeWith(A, B)
      const failing = await again(opened, {
        ...systemDisk,
        [call]: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })),
      })
      const rows = await failing.store.byRoot(A.root)
      // What is not called for is no failure.
      await failing.store.remove(rows).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'ERR_DISK_FULL' })
      })
      expect(await namesOf(failing)).toEqual(['b'])
      const healed = await again(failing)
      expect(await namesOf(healed)).toEqual(['b'])
      await healed.store.close()
      await rm(opened.paths.indexFile)
      expect(await namesOf(await openStore(opened.paths))).toEqual(['b'])
    },
  )

  test('is what is shared here from then on', async () => {
    const folder = await temporaryFolder()
    await writeTree(folder, { own: 'content' })
    const spec = specOf(join(folder, 'own'), { isPublic: true })
    const before = await openStore()
    const { made } = await shareIn(before, spec, workers)
    const root = made.root.toString()
    const opened = await homeWith(A, { root, key: null, name: 'as it was called', bytes: 7 })
    const own = await shareIn(opened, spec, workers)
    expect(own.found).toBeUndefined()
    expect(await rowsOf(opened)).toMatchObject([
      { name: 'a', isElsewhere: true },
      { name: 'own', root, isElsewhere: false },
    ])
    expect([...(await opened.store.known([root, A.root]))]).toEqual([root])
    // And what is here is not taken for what is not.
    await opened.store.setElsewhere(listOf(A, { root, key: null, name: 'again', bytes: 7 }))
    expect((await namesOf(opened)).toSorted()).toEqual(['a', 'own'])
  })
})

describe('the links of an index', () => {
  const read = (list: Uint8Array): ElsewhereShare[] =>
    readElsewhere(new CborReader(list, 'ERR_CONTENT_INVALID', ''))

  test('are read while somebody writes to it, and nothing of it changes', async () => {
    const opened = await homeWith(A, B)
    const folder = await temporaryFolder()
    await writeTree(folder, { own: 'content' })
    const { made } = await shareIn(opened, specOf(join(folder, 'own')), workers)
    const { list, shares, leftOut } = linksOfIndex(opened.paths.indexFile)
    expect([shares, leftOut]).toEqual([3, 0])
    const { root, key = null, name, bytes } = made
    expect(read(list)).toEqual([A, B, { root: root.toString(), key, name, bytes }])
    await opened.store.remove(await opened.store.byRoot(A.root))
    expect(linksOfIndex(opened.paths.indexFile).shares).toBe(2)
  })

  test('are the newest when there is no room for all, each once', async () => {
    const opened = await homeWith(A, B, C)
    const one = listOf(C).byteLength
    const file = opened.paths.indexFile
    const of = (most: { shares: number; bytes: number }): unknown[] => {
      const { list, shares, leftOut } = linksOfIndex(file, most)
      return [
        read(list)
          .map(({ name }) => name)
          .join(''),
        shares,
        leftOut,
      ]
    }
    expect(of({ shares: 2, bytes: 1_000 })).toEqual(['bc', 2, 1])
    expect(of({ shares: 9, bytes: one * 2 })).toEqual(['bc', 2, 1])
    expect(of({ shares: 9, bytes: one * 2 - 1 })).toEqual(['c', 1, 2])
    expect(of({ shares: 0, bytes: 1_000 })).toEqual(['', 0, 3])
    // The same content from two places is one link.
    const folder = await temporaryFolder()
    await writeTree(folder, { 'x/own': 'content', 'y/own': 'content' })
    for (const name of ['x', 'y']) {
      await shareIn(opened, specOf(join(folder, name, 'own'), { isPublic: true }), workers)
    }
    expect(await rowsOf(opened)).toHaveLength(5)
    expect(of({ shares: 9, bytes: 1_000 })).toEqual(['abcown', 4, 0])
  })

  test('are not read of what is no index, or a newer one', async () => {
    const file = join(await temporaryFolder(), 'index.db')
    expect(() => linksOfIndex(file)).toThrow(expect.objectContaining({ code: 'ERR_HOME_BUSY' }) as Error)
    await writeFile(file, '')
    expect(() => linksOfIndex(file)).toThrow(expect.objectContaining({ code: 'ERR_HOME_BUSY' }) as Error)
    await writeFile(file, 'x'.repeat(10_000))
    expect(() => linksOfIndex(file)).toThrow(expect.objectContaining({ code: 'ERR_HOME_INVALID' }) as Error)
    const opened = await homeWith(A)
    const { DatabaseSync } = await import('node:sqlite')
    const database = new DatabaseSync(opened.paths.indexFile)
    database.exec('PRAGMA user_version = 99')
    database.close()
    expect(() => linksOfIndex(opened.paths.indexFile)).toThrow(/newer version/)
  })
})
