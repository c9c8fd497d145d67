/** What a fetch tells while it runs, and how one in the background stands. */
import type { ShoalErrorJson } from '../errors.ts'
import type { WaitDetail, WaitReason } from './waiting.ts'

/**
 * Where devices that may have some content are heard of. `link`: addresses in the link. `peer`: devices that the user
 * named. `seen`: devices met before. `lan`: this local network. `dht`: the distributed hash table, or the content routing
 * of a libp2p node that the program brought along. `exchange`: devices that others who are connected for the same content
 * named.
 */
export type SourceName = 'link' | 'peer' | 'seen' | 'lan' | 'dht' | 'exchange'

/** `self`: this device shares it. */
export type FoundBy = SourceName | 'self'

/** A provider was found and it is known what a fetch will bring. */
export interface PlanEvent {
  readonly type: 'plan'
  /** CID of the whole content, as text. */
  readonly root: string
  /** Under which name it is saved. */
  readonly name: string
  /** Content bytes of what was asked for. */
  readonly bytes: number
  /** How many files were asked for. */
  readonly files: number
  /** How the first device that answered was found. */
  readonly source: FoundBy
  /** Seconds from the start of the fetch to the first answer of a provider. */
  readonly connectedSeconds: number
}

/** Nobody who has it is connected, and somebody is looked for: at the start of a fetch, and whenever the last one left. */
export interface AskingEvent {
  readonly type: 'asking'
  /** CID of the whole content, as text. */
  readonly root: string
  /** What is asked for devices that have it; what cannot know of any now is left out. */
  readonly sources: readonly FoundBy[]
  /** Id of the device that left last; null: none was there yet. */
  readonly lastSeen: string | null
}

/** How far a fetch is. At most four a second; the last value is always told. */
export interface ProgressEvent {
  readonly type: 'progress'
  /** CID of the whole content, as text. */
  readonly root: string
  /** Verified content bytes on this disk. */
  readonly bytes: number
  /** Content bytes of what was asked for. */
  readonly total: number
  /** Content bytes per second that come and are verified; what was here before does not count. */
  readonly rate: number
  /** Devices that content comes from now. */
  readonly peers: number
}

/**
 * All bytes of one file of a fetch are verified and on this disk. Once for each file that was asked for, in the order in which
 * they became whole; those that were here before too, once nothing is left to compare of them. It has its final name only
 * with `done`, and until it is synced a power cut may take of it what then comes again.
 */
export interface FileEvent {
  readonly type: 'file'
  /** As `EntryEvent.path`. */
  readonly path: string
  /** Content bytes. */
  readonly bytes: number
}

/** A file that is on its way. */
export interface FileProgress {
  /** As `EntryEvent.path`. */
  readonly path: string
  /** Verified content bytes on this disk. */
  readonly bytes: number
  /** Content bytes of the whole file. */
  readonly total: number
}

/** Which files of a folder are on their way. At most one a second; the last value is always told. */
export interface FilesEvent {
  readonly type: 'files'
  /** CID of the whole content, as text. */
  readonly root: string
  /** How many are whole, those that were here before among them. */
  readonly done: number
  /** How many files were asked for. */
  readonly total: number
  /** How many nothing came of yet. */
  readonly waiting: number
  /**
   * Of those between, at most 16 of 1 MB or more of which something is here for a second or longer. One that is named stays
   * until it is whole.
   */
  readonly active: readonly FileProgress[]
}

/** A fetch stands under its own name, or a comparison found everything the same. The last event. */
export interface DoneEvent {
  readonly type: 'done'
  /** CID of the whole content, as text. */
  readonly root: string
  /** Absolute path of the result, or of what was compared. */
  readonly path: string
  /** Content bytes. */
  readonly bytes: number
  /** From the start to renamed and synced; a command counts from the start of its process. */
  readonly seconds: number
  /** Seconds of these from the first answer of a provider on. */
  readonly transferSeconds: number
  /** Verified payload bytes that came over the network in this run. */
  readonly bytesFetched: number
  /** Content bytes that were here before. */
  readonly bytesReused: number
}

/** How a fetch in the background stands. */
export interface FetchStateEvent {
  readonly type: 'fetch'
  /** By which it is named to a node. */
  readonly id: string
  /** CID of the whole content, as text. */
  readonly root: string
  /** Under which name it is saved; null: nobody said it yet. */
  readonly name: string | null
  /** Absolute path of the folder that is to hold the result. */
  readonly directory: string
  /** Absolute path of the result; null: it is not whole yet. */
  readonly path: string | null
  /** `queued`: others go first; `waiting`: something hinders it, and it is tried again by itself. */
  readonly state: 'queued' | 'running' | 'waiting' | 'paused' | 'done' | 'failed' | 'cancelled'
  /** null: nothing keeps it, or it has ended. */
  readonly reason: WaitReason | null
  /** What more there is to say of `reason`; null: nothing. */
  readonly detail: WaitDetail | null
  /** Since when `state` and `reason` hold, in milliseconds since 1970. */
  readonly since: number
  /** Verified content bytes on this disk, as far as known. */
  readonly bytes: number
  /** Content bytes of what was asked for; null: nobody said it yet. */
  readonly total: number | null
  /** Content bytes per second that come now. */
  readonly rate: number
  /** Devices that content comes from now. */
  readonly peers: number
  /** Which go first where not all can go at once. */
  readonly priority: 'high' | 'normal' | 'low'
  /** Why it failed, or what hindered it last. */
  readonly error: ShoalErrorJson | null
}
