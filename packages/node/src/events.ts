/**
 * What operations report while they run: one JSON object each, the same over the control API and as lines of
 * `shoal --json`. Scripts of users rely on the shapes; they change only with an ADR.
 */
import type { ShoalErrorJson } from './errors.ts'
import type { NetworkPreset } from './options.ts'

/** Content is read to be shared, or to be compared: how far it is. At most four a second. */
export interface HashingEvent {
  readonly type: 'hashing'
  /** Content bytes read so far. */
  readonly bytes: number
  /** Content bytes in all. */
  readonly total: number
}

/** A share can be fetched from now on. */
export interface ReadyEvent {
  readonly type: 'ready'
  /** What a person passes on. Of a sealed share it holds the key: as secret as the content. */
  readonly link: string
  /** CID of the whole content, as text. */
  readonly root: string
  /** What the share is called. */
  readonly name: string
  /** A single file, or a folder with all that is in it. */
  readonly kind: 'file' | 'folder'
  /** Sum of file sizes. */
  readonly bytes: number
  /** How many files are in it. */
  readonly files: number
  /** false: public, readable by all who know the root. */
  readonly sealed: boolean
  /** Multiaddrs of this node, each with its peer id. */
  readonly addresses: readonly string[]
}

/** Others fetch it: how much was sent. At most one a second, when something changed; the last value is always told. */
export interface ServedEvent {
  readonly type: 'served'
  /** CID of the whole content, as text. */
  readonly root: string
  /** Block payload bytes sent since the command started. */
  readonly bytes: number
  /** Peers connected for this root now. */
  readonly peers: number
}

/** A device that gets what is shared. */
export interface Receiver {
  /** Its id. */
  readonly id: string
  /** Blocks that it has: that it was sent, or says it has. Never more than `ReceiversEvent.blocks`. */
  readonly blocks: number
  /** Block payload bytes that it was sent since the command started. */
  readonly sent: number
  /** Bytes per second that it is sent now. */
  readonly rate: number
}

/** Who gets what is shared. At most one a second, when something changed; the last value is always told. */
export interface ReceiversEvent {
  readonly type: 'receivers'
  /** CID of the whole content, as text. */
  readonly root: string
  /** Blocks that a device has which has everything. */
  readonly blocks: number
  /** Devices connected that have a part of it. */
  readonly downloading: number
  /** Devices that came to have everything since the command started, also those that left. Each counts once. */
  readonly finished: number
  /** Of those downloading at most 16: one that is named stays until it has everything or leaves. */
  readonly active: readonly Receiver[]
}

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

/** What of which file a read gives; comes before its first byte. */
export interface ContentEvent {
  readonly type: 'content'
  /** CID of the whole content, as text. */
  readonly root: string
  /** As `EntryEvent.path`. */
  readonly path: string
  /** Bytes of the whole file. */
  readonly size: number
  /** The first byte that comes, from 0. */
  readonly from: number
  /** How many bytes come. */
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
  /** Links and special files are in no share. */
  readonly kind: 'file' | 'folder'
  /** Last change in milliseconds since 1970; null where the share does not say. */
  readonly mtime: number | null
}

/** A share that a home knows. */
export interface SharedEvent {
  readonly type: 'share'
  /** CID of the whole content, as text. */
  readonly root: string
  /** What a person passes on, with the addresses of today. */
  readonly link: string
  /** What the share is called. */
  readonly name: string
  /** Sum of file sizes. */
  readonly bytes: number
  /** false: public, readable by all who know the root. */
  readonly sealed: boolean
  /** `stale`: its files are gone or were changed since; what is left of them is served as long as it is shared. */
  readonly state: 'serving' | 'stopped' | 'stale'
}

/** Something that ends nothing, and that a person may want to know. */
export interface WarningEvent {
  readonly type: 'warning'
  /** `WARN_...`, of the second table in docs/errors.md. */
  readonly code: string
  /** One sentence for a person. It may change with any release. */
  readonly message: string
}

/** What came of asking one source for devices that have something, since the node was started. */
export interface SourceStatus {
  /** How often it was asked. */
  readonly asked: number
  /** Devices that it named. */
  readonly heard: number
  /** Of these, who had the content. */
  readonly opened: number
  /** Of these, who answered that they do not have it. */
  readonly declined: number
  /** Of these, who did not answer. */
  readonly failed: number
}

/** What a node knows of the network. */
export interface DiscoveryStatus {
  /** Devices connected now. */
  readonly connected: number
  /** null: this network has no DHT, or it is that of a libp2p node which the program brought along. */
  readonly dht: {
    readonly mode: 'client' | 'server'
    /** Devices of the DHT that this one knows. */
    readonly known: number
    /** Shares that are yet to be announced there. */
    readonly waiting: number
  } | null
  /** Devices known on the local network; null: they are not looked for. */
  readonly lan: number | null
  /** What came of asking each source; one that was never asked is not there. */
  readonly sources: Readonly<Partial<Record<FoundBy, SourceStatus>>>
}

/** What a node says of itself. */
export interface StatusEvent {
  readonly type: 'status'
  /** Process that the node runs in. */
  readonly pid: number
  /** Seconds since the node was started. */
  readonly uptime: number
  /** Whether it runs by itself and a client may end it; else it ends with the command or program that started it. */
  readonly daemon: boolean
  /** Under which id others know the node. */
  readonly peerId: string
  /** Network preset that the node was started with. */
  readonly network: NetworkPreset
  /** Multiaddrs to listen on that the node was started with. */
  readonly listen: readonly string[]
  /** Multiaddrs of devices through which it joins the DHT. */
  readonly bootstrap: readonly string[]
  /** Does it look on the local network? */
  readonly mdns: boolean
  /** Most that all transfers together may send now, in bytes per second; 0 = no limit. */
  readonly up: number
  /** The same of what they receive. */
  readonly down: number
  /** Where it can be reached: multiaddrs, each with its peer id. */
  readonly addresses: readonly string[]
  /** What the node knows of the network. */
  readonly discovery: DiscoveryStatus
  /** Base URL of the API on loopback TCP, or null where it is off. */
  readonly api: string | null
  /** Path of the control socket. */
  readonly socket: string
  /** File with the token that the control socket asks for. */
  readonly tokenFile: string
}

/** A device that is connected now. */
export interface PeerEvent {
  readonly type: 'peer'
  /** Its id. */
  readonly id: string
  /** What its user calls it; null: not known. */
  readonly name: string | null
  /** false: by way of a third device, which is slower. */
  readonly direct: boolean
  /** Multiaddr of the connection; what stands in it is for the other side to choose. */
  readonly address: string
  /** Whether it connected to this device, and not the other way about. */
  readonly inbound: boolean
  /** How long it has been connected. */
  readonly seconds: number
  /** Whether it is a Shoal device; null: it has not told yet. Of others there may be hundreds in `public`. */
  readonly shoal: boolean | null
}

/**
 * What was looked at: docs/doctor.md says of each what is found and what to do. The list changes only with an ADR, like the
 * fields of `FindingEvent.data`.
 */
export type FindingId =
  | 'start'
  | 'runtime'
  | 'home'
  | 'disk'
  | 'files'
  | 'internet'
  | 'incoming'
  | 'local-network'
  | 'dht'
  | 'shares'
  | 'limits'

/** What a look at one thing found out. */
export interface FindingEvent {
  readonly type: 'finding'
  /** What was looked at. */
  readonly id: FindingId
  /** `problem`: something does not work. `warning`: something works less well than it could, or could not be looked at. */
  readonly severity: 'ok' | 'warning' | 'problem'
  /** What it means for the user, in plain words. It may change with any release. */
  readonly effect: string
  /** What to do about it, in plain words; null: nothing. */
  readonly remedy: string | null
  /** The facts behind it, by the names in docs/doctor.md. None of them is a secret. */
  readonly data: Readonly<Record<string, FindingValue>>
}

/** A fact of a finding: a number (bytes, seconds, bytes per second or a count), a text, or texts; null: not known. */
export type FindingValue = number | string | boolean | null | readonly string[]

/** Who this device is, as `shoal id` prints it. */
export interface IdEvent {
  readonly type: 'id'
  /** Under which id others know it. */
  readonly peerId: string
  /** The home that holds the key. */
  readonly home: string
}

/**
 * Why a fetch waits or does not get on. `queued`: others go first; `searching`: nobody who has it was found yet; `no-source`:
 * those who had it left; `incomplete`: those who are there lack what is missing; `offline`: this device has no network;
 * `disk-full`, `folder-gone`: the place that it is saved to; `paused`: somebody said so.
 */
export type WaitReason =
  | 'queued'
  | 'searching'
  | 'no-source'
  | 'incomplete'
  | 'offline'
  | 'disk-full'
  | 'folder-gone'
  | 'paused'

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

/** One setting of a home, as `shoal config` prints it. */
export interface ConfigEvent {
  readonly type: 'config'
  /** The name of the option of commands that it stands for, without its dashes. */
  readonly key: string
  /** A limit of speed is in bytes per second, 0 = no limit. */
  readonly value: string | number | boolean | readonly string[]
  /** Nothing is set: the value is what then holds. */
  readonly default: boolean
  /** After a change, from a node that runs: whether it counts only when that is started again. */
  readonly restart?: boolean
}

/** Why an operation failed. The last event, over the control API and with `--json` only: in a program it rejects. */
export interface ErrorEvent extends ShoalErrorJson {
  readonly type: 'error'
}

/** What `share` and `shareInput` tell. */
export type ShareEvent = HashingEvent | ReadyEvent | ServedEvent | ReceiversEvent | WarningEvent
/** What `fetch` tells. `served` and `receivers` only with `seed`, and after `done`. */
export type FetchEvent =
  | AskingEvent
  | PlanEvent
  | ProgressEvent
  | FilesEvent
  | DoneEvent
  | ServedEvent
  | ReceiversEvent
  | WarningEvent
/** What `fetch` tells over the control API; in a program `FetchOptions.onFile` is told of files. */
export type FetchStreamEvent = FetchEvent | FileEvent
/** What `read` tells. */
export type ReadEvent = ContentEvent | ReadEndEvent
/** What `verify` tells. */
export type VerifyEvent = HashingEvent | BadEvent | DoneEvent | WarningEvent
/** What a listing tells over the control API; in a program the entries are what `list` gives. */
export type ListEvent = EntryEvent | WarningEvent
/** What `shares` tells over the control API; in a program the shares are what it gives. */
export type SharesEvent = SharedEvent | WarningEvent
/** Every event. */
export type ShoalEvent =
  | ShareEvent
  | FetchStreamEvent
  | ListEvent
  | SharesEvent
  | ReadEvent
  | VerifyEvent
  | StatusEvent
  | PeerEvent
  | FindingEvent
  | IdEvent
  | ConfigEvent
  | FetchStateEvent
  | ErrorEvent
