/** The fetches of a home on which no node runs. */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openHomeFetches, type HomeFetches } from '../../src/control/home-fetches.ts'
import { JobStore, ownJobThread } from '../../src/control/jobs/job-store.ts'
import type { FetchJob, Job } from '../../src/control/jobs/job.ts'
import type { WarningEvent } from '../../src/events.ts'
import { takeHome } from '../../src/store/home-lock.ts'
import { homePaths } from '../../src/store/home.ts'
import { temporaryFolder } from '../helpers/files.ts'
import { fetchJob } from '../helpers/jobs.ts'

const SHARE: Job = { kind: 'share', id: 's', root: 'r', createdMs: 1 }

/** One of which a part is here. */
function job(id: string, more: Partial<FetchJob> = {}): FetchJob {
  return fetchJob(id, { link: 'shoal://r#secret', bytes: 7, ...more })
}

async function homeWith(...jobs: readonly Job[]): Promise<string> {
  const home = await temporaryFolder()
  const store = new JobStore({ home, thread: ownJobThread(), onWarning: () => {} })
  for (const each of jobs) await store.save(each)
  await store.close()
  return home
}

async function open(home: string): Promise<HomeFetches & { warnings: WarningEvent[] }> {
  const warnings: WarningEvent[] = []
  const opened = await openHomeFetches(homePaths(home, {}), (warning) => warnings.push(warning))
  return { ...opened, warnings }
}

test('they are told in the order in which they were asked for, without their links, and nothing is begun', async () => {
  const home = await homeWith(job('b'), SHARE, job('a', { state: 'paused' }), job('c', { state: 'done' }))
  const { list, close, warnings } = await open(home)
  expect(list()).toMatchObject([
    { type: 'fetch', id: 'b', state: 'queued', bytes: 7, rate: 0 },
    { id: 'a', state: 'paused', reason: 'paused' },
    { id: 'c', state: 'done' },
  ])
  expect(JSON.stringify(list())).not.toContain('secret')
  expect(warnings).toEqual([])
  await close()
})

test('a change is there for who opens the home next', async () => {
  const home = await homeWith(job('a'), job('b'), job('c', { state: 'failed', endedMs: 1 }))
  const first = await open(home)
  expect(await first.change('a', 'pause')).toMatchObject({ id: 'a', state: 'paused' })
  expect(await first.change('b', 'cancel')).toMatchObject({ id: 'b', state: 'cancelled' })
  expect(await first.change('c', 'resume')).toMatchObject({ id: 'c', state: 'queued', error: null })
  // What has ended stays as it is.
  expect(await first.change('b', 'resume')).toMatchObject({ state: 'cancelled' })
  await expect(first.change('d', 'pause')).rejects.toMatchObject({ code: 'ERR_NO_FETCH' })
  await first.close()
  const second = await open(home)
  expect(second.list()).toMatchObject([{ state: 'paused' }, { state: 'cancelled' }, { state: 'queued' }])
  expect(await second.change('a', 'resume')).toMatchObject({ state: 'queued' })
  await second.close()
})

test('a home that has none is as it was before, and free again', async () => {
  const home = join(await temporaryFolder(), 'home')
  const { list, close } = await open(home)
  expect(list()).toEqual([])
  expect(takeHome(home)).toBeUndefined()
  await close()
  expect(existsSync(join(home, 'jobs.db'))).toBe(false)
  const lock = takeHome(home)
  onTestFinished(() => lock?.release())
  expect(lock).toBeDefined()
  await expect(open(home)).rejects.toMatchObject({ code: 'ERR_HOME_BUSY' })
})

test('what is damaged is told, and lost', async () => {
  const home = await homeWith(job('a'))
  await writeFile(join(home, 'jobs.db'), 'no database at all, but long enough for one to be looked for in it')
  const { list, close, warnings } = await open(home)
  expect([list(), warnings]).toMatchObject([[], [{ type: 'warning', code: 'WARN_JOB_LOST' }]])
  await close()
})

test('a home whose fetches cannot be read is given back', async () => {
  const home = await temporaryFolder()
  await mkdir(join(home, 'jobs.db'))
  await expect(open(home)).rejects.toMatchObject({ name: 'ShoalError' })
  const lock = takeHome(home)
  onTestFinished(() => lock?.release())
  expect(lock).toBeDefined()
})
