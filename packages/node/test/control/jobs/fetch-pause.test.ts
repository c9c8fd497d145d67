/** Fetches of the background that wait, or are slow, because the user wants it so. */
import { expect, test } from 'vitest'
import type { Wait } from '../../../src/control/bandwidth/bandwidth.ts'
import { FetchQueue } from '../../../src/control/jobs/fetch-queue.ts'
import { RETRY_MS } from '../../../src/control/jobs/limits.ts'
import { ShoalError } from '../../../src/errors.ts'
import type { FetchEvent, FetchStateEvent } from '../../../src/events.ts'
import type { FetchOptions, FetchResult } from '../../../src/transfer/fetch-service.ts'
import { fetchJob } from '../../helpers/jobs.ts'
import { Simulation } from '../../helpers/simulation.ts'

const SCHEDULE: Wait = { reason: 'schedule', detail: { until: 5 } }
const METERED: Wait = { reason: 'metered', detail: null }
const PROGRESS: FetchEvent = { type: 'progress', root: 'r', bytes: 40, total: 100, rate: 10, peers: 1 }

interface Attempt {
  readonly options: FetchOptions
  readonly succeed: () => void
  readonly fail: (error: unknown) => void
}

function world() {
  const simulation = new Simulation(1)
  const attempts: Attempt[] = []
  let slowed: Wait | undefined
  const told: FetchStateEvent[] = []
  const queue = new FetchQueue({
    fetch: (_link, options) => {
      const { promise, resolve, reject } = Promise.withResolvers<FetchResult>()
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error))
      attempts.push({
        options,
        succeed: () => resolve({ path: '/out/a', bytes: 100 } as FetchResult),
        fail: reject,
      })
      return promise
    },
    store: { save: async () => {}, remove: async () => {} },
    onSeed: async () => {},
    onState: (state) => void told.push(state),
    slowedBy: () => slowed,
    seams: simulation.seams,
  })
  return {
    simulation,
    queue,
    attempts,
    told,
    slow: (wait: Wait | undefined) => void (slowed = wait),
    state: (id: string) => queue.list().find((fetch) => fetch.id === id),
    settle: () => simulation.pass(0),
  }
}

test('what runs is stopped, waits, and goes on when it may', async () => {
  const { queue, attempts, state, settle } = world()
  await queue.add(fetchJob('a'))
  attempts[0]?.options.onEvent?.(PROGRESS)
  queue.pauseAll(SCHEDULE)
  await settle()
  expect(attempts[0]?.options.signal?.aborted).toBe(true)
  expect(state('a')).toMatchObject({
    state: 'waiting',
    reason: 'schedule',
    detail: { until: 5 },
    bytes: 40,
    rate: 0,
    peers: 0,
  })
  // One that comes meanwhile waits too.
  expect(await queue.add(fetchJob('b'))).toMatchObject({ state: 'waiting', reason: 'schedule' })
  queue.pauseAll(METERED)
  expect(state('b')).toMatchObject({ reason: 'metered', detail: null })
  expect(attempts).toHaveLength(1)
  queue.pauseAll(undefined)
  expect(attempts).toHaveLength(3)
  expect(state('a')).toMatchObject({ state: 'running', reason: 'searching', detail: null })
})

test('what the user paused or cancelled meanwhile does not go on', async () => {
  const { queue, attempts, state, settle } = world()
  for (const id of ['a', 'b', 'c']) await queue.add(fetchJob(id))
  queue.pauseAll(METERED)
  await settle()
  await queue.pause('a')
  await queue.cancel('b')
  expect(state('a')).toMatchObject({ state: 'paused', reason: 'paused', detail: null })
  queue.pauseAll(undefined)
  await settle()
  expect(['a', 'b', 'c'].map((id) => state(id)?.state)).toEqual(['paused', 'cancelled', 'running'])
  expect(attempts).toHaveLength(4)
})

test('a pause that ends before what runs has ended loses nothing', async () => {
  const { queue, attempts, state, settle } = world()
  await queue.add(fetchJob('a'))
  queue.pauseAll(SCHEDULE)
  queue.pauseAll(undefined)
  await settle()
  expect(state('a')).toMatchObject({ state: 'running' })
  expect(attempts).toHaveLength(2)
})

test('one that is done while it is stopped is done', async () => {
  const { queue, attempts, state, settle } = world()
  await queue.add(fetchJob('a'))
  attempts[0]?.succeed()
  queue.pauseAll(SCHEDULE)
  await settle()
  expect(state('a')).toMatchObject({ state: 'done', reason: null, detail: null })
})

test('one that was to be tried again waits, and is tried at once afterwards', async () => {
  const { queue, simulation, attempts, state, settle } = world()
  await queue.add(fetchJob('a'))
  attempts[0]?.fail(new ShoalError('ERR_DISK_FULL', 'no'))
  await settle()
  expect(state('a')).toMatchObject({ state: 'waiting', reason: 'disk-full' })
  queue.pauseAll(SCHEDULE)
  expect(state('a')).toMatchObject({ state: 'waiting', reason: 'schedule' })
  await simulation.pass(10 * RETRY_MS)
  expect(attempts).toHaveLength(1)
  queue.pauseAll(undefined)
  expect(attempts).toHaveLength(2)
})

test('a limit that holds one up is told while it does, and not where something else keeps it', async () => {
  const { queue, attempts, state, slow, simulation } = world()
  await queue.add(fetchJob('a'))
  const tell = (event: FetchEvent): void => attempts[0]?.options.onEvent?.(event)
  slow({ reason: 'own-limit', detail: { limit: 1_000 } })
  tell({ type: 'asking', root: 'r', sources: ['dht'], lastSeen: null })
  expect(state('a')).toMatchObject({ reason: 'searching', detail: null })
  tell(PROGRESS)
  const since = state('a')?.since
  expect(state('a')).toMatchObject({ state: 'running', reason: 'own-limit', detail: { limit: 1_000 } })
  await simulation.pass(1_000)
  tell(PROGRESS)
  expect(state('a')).toMatchObject({ reason: 'own-limit', since })
  slow(undefined)
  tell(PROGRESS)
  expect(state('a')).toMatchObject({ state: 'running', reason: null, detail: null, rate: 10 })
})

test('the priority that one runs with is the one that it has now', async () => {
  const { queue, attempts } = world()
  await queue.add(fetchJob('a', { priority: 'low' }))
  const { priority } = attempts[0]?.options ?? {}
  if (typeof priority !== 'function') throw new Error('it cannot change')
  expect(priority()).toBe('low')
  await queue.prioritise('a', 'high')
  expect(priority()).toBe('high')
  expect(attempts).toHaveLength(1)
})
