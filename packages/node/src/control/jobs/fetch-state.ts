/** How a fetch in the background stands, as it is told. */
import { isShoalError, type ErrorCode } from '../../errors.ts'
import type { FetchStateEvent, WaitDetail, WaitReason } from '../../events.ts'
import { SourceChangedError } from '../../transfer/scheduling/stuck-peers.ts'
import type { Wait } from '../bandwidth/bandwidth.ts'
import type { RunFacts } from './fetch-run.ts'
import type { FetchJob } from './job.ts'

/** What is known of an active fetch while the node runs, beside what is kept of it. */
export interface FetchFacts {
  readonly state: 'queued' | 'running' | 'waiting'
  readonly reason: WaitReason | null
  readonly detail: WaitDetail | null
  readonly sinceMs: number
  readonly bytes: number
  readonly rate: number
  readonly peers: number
}

/** Every reason that is told. */
export const WAIT_REASONS = [
  'queued',
  'searching',
  'no-source',
  'unreachable',
  'incomplete',
  'source-changed',
  'busy',
  'indirect',
  'verifying',
  'offline',
  'disk-full',
  'folder-gone',
  'paused',
  'own-limit',
  'schedule',
  'metered',
] as const satisfies readonly WaitReason[]

/** What goes on all the same, only slower, or has the disk at work. */
const BUSY: ReadonlySet<WaitReason> = new Set(['indirect', 'verifying', 'own-limit', 'schedule'])

/** Nothing keeps it, as far as is known. */
export const MOVING = { reason: null, detail: null, rate: 0, peers: 0 } as const

type Waiting = Pick<FetchFacts, 'reason' | 'detail' | 'rate' | 'peers'>

/** Nothing comes of it now. */
export function waitingFor(reason: WaitReason, detail: WaitDetail | null = null): Waiting {
  return { ...MOVING, reason, detail }
}

/** Whether a fetch that runs does nothing because of this, so that others may go on beside it. */
export function isIdle(reason: WaitReason | null): boolean {
  return reason !== null && !BUSY.has(reason)
}

/** What hinders for a while and is tried again, and not the end of a fetch. */
const PASSING: Partial<Record<ErrorCode, WaitReason>> = {
  ERR_CONTENT_GONE: 'incomplete',
  ERR_DISK: 'folder-gone',
  ERR_DISK_FULL: 'disk-full',
  ERR_NO_PROVIDER: 'no-source',
  ERR_PERMISSION: 'folder-gone',
}

/** What is known of the bytes that are still to come belongs to these. */
const LACKING: ReadonlySet<WaitReason> = new Set(['incomplete', 'source-changed', 'disk-full'])

/** Why a fetch that failed with this is to be tried again; undefined: it is not. */
export function passingOf(error: unknown, bytes: number, total: number | null): Waiting | undefined {
  if (!isShoalError(error)) return undefined
  const reason = error instanceof SourceChangedError ? 'source-changed' : PASSING[error.code]
  if (reason === undefined) return undefined
  const isLacking = total !== null && LACKING.has(reason)
  return waitingFor(reason, isLacking ? { missing: Math.max(0, total - bytes) } : null)
}

/**
 * What is known when something new is.
 *
 * @param slowedBy why one that gets on does not get on faster
 */
export function factsAfter(
  job: FetchJob,
  before: FetchFacts | undefined,
  news: Partial<RunFacts> & Pick<FetchFacts, 'state'>,
  slowedBy: () => Wait | undefined,
  nowMs: number,
): FetchFacts {
  const known = { ...MOVING, bytes: job.bytes, ...before, ...news }
  const isMoving = known.state === 'running' && known.reason === null
  const after = { ...known, ...(isMoving ? slowedBy() : {}) }
  const isSame = before?.state === after.state && before.reason === after.reason
  return { ...after, sinceMs: isSame ? before.sinceMs : nowMs }
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
    detail: facts?.detail ?? null,
    since: facts?.sinceMs ?? endedMs ?? createdMs,
    bytes: facts?.bytes ?? job.bytes,
    total,
    rate: facts?.rate ?? 0,
    peers: facts?.peers ?? 0,
    priority,
    error,
  }
}
