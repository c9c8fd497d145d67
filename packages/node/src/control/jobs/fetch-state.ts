/** How a fetch in the background stands, as it is told. */
import { isShoalError, type ErrorCode } from '../../errors.ts'
import type { FetchStateEvent, WaitReason } from '../../events.ts'
import type { FetchJob } from './job.ts'

/** What is known of an active fetch while the node runs, beside what is kept of it. */
export interface FetchFacts {
  readonly state: 'queued' | 'running' | 'waiting'
  readonly reason: WaitReason | null
  readonly sinceMs: number
  readonly bytes: number
  readonly rate: number
  readonly peers: number
}

/** What hinders for a while and is tried again, and not the end of a fetch. */
const PASSING: Partial<Record<ErrorCode, WaitReason>> = {
  ERR_CONTENT_GONE: 'incomplete',
  ERR_DISK: 'folder-gone',
  ERR_DISK_FULL: 'disk-full',
  ERR_NO_PROVIDER: 'no-source',
  ERR_PERMISSION: 'folder-gone',
}

/** Why a fetch that failed with this is to be tried again; undefined: it is not. */
export function passingReason(error: unknown): WaitReason | undefined {
  return isShoalError(error) ? PASSING[error.code] : undefined
}

/** @param facts of an active one, where the node does it */
export function stateOf(job: FetchJob, facts: FetchFacts | undefined): FetchStateEvent {
  const { id, root, name, directory, path, total, priority, error, createdMs, endedMs } = job
  const resting = job.state === 'active' ? 'queued' : job.state
  const reason = resting === 'queued' || resting === 'paused' ? resting : null
  return {
    type: 'fetch',
    id,
    root,
    name,
    directory,
    path,
    state: facts?.state ?? resting,
    reason: facts === undefined ? reason : facts.reason,
    since: facts?.sinceMs ?? endedMs ?? createdMs,
    bytes: facts?.bytes ?? job.bytes,
    total,
    rate: facts?.rate ?? 0,
    peers: facts?.peers ?? 0,
    priority,
    error,
  }
}
