/** Fetches of the background, in virtual time and without a network: what runs, what waits, and what is kept of it. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { FetchQueue } from '../../../src/control/jobs/fetch-queue.ts'
import type { FetchJob } from '../../../src/control/jobs/job.ts'
import {
  GIVE_WAY_MS,
  MAX_ACTIVE_FETCHES,
  MAX_ENDED_FETCHES,
  MAX_RUNNING_FETCHES,
  RETRY_MS,
} from '../../../src/control/jobs/limits.ts'
import { ShoalError } from '../../../src/errors.ts'
import type { FetchEvent, FetchStateEvent } from '../../../src/events.ts'
import type { FetchOptions, FetchResult } from '../../../src/transfer/fetch-service.ts'
import { SourceChangedError } from '../../../src/transfer/scheduling/stuck-peers.ts'
import { fetchJob } from '../../helpers/jobs.ts'
import { Simulation } from '../../helpers/simulation.ts'

const ASKING: Extract<FetchEvent, { type: 'asking' }> = {
  type: 'asking',
  root: 'r',
  sources: ['dht'],
  lastSeen: null,
}
const PLAN: FetchEvent = {
  type: 'plan',
  root: 'r',
  name: 'Holiday',
  bytes: 100,
  files: 1,
  source: 'dht',
  connectedSeconds: 1,
}
const progress = (bytes: number, peers = 1): FetchEvent => ({
  type: 'progress',
  root: 'r',
  bytes,
  total: 100,
  rate: peers * 10,
  peers,
})

/** A fetch that a test decides about. */
interface Attempt {
  readonly link: string
  readonly tell: (event: FetchEvent) => void
  readonly succeed: () => void
  readonly fail: (error: unknown) => void
  readonly options: FetchOptions
}

function world({ isOffline = false } = {}) {
  const simulation = new Simulation(1)
  const attempts: Attempt[] = []
  const kept = new Map<string, FetchJob>()
  const seeded: string[] = []
  const told = new Map<string, FetchStateEvent>()
  let refusal: ShoalError | undefined
  const queue = new FetchQueue({
    fetch: (link, options) => {
      const { promise, resolve, reject } = Promise.withResolvers<FetchResult>()
      // As a node does that has no network.
      if (isOffline) options.onEvent?.({ type: 'warning', code: 'WARN_OFFLINE', message: '' })
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error))
      attempts.push({
        link,
        options,
        tell: (event) => options.onEvent?.(event),
        succeed: () => resolve({ path: '/out/Holiday', bytes: 100 } as FetchResult),
        fail: reject,
      })
      return promise
    },
    store: {
      save: async (job) => {
        if (refusal !== undefined) throw refusal
        kept.set(job.id, job)
      },
      remove: async (id) => void kept.delete(id),
    },
    onSeed: async ({ id }) => void seeded.push(id),
    onState: (state) => void told.set(state.id, state),
    onForgotten: (id) => void told.delete(id),
    seams: simulation.seams,
  })
  // Whatever happens to one, how it was told to stand last is how it stands.
  onTestFinished(() => {
    const stands = queue.list().filter(({ id }) => told.has(id))
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(stands.map((state) => [state.id, state])))
  })
  return {
    simulation,
    queue,
    told,
    kept,
    seeded,
    attempts,
    links: () => attempts.map(({ link }) => link),
    state: (id: string) => queue.list().find((fetch) => fetch.id === id),
    refuse: (error: ShoalError | undefined) => void (refusal = error),
    settle: () => simulation.pass(0),
  }
}

test('one is kept, runs, tells how it gets on, and is done', async () => {
  const { queue, attempts, kept, state, settle } = world()
  expect(await queue.add(fetchJob('a'))).toMatchObject({ type: 'fetch', id: 'a', state: 'running' })
  const [attempt] = attempts as [Attempt]
  expect(attempt).toMatchObject({ link: 'link-a', options: { directory: '/out', waitMs: 0 } })
  attempt.tell(ASKING)
  expect(state('a')).toMatchObject({ reason: 'searching', total: null, name: null })
  attempt.tell(PLAN)
  attempt.tell(progress(40, 2))
  expect(state('a')).toMatchObject({
    reason: null,
    name: 'Holiday',
    bytes: 40,
    total: 100,
    rate: 20,
    peers: 2,
  })
  attempt.tell({ ...ASKING, lastSeen: 'somebody' })
  expect(state('a')).toMatchObject({ state: 'running', reason: 'no-source', bytes: 40, rate: 0, peers: 0 })
  attempt.succeed()
  await settle()
  expect(state('a')).toMatchObject({
    state: 'done',
    reason: null,
    bytes: 100,
    path: '/out/Holiday',
    error: null,
  })
  expect(kept.get('a')).toMatchObject({ state: 'done', bytes: 100, total: 100, path: '/out/Holiday' })
})

test('what it is asked for it asks of the node', async () => {
  const { queue, attempts } = world()
  const options = { only: ['*.txt'], overwrite: true, seed: true, peers: ['/p2p/x'], up: 1, down: 2 }
  await queue.add(fetchJob('a', options))
  expect(attempts[0]?.options).toMatchObject(options)
})

test('one without a network says so, until somebody is there', async () => {
  const { queue, attempts, state } = world({ isOffline: true })
  await queue.add(fetchJob('a'))
  expect(state('a')).toMatchObject({ state: 'running', reason: 'offline' })
  attempts[0]?.tell(ASKING)
  expect(state('a')).toMatchObject({ state: 'running', reason: 'offline' })
  attempts[0]?.tell(progress(1))
  expect(state('a')).toMatchObject({ reason: null })
})

test('why one waits or is slow is told as the engine tells it, until somebody is there or nothing keeps it', async () => {
  const { queue, attempts, state, simulation } = world()
  await queue.add(fetchJob('a'))
  const tell = (event: FetchEvent): void => attempts[0]?.tell(event)
  const detail = { peers: 2, retryAt: 5 }
  tell({ type: 'waiting', root: 'r', reason: 'unreachable', detail })
  expect(state('a')).toMatchObject({ state: 'running', reason: 'unreachable', detail })
  tell(progress(1))
  expect(state('a')).toMatchObject({ reason: null, detail: null })
  tell({ type: 'waiting', root: 'r', reason: 'busy', detail: { peers: 1 } })
  const { since } = state('a') ?? {}
  await simulation.pass(1_000)
  // Who is there and busy is no reason to think that it moves.
  tell(progress(2))
  tell({ type: 'waiting', root: 'r', reason: 'busy', detail: { peers: 1, retryAt: 9 } })
  expect(state('a')).toMatchObject({ reason: 'busy', detail: { peers: 1, retryAt: 9 }, since, bytes: 2 })
  tell({ type: 'waiting', root: 'r', reason: null, detail: null })
  expect(state('a')).toMatchObject({ reason: null, detail: null })
  tell({ type: 'waiting', root: 'r', reason: 'offline', detail: null })
  tell(ASKING)
  expect(state('a')).toMatchObject({ reason: 'offline' })
  tell({ type: 'waiting', root: 'r', reason: 'no-source', detail: { peer: 'mia', lastSeen: 7 } })
  expect(state('a')).toMatchObject({ reason: 'no-source', detail: { peer: 'mia', lastSeen: 7 } })
  expect(await queue.pause('a')).toMatchObject({ reason: 'paused', detail: null })
})

test('one that is only slow goes first all the same, and one that waits lets others go on', async () => {
  const { queue, attempts, links, simulation } = world()
  for (let i = 0; i <= MAX_ACTIVE_FETCHES; i++) await queue.add(fetchJob(String(i)))
  for (const attempt of attempts) attempt.tell(progress(1))
  attempts[0]?.tell({ type: 'waiting', root: 'r', reason: 'indirect', detail: null })
  attempts[1]?.tell({ type: 'waiting', root: 'r', reason: 'verifying', detail: null })
  await simulation.pass(2 * GIVE_WAY_MS)
  expect(links()).toHaveLength(MAX_ACTIVE_FETCHES)
  attempts[2]?.tell({ type: 'waiting', root: 'r', reason: 'incomplete', detail: { missing: 1 } })
  await simulation.pass(2 * GIVE_WAY_MS)
  expect(links()).toHaveLength(MAX_ACTIVE_FETCHES + 1)
})

describe('some at a time', () => {
  const many = Array.from({ length: MAX_ACTIVE_FETCHES + 2 }, (_, i) => fetchJob(String(i)))

  test('the others wait, the more important first, else in the order in which they came', async () => {
    const { queue, attempts, links, state, settle } = world()
    for (const job of many) await queue.add(job)
    await queue.add(fetchJob('low', { priority: 'low' }))
    await queue.add(fetchJob('high', { priority: 'high' }))
    expect(links()).toHaveLength(MAX_ACTIVE_FETCHES)
    expect(state('high')).toMatchObject({ state: 'queued', reason: 'queued', since: 1_700_000_000_000 })
    await queue.prioritise('low', 'high')
    for (const attempt of attempts.slice(0, 3)) attempt.succeed()
    await settle()
    // Of two that are as important, the one that came first.
    expect(links().slice(MAX_ACTIVE_FETCHES)).toEqual(['link-low', 'link-high', `link-${MAX_ACTIVE_FETCHES}`])
  })

  test('who finds nobody makes room after a while, and only so many look at once', async () => {
    const { queue, simulation, attempts, links } = world()
    const all = Array.from({ length: MAX_RUNNING_FETCHES + 9 }, (_, i) => fetchJob(String(i)))
    for (const job of all) await queue.add(job)
    for (const attempt of attempts) attempt.tell(ASKING)
    expect(links()).toHaveLength(MAX_ACTIVE_FETCHES)
    attempts[0]?.tell(PLAN)
    await simulation.pass(GIVE_WAY_MS)
    // The one that found somebody keeps its place.
    expect(links()).toHaveLength(MAX_ACTIVE_FETCHES + MAX_ACTIVE_FETCHES - 1)
    await simulation.pass(GIVE_WAY_MS * MAX_RUNNING_FETCHES)
    expect(links()).toHaveLength(MAX_RUNNING_FETCHES)
  })
})

describe('what fails', () => {
  test.each([
    ['ERR_NO_PROVIDER', 'no-source'],
    ['ERR_CONTENT_GONE', 'incomplete'],
    ['ERR_DISK_FULL', 'disk-full'],
    ['ERR_DISK', 'folder-gone'],
    ['ERR_PERMISSION', 'folder-gone'],
  ] as const)('by %s is tried again after a while', async (code, reason) => {
    const { queue, simulation, attempts, state, settle } = world()
    await queue.add(fetchJob('a'))
    attempts[0]?.tell(PLAN)
    attempts[0]?.tell(progress(40))
    attempts[0]?.fail(new ShoalError(code, 'no'))
    await settle()
    expect(state('a')).toMatchObject({ state: 'waiting', reason, bytes: 40, error: { code, message: 'no' } })
    const isLacking = reason === 'incomplete' || reason === 'disk-full'
    expect(state('a')?.detail).toEqual(isLacking ? { missing: 60 } : null)
    await simulation.pass(RETRY_MS)
    expect(attempts).toHaveLength(2)
    attempts[1]?.succeed()
    await settle()
    expect(state('a')).toMatchObject({ state: 'done', error: null })
  })

  test('since who had it changed it says so', async () => {
    const { queue, attempts, state, settle } = world()
    await queue.add(fetchJob('a'))
    attempts[0]?.tell(PLAN)
    attempts[0]?.tell(progress(40))
    attempts[0]?.fail(new SourceChangedError())
    await settle()
    expect(state('a')).toMatchObject({
      state: 'waiting',
      reason: 'source-changed',
      detail: { missing: 60 },
      error: { code: 'ERR_CONTENT_GONE' },
    })
  })

  test('for good is told, keeps its place in the list, and may be tried again by hand', async () => {
    const { queue, simulation, attempts, kept, state, settle } = world()
    await queue.add(fetchJob('a'))
    attempts[0]?.fail(new ShoalError('ERR_WRONG_KEY', 'no'))
    await settle()
    expect(state('a')).toMatchObject({ state: 'failed', error: { code: 'ERR_WRONG_KEY' } })
    expect(kept.get('a')).toMatchObject({ state: 'failed', error: { code: 'ERR_WRONG_KEY' } })
    await simulation.pass(10 * RETRY_MS)
    expect(attempts).toHaveLength(1)
    expect(await queue.resume('a')).toMatchObject({ state: 'running', error: null })
    expect(attempts).toHaveLength(2)
  })

  test('because the node ends goes on with the next start, and nothing is begun any more', async () => {
    const { queue, attempts, kept, settle } = world()
    for (let i = 0; i < 10; i++) await queue.add(fetchJob(String(i)))
    for (const attempt of attempts) attempt.fail(new ShoalError('ERR_NODE_STOPPED', 'x'))
    await settle()
    expect(attempts).toHaveLength(MAX_ACTIVE_FETCHES)
    expect([...kept.values()].every(({ state }) => state === 'active')).toBe(true)
  })
})

describe('somebody decides', () => {
  test('pause stops it and keeps it so, resume goes on', async () => {
    const { queue, attempts, kept, state } = world()
    await queue.add(fetchJob('a'))
    attempts[0]?.tell(progress(40))
    expect(await queue.pause('a')).toMatchObject({ state: 'paused', reason: 'paused', rate: 0 })
    expect(attempts[0]?.options.signal?.aborted).toBe(true)
    expect(kept.get('a')).toMatchObject({ state: 'paused', bytes: 40 })
    // Twice is once.
    expect(await queue.pause('a')).toMatchObject({ state: 'paused' })
    expect(await queue.resume('a')).toMatchObject({ state: 'running' })
    expect(await queue.resume('a')).toMatchObject({ state: 'running' })
    expect([attempts.length, state('a')?.state]).toEqual([2, 'running'])
  })

  test('cancel ends it for good, also one that waits or is paused', async () => {
    const { queue, simulation, attempts, kept, settle } = world()
    for (const id of ['a', 'b', 'c']) await queue.add(fetchJob(id))
    attempts[1]?.fail(new ShoalError('ERR_DISK_FULL', 'no'))
    await queue.pause('c')
    await settle()
    for (const id of ['a', 'b', 'c']) {
      expect(await queue.cancel(id)).toMatchObject({ state: 'cancelled', reason: null })
      expect(await queue.resume(id)).toMatchObject({ state: 'cancelled' })
      expect(kept.get(id)).toMatchObject({ state: 'cancelled' })
    }
    await simulation.pass(10 * RETRY_MS)
    expect(attempts).toHaveLength(3)
  })

  test('one that is done stays as it is', async () => {
    const { queue, attempts, settle } = world()
    await queue.add(fetchJob('a'))
    attempts[0]?.succeed()
    await settle()
    for (const act of ['pause', 'resume', 'cancel'] as const) {
      expect(await queue[act]('a')).toMatchObject({ state: 'done' })
    }
  })

  test('what is not there is told', async () => {
    const { queue } = world()
    await expect(queue.cancel('x')).rejects.toMatchObject({ code: 'ERR_NO_FETCH' })
    await expect(queue.prioritise('x', 'low')).rejects.toMatchObject({ code: 'ERR_NO_FETCH' })
  })
})

test('what cannot be kept is refused, and nothing has changed', async () => {
  const { queue, attempts, refuse, state } = world()
  await queue.add(fetchJob('a'))
  refuse(new ShoalError('ERR_DISK_FULL', 'full'))
  await expect(queue.add(fetchJob('b'))).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
  await expect(queue.pause('a')).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
  await expect(queue.cancel('a')).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
  expect([attempts.length, state('a')?.state, state('b')]).toEqual([1, 'running', undefined])
  expect(attempts[0]?.options.signal?.aborted).toBe(false)
})

test('one that is done while the disk is full is done again later, and not lost', async () => {
  const { queue, simulation, attempts, refuse, state, settle } = world()
  await queue.add(fetchJob('a'))
  refuse(new ShoalError('ERR_DISK_FULL', 'full'))
  attempts[0]?.succeed()
  await settle()
  expect(state('a')).toMatchObject({ state: 'waiting', reason: 'disk-full' })
  refuse(undefined)
  await simulation.pass(RETRY_MS)
  attempts[1]?.succeed()
  await settle()
  expect(state('a')).toMatchObject({ state: 'done' })
})

test('what was kept goes on after a start, in its order, and what rests stays so', async () => {
  const { queue, links, state } = world()
  queue.restore(
    [
      fetchJob('p', { state: 'paused', bytes: 7 }),
      fetchJob('a'),
      fetchJob('d', { state: 'done', endedMs: 5 }),
      fetchJob('b'),
    ],
    true,
  )
  expect(links()).toEqual(['link-a', 'link-b'])
  expect(queue.list().map(({ id }) => id)).toEqual(['p', 'a', 'd', 'b'])
  expect(state('p')).toMatchObject({ state: 'paused', bytes: 7 })
})

test('a node that does none of it tells of it and takes changes, and begins nothing', async () => {
  const { queue, links, kept } = world()
  queue.restore([fetchJob('a')], false)
  expect(queue.list()).toMatchObject([{ id: 'a', state: 'queued' }])
  expect(await queue.cancel('a')).toMatchObject({ state: 'cancelled' })
  expect([links(), kept.get('a')?.state]).toEqual([[], 'cancelled'])
})

test('what is to be served on is handed over before it is done', async () => {
  const { queue, attempts, seeded, state, settle } = world()
  await queue.add(fetchJob('a', { seed: true }))
  attempts[0]?.succeed()
  await settle()
  expect([seeded, state('a')?.state]).toEqual([['a'], 'done'])
})

test('of those that ended the oldest are forgotten', async () => {
  const { queue, kept } = world()
  const ended = Array.from({ length: MAX_ENDED_FETCHES }, (_, i) =>
    fetchJob(String(i), { state: 'done', endedMs: MAX_ENDED_FETCHES - i }),
  )
  for (const job of ended) kept.set(job.id, job)
  queue.restore(ended, true)
  await queue.add(fetchJob('new'))
  await queue.cancel('new')
  expect(queue.list()).toHaveLength(MAX_ENDED_FETCHES)
  expect([kept.has(String(MAX_ENDED_FETCHES - 1)), kept.has('0')]).toEqual([false, true])
})

test('a stop ends what runs, and what is kept stays to be done', async () => {
  const { queue, simulation, attempts, kept, settle } = world()
  await queue.add(fetchJob('a'))
  await queue.add(fetchJob('b'))
  attempts[0]?.tell(progress(40))
  attempts[1]?.fail(new ShoalError('ERR_DISK_FULL', 'no'))
  await settle()
  await queue.stop()
  await simulation.pass(10 * RETRY_MS)
  expect(attempts).toHaveLength(2)
  // How far it was is told until it goes on.
  expect(kept.get('a')).toMatchObject({ bytes: 40 })
  expect([...kept.values()].map(({ state }) => state)).toEqual(['active', 'active'])
})
