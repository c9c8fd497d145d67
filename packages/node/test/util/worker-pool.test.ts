import { afterEach, expect, test } from 'vitest'
import { WorkerPool, workerUrl, type ThreadOptions } from '../../src/util/worker-pool.ts'
import type { PoolJob, Where } from './pool-worker.ts'

const pools: WorkerPool<PoolJob, unknown>[] = []

function pool(threads: number, options?: ThreadOptions): WorkerPool<PoolJob, unknown> {
  const made = new WorkerPool<PoolJob, unknown>(workerUrl(import.meta.url, './pool-worker'), threads, options)
  pools.push(made)
  return made
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((one) => one.close()))
})

test('jobs that come together go to a thread in one message', async () => {
  const one = pool(1)
  const places = (await Promise.all([1, 2, 3, 4].map(() => one.run('where')))) as Where[]
  expect(places.map((place) => place.messages)).toEqual([1, 1, 1, 1])
  expect(await one.run('where')).toMatchObject({ messages: 2 })
})

test('a bulk job starts another thread, any other waits for those that are there', async () => {
  const two = pool(2)
  const threads = async (...weights: ('bulk' | 'normal')[]): Promise<number> => {
    const places = (await Promise.all(weights.map((weight) => two.run('where', weight)))) as Where[]
    return new Set(places.map((place) => place.thread)).size
  }
  expect(await threads('normal', 'normal')).toBe(1)
  expect(await threads('bulk', 'bulk', 'bulk', 'bulk')).toBe(2)
})

test('light jobs go to one thread together, others are spread', async () => {
  const two = pool(2)
  await Promise.all([two.run('where', 'bulk'), two.run('where', 'bulk')])
  const light = (await Promise.all([1, 2, 3, 4, 5, 6].map(() => two.run('where', 'light')))) as Where[]
  expect(new Set(light.map((place) => place.thread)).size).toBe(1)
  const normal = (await Promise.all([1, 2, 3, 4].map(() => two.run('where')))) as Where[]
  expect(new Set(normal.map((place) => place.thread)).size).toBe(2)
})

test('threads are made as is said, also the one that takes the place of one that died', async () => {
  const one = pool(1, { data: { home: '/h' }, youngGenerationMib: 16 })
  expect(await one.run('made')).toEqual({ data: { home: '/h' }, young: 16 })
  await expect(one.run('die')).rejects.toMatchObject({ code: 'ERR_INTERNAL' })
  expect(await one.run('made')).toEqual({ data: { home: '/h' }, young: 16 })
  expect(await pool(1).run('made')).toEqual({ data: undefined, young: 1 })
})

test('every job of a message has its own answer, whatever becomes of the others', async () => {
  const one = pool(1)
  const settled = await Promise.allSettled([
    one.run('throw'),
    one.run('share'),
    one.run('system'),
    one.run('later'),
    one.run('where'),
  ])
  expect(settled).toMatchObject([
    { status: 'rejected', reason: { code: 'ERR_LIMIT', message: 'too much', hint: 'ask for less' } },
    { status: 'fulfilled', value: new Uint8Array([1, 2, 3]) },
    { status: 'rejected', reason: { code: 'ENOENT', path: '/nowhere' } },
    { status: 'rejected', reason: { code: 'ERR_INTERNAL', message: 'settled late' } },
    { status: 'fulfilled' },
  ])
})

test('more jobs than a thread is given at once are all done', async () => {
  const two = pool(2)
  const weights = Array.from({ length: 300 }, (_, i) => (['bulk', 'normal', 'light'] as const)[i % 3])
  const done = await Promise.all(weights.map((weight) => two.run('where', weight)))
  expect(done).toHaveLength(300)
})

test('the jobs of a thread that died are rejected, and the next finds another', async () => {
  const one = pool(1)
  const [died, behind] = await Promise.allSettled([one.run('die'), one.run('where')])
  expect(died).toMatchObject({ status: 'rejected', reason: { code: 'ERR_INTERNAL' } })
  expect(behind).toMatchObject({ status: 'rejected', reason: { code: 'ERR_INTERNAL' } })
  expect(await one.run('where')).toMatchObject({ messages: 1 })
})

test('a pool that was closed runs nothing', async () => {
  const one = pool(1)
  await one.run('where')
  await one.close()
  await expect(one.run('where')).rejects.toMatchObject({ code: 'ERR_INTERNAL' })
})
