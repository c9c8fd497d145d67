/**
 * The fetches of a home on which no node runs: told of and changed, and not gone on with, for a command that looks or changes and
 * ends.
 */
import { ShoalError } from '../errors.ts'
import type { FetchStateEvent, WarningEvent } from '../events.ts'
import { loadIdentity } from '../identity/identity.ts'
import { takeHome } from '../store/home-lock.ts'
import type { HomePaths } from '../store/home.ts'
import { systemSeams } from '../util/system.ts'
import { FetchQueue } from './jobs/fetch-queue.ts'
import { JobStore, ownJobThread } from './jobs/job-store.ts'

export interface HomeFetches {
  /** In the order in which they were asked for. */
  list: () => readonly FetchStateEvent[]
  /** What the next node that does such work goes by. @throws ShoalError ERR_NO_FETCH, and as `JobStore.save` */
  change: (id: string, change: 'pause' | 'resume' | 'cancel') => Promise<FetchStateEvent>
  /** Gives the home back. */
  close: () => Promise<void>
}

/** @throws ShoalError ERR_HOME_BUSY when a process has the home, and as `JobStore.load` */
export async function openHomeFetches(
  paths: HomePaths,
  onWarning: (warning: WarningEvent) => void,
): Promise<HomeFetches> {
  // Makes the home where there is none, and refuses what cannot be one.
  await loadIdentity(paths.home)
  const lock = takeHome(paths.home)
  if (lock === undefined) {
    throw new ShoalError('ERR_HOME_BUSY', `another Shoal process uses ${paths.home}`)
  }
  const store = new JobStore({ home: paths.home, thread: ownJobThread(), onWarning })
  const queue = new FetchQueue({
    fetch: refuse,
    store,
    onSeed: refuse,
    seams: systemSeams,
  })
  const close = async (): Promise<void> => {
    await store.close()
    lock.release()
  }
  try {
    const jobs = await store.load()
    queue.restore(
      jobs.filter((job) => job.kind === 'fetch'),
      false,
    )
  } catch (error) {
    await close()
    throw error
  }
  return { list: () => queue.list(), change: (id, change) => queue[change](id), close }
}

/** A queue that only tells begins nothing. */
async function refuse(): Promise<never> {
  throw new ShoalError('ERR_INTERNAL', 'a fetch was begun without a node')
}
