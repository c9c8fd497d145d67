/** What keeps a fetch, and who gives it what it brings. */
import type { FoundBy } from './fetching.ts'

/**
 * Why a fetch waits or is slow. `queued`: others go first; `searching`: nobody who has it was found yet; `no-source`: those who
 * had it left; `unreachable`: devices are known that have it, and none could be connected to; `incomplete`: those who are there
 * lack what is missing; `source-changed`: those who had what is missing changed it since; `busy`: all who are there have no room to
 * send now; `indirect`: it comes, and all of it by way of a third device; `verifying`: what is on this disk already is compared;
 * `offline`: this device has no network; `disk-full`, `folder-gone`: the place that it is saved to; `paused`: somebody said so;
 * `own-limit`: it comes as fast as the user allows; `schedule`: the same of the schedule, or this is a time of pause there;
 * `metered`: the connection is metered.
 */
export type WaitReason =
  | 'queued'
  | 'searching'
  | 'no-source'
  | 'unreachable'
  | 'incomplete'
  | 'source-changed'
  | 'busy'
  | 'indirect'
  | 'verifying'
  | 'offline'
  | 'disk-full'
  | 'folder-gone'
  | 'paused'
  | 'own-limit'
  | 'schedule'
  | 'metered'

/** What there is to say of a reason. What is not known, or has nothing to do with it, is left out. */
export interface WaitDetail {
  /** Content bytes that are still to come, with `incomplete`, `source-changed` and `disk-full`. */
  readonly missing?: number
  /** How many devices it is about, with `unreachable` and `busy`. */
  readonly peers?: number
  /** When the next try is due, in milliseconds since 1970, with `unreachable` and `busy`; left out while one runs. */
  readonly retryAt?: number
  /** Id of the device that left last, with `no-source`; with `incomplete` of the last that had everything. */
  readonly peer?: string
  /** When that device left, in milliseconds since 1970. */
  readonly lastSeen?: number
  /** Until when it holds, in milliseconds since 1970; with `schedule`, unless it always does. */
  readonly until?: number
  /** The limit that holds it up, in bytes per second; with `own-limit` and `schedule`. */
  readonly limit?: number
}

/** Why a fetch waits or is slow, when that is another. It is looked at once a second: what is over sooner is not told. */
export interface WaitingEvent {
  readonly type: 'waiting'
  /** CID of the whole content, as text. */
  readonly root: string
  /** null: nothing keeps it any more. */
  readonly reason: WaitReason | null
  /** null: there is nothing more to say of it. */
  readonly detail: WaitDetail | null
}

/** A device that gives something, or that is about to. */
export interface FetchSource {
  /** Its id. */
  readonly id: string
  /** What its user calls it; null: not known. */
  readonly name: string | null
  /** How it was found; `exchange` also where it connected to this device. */
  readonly foundBy: FoundBy
  /**
   * `connecting`: it is dialled; `asking`: it was asked and has given nothing yet; `giving`: it gave something and owes more;
   * `busy`: it has no room to send now; `idle`: it has nothing of what is to be asked for, or is left alone for a while.
   */
  readonly state: 'connecting' | 'asking' | 'giving' | 'busy' | 'idle'
  /** Part of what was asked for that it has, as it says, from 0 to 1; null: it did not say yet, or what comes is not known. */
  readonly has: number | null
  /** Blocks that are missing here and that none of the others connected has. */
  readonly alone: number
  /** Verified bytes of blocks that it gave since it was connected. */
  readonly bytes: number
  /** Bytes per second that it gives now, measured from look to look; 0 at the first. */
  readonly rate: number
  /** false: by way of a third device, which is slower; null: not connected. */
  readonly direct: boolean | null
  /** Since when it is connected, in milliseconds since 1970; null: it is not. */
  readonly since: number | null
}

/** Who gives a fetch what it brings, and how much of it all of them have, as of the last look: one a second at most. */
export interface SourcesEvent {
  readonly type: 'sources'
  /** CID of the whole content, as text. */
  readonly root: string
  /** Absolute path of the folder that is to hold the result. */
  readonly directory: string
  /** Blocks of what was asked for; null: not known yet. Those of files that were there before are not among them. */
  readonly blocks: number | null
  /** Of these, those that are here. */
  readonly here: number
  /** Of these, those that are not here and that somebody has who is connected. */
  readonly available: number
  /** Of the available ones, those that only one device has. */
  readonly single: number
  /** At most 64, those that are connected first, and of these who gave most. */
  readonly sources: readonly FetchSource[]
}
