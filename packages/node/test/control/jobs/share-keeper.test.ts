/** Shares that are kept up, in virtual time and without a network. */
import { expect, test } from 'vitest'
import type { ShareJob } from '../../../src/control/jobs/job.ts'
import { ShareKeeper } from '../../../src/control/jobs/share-keeper.ts'
import { ShoalError } from '../../../src/errors.ts'
import type { ServeOptions, Share } from '../../../src/transfer/share-options.ts'
import { Simulation } from '../../helpers/simulation.ts'

type End = Awaited<Share['ended']>

interface Served {
  readonly root: string
  readonly options: ServeOptions
  readonly end: (how: End) => void
  isStopped: boolean
}

const DAY_MS = 86_400_000
const NOW_MS = 1_700_000_000_000

function world() {
  const simulation = new Simulation(1)
  const served: Served[] = []
  const kept = new Map<string, ShareJob>()
  const warnings: string[] = []
  const faults = new Map<string, ShoalError>()
  const keeper = new ShareKeeper({
    serve: async (root, options) => {
      const fault = faults.get(root)
      if (fault !== undefined) throw fault
      const { promise, resolve } = Promise.withResolvers<End>()
      const one: Served = { root, options, end: resolve, isStopped: false }
      served.push(one)
      const stop = async (): Promise<void> => {
        one.isStopped = true
        resolve('stopped')
      }
      return { root, stop, ended: promise } as Share
    },
    store: {
      save: async (job) => {
        const fault = faults.get('save')
        if (fault !== undefined) throw fault
        kept.set(job.id, job)
      },
      remove: async (id) => void kept.delete(id),
    },
    onWarning: ({ code, message }) => warnings.push(`${code} ${message}`),
    seams: simulation.seams,
  })
  return { simulation, keeper, served, kept, warnings, faults, settle: () => simulation.pass(0) }
}

const jobOf = (id: string, root: string, more: Partial<ShareJob> = {}): ShareJob => ({
  kind: 'share',
  id,
  root,
  createdMs: NOW_MS,
  ...more,
})

test('one is served with what was agreed, and kept before that is acknowledged', async () => {
  const { keeper, served, kept } = world()
  await keeper.keep(jobOf('a', 'r', { times: 3, up: 1, down: 2 }))
  expect(served).toMatchObject([{ root: 'r', options: { times: 3, up: 1, down: 2 }, isStopped: false }])
  expect([...kept.keys()]).toEqual(['a'])
})

test.each(['delivered', 'removed'] as const)('one that is %s is forgotten', async (how) => {
  const { keeper, served, kept, settle } = world()
  await keeper.keep(jobOf('a', 'r'))
  served[0]?.end(how)
  await settle()
  expect([...kept.keys()]).toEqual([])
})

test('one that ends with the node is served at the next start', async () => {
  const { keeper, served, kept, settle } = world()
  await keeper.keep(jobOf('a', 'r'))
  served[0]?.end('stopped')
  await settle()
  expect([...kept.keys()]).toEqual(['a'])
})

test('its time ends it, however far off that is', async () => {
  const { simulation, keeper, served, kept } = world()
  const until = (days: number): Promise<void> =>
    simulation.run(new Promise((resolve) => void simulation.at(days * DAY_MS, resolve)), 90 * DAY_MS)
  await keeper.keep(jobOf('a', 'r', { untilMs: NOW_MS + 60 * DAY_MS }))
  await until(59)
  expect(served[0]?.isStopped).toBe(false)
  await until(61)
  expect([served[0]?.isStopped, kept.size]).toEqual([true, 0])
})

test('the same again takes the place of what was agreed before, without a gap', async () => {
  const { simulation, keeper, served, kept } = world()
  await keeper.keep(jobOf('a', 'r', { untilMs: NOW_MS + 1_000 }))
  await keeper.keep(jobOf('b', 'r'))
  expect(served.map(({ isStopped }) => isStopped)).toEqual([true, false])
  await simulation.pass(5_000)
  expect(served[1]?.isStopped).toBe(false)
  expect([...kept.keys()]).toEqual(['b'])
})

test('what cannot be kept is not served on', async () => {
  const { keeper, served, faults } = world()
  faults.set('save', new ShoalError('ERR_DISK_FULL', 'full'))
  await expect(keeper.keep(jobOf('a', 'r'))).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
  expect(served[0]?.isStopped).toBe(true)
})

test('after a start all are served again but those whose time is over or that were unshared', async () => {
  const { keeper, served, kept, warnings, faults } = world()
  const jobs = [
    jobOf('over', 'o', { untilMs: NOW_MS }),
    jobOf('gone', 'g'),
    jobOf('damaged', 'd'),
    jobOf('fine', 'f', { untilMs: NOW_MS + 1_000 }),
  ]
  for (const job of jobs) kept.set(job.id, job)
  faults.set('g', new ShoalError('ERR_NOT_SHARED', 'no'))
  faults.set('d', new ShoalError('ERR_DISK', 'cannot be read'))
  await keeper.restore(jobs)
  expect(served.map(({ root }) => root)).toEqual(['f'])
  // What may be mended is tried again at the next start.
  expect([...kept.keys()]).toEqual(['damaged', 'fine'])
  expect(warnings).toEqual(['WARN_SHARE_NOT_KEPT the share d cannot be kept up: cannot be read'])
})

test('what is asked for anew while all are served again holds', async () => {
  const { keeper, served, kept } = world()
  const before = jobOf('before', 'r', { times: 1 })
  kept.set('before', before)
  await Promise.all([keeper.keep(jobOf('now', 'r')), keeper.restore([before])])
  expect([...kept.keys()]).toEqual(['now'])
  expect(served.filter(({ isStopped }) => !isStopped)).toHaveLength(1)
})

test('after a stop no timer ends anything', async () => {
  const { simulation, keeper, served, kept } = world()
  await keeper.keep(jobOf('a', 'r', { untilMs: NOW_MS + 1_000 }))
  keeper.stop()
  await simulation.pass(5_000)
  expect([served[0]?.isStopped, kept.size]).toEqual([false, 1])
})

test('what was kept counts as kept before it is served again, and where it cannot be, until it is gone', async () => {
  const { keeper, faults, settle } = world()
  faults.set('broken', new ShoalError('ERR_DISK', 'the disk fails'))
  faults.set('gone', new ShoalError('ERR_NOT_SHARED', 'nothing'))
  const jobs = [
    jobOf('1', 'whole'),
    jobOf('2', 'broken'),
    jobOf('3', 'gone'),
    jobOf('4', 'over', { untilMs: 1 }),
  ]
  const restoring = keeper.restore(jobs)
  expect([...keeper.roots].toSorted()).toEqual(['broken', 'gone', 'over', 'whole'])
  await restoring
  await settle()
  expect([...keeper.roots].toSorted()).toEqual(['broken', 'whole'])
})
