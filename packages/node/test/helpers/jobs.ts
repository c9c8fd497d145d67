/** Jobs as a home keeps them. */
import type { FetchJob } from '../../src/control/jobs/job.ts'

/** A fetch that was just asked for, but for what a test says of it. */
export function fetchJob(id: string, more: Partial<FetchJob> = {}): FetchJob {
  return {
    kind: 'fetch',
    id,
    root: 'r',
    createdMs: 1,
    link: `link-${id}`,
    directory: '/out',
    priority: 'normal',
    state: 'active',
    name: null,
    bytes: 0,
    total: null,
    path: null,
    error: null,
    endedMs: null,
    ...more,
  }
}
