import { writeFileSync, readFileSync, readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import { systemDisk } from '../../src/store/disk.ts'
import { homePaths } from '../../src/store/home.ts'
import { MIGRATIONS, assertSqlite, openIndex } from '../../src/store/index-database.ts'
import { IndexJobs, type IndexRow, type StoredRow } from '../../src/store/index-jobs.ts'
import type { KeptUnit } from '../../src/store/kept-jobs.ts'
import { ShareIndex, workerThread } from '../../src/store/share-index.ts'
import { ElsewhereFile } from '../../src/store/elsewhere-file.ts'
import { ShareRecords } from '../../src/store/share-records.ts'
import { temporaryFolder, writeTree } from '../helpers/files.ts'
import { openStore, shareIn, specOf, type TestStore } from '../helpers/shares.ts'

const workers = new BlockWorkers({ threads: 1 })
afterAll(() => workers.close())

const ROW: IndexRow = {
  id: '0'.repeat(32),
  root: 'bafy',
  key: Buffer.alloc(32, 1),
  lookup: Buffer.alloc(32, 2),
  name: 'Holiday',
  bytes: 5,
  input: null,
  kept: null,
  madeMs: 1,
  usedMs: 1,
}

async function rootsOf({ store }: TestStore): Promise<string[]> {
  const roots: string[] = []
  for await (const row of store.list()) roots.push(row.root)
  return roots
}

/** A home with shares of two files, closed. */
async function homeWithShares(): Promise<{ test: TestStore; roots: string[]; folder: string }> {
  const opened = await openStore()
  const folder = await temporaryFolder()
  await writeTree(folder, { a: 'first', b: 'second' })
  for (const name of ['a', 'b']) await shareIn(opened, specOf(join(folder, name)), workers)
  const roots = await rootsOf(opened)
  expect(roots.length).toBe(2)
  await opened.store.close()
  return { test: opened, roots, folder }
}

describe('the schema', () => {
  test('an index of version 1 becomes one of version 2, with what is in it', async () => {
    const file = join(await temporaryFolder(), 'index.db')
    // As version 1 was released; it stays as it is when the schema goes on.
    const v1 = new DatabaseSync(file)
    v1.exec(readFileSync(join(import.meta.dirname, 'index-version-1.sql'), 'utf8'))
    v1.close()
    const { database, isNew } = openIndex(file, [
      ...MIGRATIONS.slice(0, 1),
      "ALTER TABLE share ADD COLUMN note TEXT NOT NULL DEFAULT 'none'",
    ])
    expect(isNew).toBe(false)
    expect(database.prepare('SELECT name, bytes, note FROM share').all()).toMatchObject([
      { name: 'Holiday', bytes: 12, note: 'none' },
    ])
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 })
    database.close()
  })

  test('an index of before knows then what lies in the home, and of nothing that it is pinned', async () => {
    const file = join(await temporaryFolder(), 'index.db')
    const before = new DatabaseSync(file)
    before.exec(readFileSync(join(import.meta.dirname, 'index-version-1.sql'), 'utf8'))
    before.exec(`INSERT INTO share (id, root, key, lookup, name, bytes, input, made_ms, used_ms)
      VALUES ('2', 'bafz', NULL, x'03', 'stdin', 5, 'abc', 3, 4)`)
    before.close()
    const { database } = openIndex(file)
    expect(database.prepare('SELECT name, kept, pinned FROM share ORDER BY seq').all()).toMatchObject([
      { name: 'Holiday', kept: null, pinned: null },
      { name: 'stdin', kept: 'inputs/abc', pinned: null },
    ])
    database.close()
  })

  test('a step that fails leaves the version before it', async () => {
    const file = join(await temporaryFolder(), 'index.db')
    const first = openIndex(file)
    first.database.exec('COMMIT')
    first.database.close()
    expect(() => openIndex(file, [...MIGRATIONS, 'CREATE TABLE extra (a); SELECT * FROM nothing'])).toThrow(
      'nothing',
    )
    const again = openIndex(file)
    expect(again.database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'extra'").get()).toBeUndefined()
    again.database.close()
  })

  test('one of a newer Shoal is refused and left as it is', async () => {
    const file = join(await temporaryFolder(), 'index.db')
    openIndex(file, [...MIGRATIONS, 'SELECT 1']).database.exec('COMMIT')
    const before = readFileSync(file)
    expect(() => new IndexJobs().run({ type: 'open', file })).toThrow(
      expect.objectContaining({
        code: 'ERR_HOME_INVALID',
        message: expect.stringContaining('newer'),
      }) as Error,
    )
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  test('an SQLite with a known fault is refused', () => {
    for (const version of ['3.51.2', '3.50.9', '2.99.99', undefined]) {
      expect(() => assertSqlite(version)).toThrow(
        expect.objectContaining({ code: 'ERR_SQLITE_VERSION' }) as Error,
      )
    }
    for (const version of ['3.51.3', '3.52.0', '4.0.0']) assertSqlite(version)
  })

  test('only the owner may read it', async () => {
    const { test: opened } = await homeWithShares()
    expect(statSync(opened.paths.indexFile).mode & 0o777).toBe(0o600)
    for (const id of readdirSync(opened.paths.shares)) {
      expect(statSync(join(opened.paths.shares, id)).mode & 0o777).toBe(0o600)
    }
  })
})

describe('an index that is lost is made anew from the records', () => {
  test.each<[string, (file: string) => Promise<void> | void]>([
    ['missing', (file) => systemDisk.removeAll(file)],
    ['no database', (file) => writeFileSync(file, 'nonsense '.repeat(1_000))],
    ['cut short', (file) => truncateSync(file, 5_000)],
    [
      'of another program',
      async (file) => {
        await systemDisk.removeAll(file)
        const foreign = new DatabaseSync(file)
        foreign.exec('CREATE TABLE theirs (a); PRAGMA application_id = 7')
        foreign.close()
      },
    ],
  ])('%s', async (what, damage) => {
    const { test: before, roots } = await homeWithShares()
    await damage(before.paths.indexFile)
    const after = await openStore(before.paths)
    expect(await rootsOf(after)).toEqual(roots)
    expect(after.warnings.map(({ code }) => code)).toEqual(['WARN_INDEX_REBUILT'])
    const aside = readdirSync(before.paths.home).filter((name) => name.startsWith('index.db.damaged-1'))
    expect(aside.length > 0).toBe(what !== 'missing')
    await after.store.close()
    const again = await openStore(before.paths)
    expect([again.warnings, await rootsOf(again)]).toEqual([[], roots])
    await again.store.close()
  })

  test('found out in the middle of the work, in its own thread, by several at once', async () => {
    const { test: before, roots } = await homeWithShares()
    const { paths } = before
    // The header stays whole: that the rows are not is found when they are read.
    const bytes = readFileSync(paths.indexFile)
    bytes.fill(0xa5, 4_096)
    writeFileSync(paths.indexFile, bytes)
    const codes: string[] = []
    const index = new ShareIndex({
      paths,
      disk: systemDisk,
      records: new ShareRecords(paths.shares, systemDisk),
      elsewhere: new ElsewhereFile(paths, systemDisk),
      thread: workerThread(),
      onWarning: ({ code }) => codes.push(code),
    })
    await index.open()
    const job = { type: 'list', after: 0, limit: 10 } as const
    const answers = await Promise.all([1, 2, 3].map(() => index.run<readonly StoredRow[]>(job)))
    for (const rows of answers) expect(rows.map((row) => row.root)).toEqual(roots)
    expect(codes).toEqual(['WARN_INDEX_REBUILT'])
    await index.close()
  })

  test('a damaged record is one lost share, set aside and told', async () => {
    const { test: before, roots } = await homeWithShares()
    const [id = ''] = readdirSync(before.paths.shares)
    truncateSync(join(before.paths.shares, id), 60)
    await systemDisk.removeAll(before.paths.indexFile)
    const after = await openStore(before.paths)
    const left = await rootsOf(after)
    expect(left.length).toBe(1)
    expect(roots).toContain(left[0])
    expect(after.warnings.map(({ code }) => code)).toEqual(['WARN_SHARE_LOST', 'WARN_INDEX_REBUILT'])
    expect(readdirSync(before.paths.shares)).toContain(`${id}.damaged`)
    await after.store.close()
  })

  test('a process that dies while it makes it anew leaves it to the next', async () => {
    const { test: before, roots } = await homeWithShares()
    await systemDisk.removeAll(before.paths.indexFile)
    const dying = new IndexJobs()
    dying.run({ type: 'open', file: before.paths.indexFile })
    dying.run({ type: 'fill', rows: [ROW] })
    dying.run({ type: 'close' })
    const after = await openStore(before.paths)
    expect(await rootsOf(after)).toEqual(roots)
    await after.store.close()
  })
})

test('a folder in place of the index is told as what it is', async () => {
  const paths = homePaths(await temporaryFolder(), {})
  await systemDisk.makeFolder(paths.indexFile)
  await expect(openStore(paths)).rejects.toMatchObject({ code: 'ERR_DISK' })
})

describe('what lies in the home', () => {
  const kept = (id: string, unit: string, usedMs: number): IndexRow => ({
    ...ROW,
    id,
    root: `root of ${id}`,
    kept: unit,
    usedMs,
  })

  async function filled(rows: readonly IndexRow[]): Promise<IndexJobs> {
    const jobs = new IndexJobs()
    jobs.run({ type: 'open', file: join(await temporaryFolder(), 'index.db') })
    jobs.run({ type: 'filled' })
    for (const row of rows) {
      jobs.run({ type: 'making', row })
      jobs.run({ type: 'made', id: row.id })
    }
    return jobs
  }

  function unitsOf(jobs: IndexJobs, after?: KeptUnit, limit = 100): KeptUnit[] {
    const answer = jobs.run({ type: 'kept', after, limit })
    return ('result' in answer ? answer.result : []) as KeptUnit[]
  }

  test('may go in the order of its last use, a page at a time, and not what is pinned or being made', async () => {
    const jobs = await filled([
      ROW,
      kept('a', 'inputs/a', 50),
      kept('b', 'uploads/b', 20),
      kept('c', 'inputs/c', 20),
      // The second use of what two shares need counts.
      kept('d', 'inputs/d', 10),
      kept('e', 'inputs/d', 60),
      kept('f', 'inputs/f', 1),
      kept('g', 'inputs/g', 1),
    ])
    jobs.run({ type: 'pin', root: 'root of f', isPinned: true })
    jobs.run({ type: 'pin', root: 'root of c', isPinned: false })
    jobs.run({ type: 'making', row: kept('h', 'inputs/g', 1) })
    const units = unitsOf(jobs)
    expect(units.map(({ unit, usedMs }) => [unit, usedMs])).toEqual([
      ['inputs/c', 20],
      ['uploads/b', 20],
      ['inputs/a', 50],
      ['inputs/d', 60],
    ])
    expect(units[0]?.shares).toEqual([
      { id: 'c', root: 'root of c', lookup: Buffer.from(ROW.lookup), isPinned: false },
    ])
    expect(units[3]?.shares.map(({ id, isPinned }) => [id, isPinned])).toEqual([
      ['d', null],
      ['e', null],
    ])
    const paged: string[] = []
    for (let last: KeptUnit | undefined; ;) {
      const [next] = unitsOf(jobs, last, 1)
      if (next === undefined) break
      paged.push(next.unit)
      last = next
    }
    expect(paged).toEqual(units.map(({ unit }) => unit))
  })

  test('is used when it is said, and never earlier than it was', async () => {
    const jobs = await filled([kept('a', 'inputs/a', 50), { ...ROW, id: 'b', root: 'root of a' }])
    jobs.run({ type: 'keptUsed', root: 'root of a', atMs: 70 })
    jobs.run({ type: 'keptUsed', root: 'root of a', atMs: 60 })
    const answer = jobs.run({ type: 'byRoot', root: 'root of a' })
    const rows = ('result' in answer ? answer.result : []) as StoredRow[]
    expect(rows.map(({ usedMs }) => usedMs)).toEqual([70, 1])
  })

  test('counts as pinned once the index, which knew, is lost', async () => {
    const opened = await openStore()
    const path = await opened.store.inputs.receive(
      (async function* () {
        yield Buffer.from('x')
      })(),
    )
    await shareIn(opened, specOf(path), workers)
    const folder = await temporaryFolder()
    await writeTree(folder, { a: 'first' })
    await shareIn(opened, specOf(join(folder, 'a')), workers)
    await opened.store.close()
    await systemDisk.removeAll(opened.paths.indexFile)
    const { store } = await openStore(opened.paths)
    const pinned: (boolean | null)[] = []
    for await (const { isPinned } of store.list()) pinned.push(isPinned)
    expect(pinned).toEqual([true, null])
    await store.close()
  })
})
