/**
 * What operations report while they run: one JSON object each, the same over the control API and as lines of
 * `shoal --json`. Scripts of users rely on the shapes; they change only with an ADR.
 */
import type { ShoalErrorJson } from './errors.ts'
import type { NetworkPreset } from './options.ts'

export interface HashingEvent {
  readonly type: 'hashing'
  /** Content bytes read so far, and in all. */
  readonly bytes: number
  readonly total: number
}

export interface ReadyEvent {
  readonly type: 'ready'
  readonly link: string
  readonly root: string
  readonly name: string
  readonly kind: 'file' | 'folder'
  /** Sum of file sizes. */
  readonly bytes: number
  readonly files: number
  readonly sealed: boolean
  /** Multiaddrs of this node, each with its peer id. */
  readonly addresses: readonly string[]
}

export interface ServedEvent {
  readonly type: 'served'
  readonly root: string
  /** Block payload bytes sent since the command started. */
  readonly bytes: number
  /** Peers connected for this root now. */
  readonly peers: number
}

export interface PlanEvent {
  readonly type: 'plan'
  readonly root: string
  readonly name: string
  readonly bytes: number
  readonly files: number
  /** Seconds from the start of the fetch to the first answer of a provider. */
  readonly connectedSeconds: number
}

export interface ProgressEvent {
  readonly type: 'progress'
  readonly root: string
  /** Verified content bytes on this disk, and in all. */
  readonly bytes: number
  readonly total: number
  /** Bytes per second. */
  readonly rate: number
  readonly peers: number
}

export interface DoneEvent {
  readonly type: 'done'
  readonly root: string
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

/** One file or folder of a share that is listed. */
export interface EntryEvent {
  readonly type: 'entry'
  /** Names joined by `/`, relative to the share's own folder; of a share that is a single file its name. */
  readonly path: string
  /** 0 for a folder. */
  readonly bytes: number
  readonly kind: 'file' | 'folder'
  /** Last change in milliseconds since 1970; null where the share does not say. */
  readonly mtime: number | null
}

export interface WarningEvent {
  readonly type: 'warning'
  readonly code: string
  readonly message: string
}

export interface StatusEvent {
  readonly type: 'status'
  readonly pid: number
  readonly peerId: string
  /** Options that the node was started with. */
  readonly network: NetworkPreset
  readonly listen: readonly string[]
  readonly addresses: readonly string[]
  /** Base URL of the API on loopback TCP, or null where it is off. */
  readonly api: string | null
  readonly socket: string
  readonly tokenFile: string
}

export interface IdEvent {
  readonly type: 'id'
  readonly peerId: string
  readonly home: string
}

export interface ErrorEvent extends ShoalErrorJson {
  readonly type: 'error'
}

export type ShareEvent = HashingEvent | ReadyEvent | ServedEvent | WarningEvent
export type FetchEvent = PlanEvent | ProgressEvent | DoneEvent | WarningEvent
export type ListEvent = EntryEvent | WarningEvent
export type ShoalEvent = ShareEvent | FetchEvent | ListEvent | StatusEvent | IdEvent | ErrorEvent
