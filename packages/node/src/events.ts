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

/**
 * Where devices that may have some content are heard of. `link`: addresses in the link. `peer`: devices that the user
 * named. `seen`: devices met before. `lan`: this local network. `dht`: the distributed hash table.
 */
export type SourceName = 'link' | 'peer' | 'seen' | 'lan' | 'dht'

/** `self`: this device shares it. */
export type FoundBy = SourceName | 'self'

export interface PlanEvent {
  readonly type: 'plan'
  readonly root: string
  readonly name: string
  readonly bytes: number
  readonly files: number
  /** How the first device that answered was found. */
  readonly source: FoundBy
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

/** What of which file a read gives; comes before its first byte. */
export interface ContentEvent {
  readonly type: 'content'
  readonly root: string
  /** As `EntryEvent.path`. */
  readonly path: string
  /** Bytes of the whole file. */
  readonly size: number
  /** The first byte that comes, from 0, and how many come. */
  readonly from: number
  readonly bytes: number
}

/** A read gave its last byte. */
export interface ReadEndEvent {
  readonly type: 'end'
  /** Verified payload bytes that came over the network for it. */
  readonly bytesFetched: number
}

/** A file or folder that is missing, or not what a link names. */
export interface BadEvent {
  readonly type: 'bad'
  /** As `EntryEvent.path`. */
  readonly path: string
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

/** A share that a home knows. */
export interface SharedEvent {
  readonly type: 'share'
  readonly root: string
  readonly link: string
  readonly name: string
  /** Sum of file sizes. */
  readonly bytes: number
  readonly sealed: boolean
  /** `stale`: its files are gone or were changed since; what is left of them is served as long as it is shared. */
  readonly state: 'serving' | 'stopped' | 'stale'
}

export interface WarningEvent {
  readonly type: 'warning'
  readonly code: string
  readonly message: string
}

/** What came of asking one source for devices that have something, since the node was started. */
export interface SourceStatus {
  /** How often it was asked. */
  readonly asked: number
  /** Devices that it named. */
  readonly heard: number
  /** Of these: had the content, answered that they do not, did not answer. */
  readonly opened: number
  readonly declined: number
  readonly failed: number
}

export interface DiscoveryStatus {
  /** Devices connected now. */
  readonly connected: number
  /** null: this network has no DHT. */
  readonly dht: {
    readonly mode: 'client' | 'server'
    /** Devices of the DHT that this one knows. */
    readonly known: number
    /** Shares that are yet to be announced there. */
    readonly waiting: number
  } | null
  /** Devices known on the local network; null: they are not looked for. */
  readonly lan: number | null
  readonly sources: Readonly<Partial<Record<FoundBy, SourceStatus>>>
}

export interface StatusEvent {
  readonly type: 'status'
  readonly pid: number
  readonly peerId: string
  /** Options that the node was started with. */
  readonly network: NetworkPreset
  readonly listen: readonly string[]
  readonly bootstrap: readonly string[]
  readonly mdns: boolean
  readonly addresses: readonly string[]
  /** What the node knows of the network. */
  readonly discovery: DiscoveryStatus
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
/** `served` only with `seed`, and after `done`. */
export type FetchEvent = PlanEvent | ProgressEvent | DoneEvent | ServedEvent | WarningEvent
export type ReadEvent = ContentEvent | ReadEndEvent
export type VerifyEvent = HashingEvent | BadEvent | DoneEvent | WarningEvent
export type ListEvent = EntryEvent | WarningEvent
/** What `shares` tells. */
export type SharesEvent = SharedEvent | WarningEvent
export type ShoalEvent =
  | ShareEvent
  | FetchEvent
  | ListEvent
  | SharesEvent
  | ReadEvent
  | VerifyEvent
  | StatusEvent
  | IdEvent
  | ErrorEvent
