/** A fetch in the queue: what is kept of it, and what is known of it while the node runs. */
import type { TimerHandle } from '../../util/seams.ts'
import type { FetchRun } from './fetch-run.ts'
import type { FetchFacts } from './fetch-state.ts'
import { PRIORITIES, type FetchJob } from './job.ts'
import { MAX_ENDED_FETCHES } from './limits.ts'

export interface Entry {
  job: FetchJob
  facts: FetchFacts | undefined
  run: FetchRun | undefined
  retry: TimerHandle | undefined
  /** It found nobody for a while: others may go on beside it. */
  givesWay: boolean
  yielding: TimerHandle | undefined
}

/** The place of its priority; sorting keeps the order in which they came among equals. */
export function rank({ job }: Entry): number {
  return PRIORITIES.indexOf(job.priority)
}

export function entryOf(job: FetchJob): Entry {
  return { job, facts: undefined, run: undefined, retry: undefined, givesWay: false, yielding: undefined }
}

/** Those that ended longest ago, as far as there are too many to be told of. */
export function forgettable(entries: Iterable<Entry>): Entry[] {
  const ended = [...entries]
    .filter(({ job: { state } }) => state === 'done' || state === 'failed' || state === 'cancelled')
    .toSorted((a, b) => (a.job.endedMs ?? 0) - (b.job.endedMs ?? 0))
  return ended.slice(0, Math.max(0, ended.length - MAX_ENDED_FETCHES))
}
