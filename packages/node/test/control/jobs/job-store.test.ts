/** Jobs on the disk. */
import { existsSync } from 'node:fs'
import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { JobStore, jobThread, ownJobThread, type JobThread } from '../../../src/control/jobs/job-store.ts'
import type { Job } from '../../../src/control/jobs/job.ts'
import type { WarningEvent } from '../../../src/events.ts'
import { temporaryFolder } from '../../helpers/files.ts'
import { fetchJob } from '../../helpers/jobs.ts'

const SHARE: Job = { kind: 'share', id: 's', root: 'r', createdMs: 1, untilMs: 2, times: 3 }
const FETCH = fetchJob('f', { key: 'k', link: 'shoal://r#secret' })

function storeOf(home: string, thread: JobThread = ownJobThread()) {
  const warnings: WarningEvent[] = []
  const store = new JobStore({ home, thread, onWarning: (warning) => warnings.push(warning) })
  onTestFinished(() => store.close())
  return { store, warnings }
}

describe.each([
  ['in a thread of its own', jobThread],
  ['in the same thread', ownJobThread],
])('%s', (_where, thread) => {
  test('what is kept is there after a restart, in the order in which it came', async () => {
    const home = await temporaryFolder()
    const { store } = storeOf(home, thread())
    await store.save(FETCH)
    await store.save(SHARE)
    await store.save({ ...FETCH, state: 'paused' })
    await store.close()
    const again = storeOf(home, thread())
    expect(await again.store.load()).toEqual([{ ...FETCH, state: 'paused' }, SHARE])
    await again.store.remove('f')
    await again.store.close()
    expect(await storeOf(home, thread()).store.load()).toEqual([SHARE])
  })
})

test('nothing is made on the disk before something is kept', async () => {
  const home = await temporaryFolder()
  const { store } = storeOf(home)
  expect(await store.load()).toEqual([])
  expect(await readdir(home)).toEqual([])
  await store.save(SHARE)
  // Links are in it.
  expect((await stat(join(home, 'jobs.db'))).mode & 0o777).toBe(0o600)
})

test('what was removed is not left in the file', async () => {
  const home = await temporaryFolder()
  const { store } = storeOf(home)
  await store.save(FETCH)
  await store.remove('f')
  await store.close()
  expect((await readFile(join(home, 'jobs.db'))).includes('secret')).toBe(false)
})

test('a damaged file is moved aside and told, and new ones are kept', async () => {
  const home = await temporaryFolder()
  await writeFile(join(home, 'jobs.db'), 'this is no database')
  const { store, warnings } = storeOf(home)
  expect(await store.load()).toEqual([])
  const aside = join(home, 'jobs.db.damaged-1')
  expect(warnings).toMatchObject([
    { code: 'WARN_JOB_LOST', message: expect.stringContaining(aside) as string },
  ])
  expect(await readFile(aside, 'utf8')).toBe('this is no database')
  await store.save(SHARE)
  await store.close()
  expect(await storeOf(home).store.load()).toEqual([SHARE])
})

test('one that a newer Shoal kept is told and left, the others go on', async () => {
  const home = await temporaryFolder()
  const { store } = storeOf(home)
  await store.save(SHARE)
  await store.close()
  const database = new DatabaseSync(join(home, 'jobs.db'))
  database.prepare('INSERT INTO job (id, body) VALUES (?, ?)').run('new', '{"kind":"dance"}')
  database.close()
  const again = storeOf(home)
  expect(await again.store.load()).toEqual([SHARE])
  expect(again.warnings).toMatchObject([{ code: 'WARN_JOB_LOST' }])
  await again.store.close()
  const after = new DatabaseSync(join(home, 'jobs.db'))
  expect(after.prepare('SELECT id FROM job').all()).toHaveLength(2)
  after.close()
})

test('a file of a newer Shoal is refused, and tried again', async () => {
  const home = await temporaryFolder()
  const { store } = storeOf(home)
  await store.save(SHARE)
  await store.close()
  const database = new DatabaseSync(join(home, 'jobs.db'))
  database.exec('PRAGMA user_version = 99')
  const again = storeOf(home)
  await expect(again.store.load()).rejects.toMatchObject({ code: 'ERR_HOME_INVALID' })
  database.exec('PRAGMA user_version = 1')
  database.close()
  expect(await again.store.load()).toEqual([SHARE])
  expect(existsSync(join(home, 'jobs.db.damaged-1'))).toBe(false)
})
