/** How a node stands: who it is, what it knows of the network, how it is set. */
import type { NetworkPreset } from '../options.ts'
import type { FoundBy } from './fetching.ts'

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

/** Whether a node keeps up with its work. */
export interface LoopStatus {
  /** How late things run, in whole milliseconds: the median of the last half second. */
  readonly delayMs: number
  /** Are newcomers refused until it keeps up again? Only this node's own libp2p refuses connections. */
  readonly shedding: boolean
  /** Connections, streams and sessions of newcomers that were refused for this since the node was started. */
  readonly shed: number
}

/** Which limits of speed hold, and why what goes on in the background waits. */
export interface BandwidthStatus {
  /** The limits where the schedule says nothing, in bytes per second; 0 = no limit. */
  readonly usual: { readonly up: number; readonly down: number }
  /** Whether an entry of the schedule holds now. */
  readonly scheduled: boolean
  /** When the schedule says something else, in milliseconds since 1970; null: never. */
  readonly until: number | null
  /** Whether the connection is metered; null: not known. */
  readonly metered: boolean | null
  /** Why no download of the background goes on; null: they do. */
  readonly pause: 'schedule' | 'metered' | null
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
  /** Where these limits come from. */
  readonly bandwidth: BandwidthStatus
  /** Where it can be reached: multiaddrs, each with its peer id. */
  readonly addresses: readonly string[]
  /** What the node knows of the network. */
  readonly discovery: DiscoveryStatus
  /** Whether it keeps up with its work. */
  readonly loop: LoopStatus
  /** Base URL of the API on loopback TCP, or null where it is off. */
  readonly api: string | null
  /** Base URL of the port that gives out content to a browser (docs/content.md), or null where the API is not on TCP. */
  readonly content: string | null
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

/** Who this device is, as `shoal id` prints it. */
export interface IdEvent {
  readonly type: 'id'
  /** Under which id others know it. */
  readonly peerId: string
  /** The home that holds the key. */
  readonly home: string
  /** Of `shoal id export` and `import`: the file it went into or came from. Absolute. */
  readonly file?: string
  /** Of these: how many spaces went along. */
  readonly spaces?: number
  /** Of these: of how many shares the link went along. */
  readonly shares?: number
}

/** One setting of a home, as `shoal config` prints it. */
export interface ConfigEvent {
  readonly type: 'config'
  /** Its name; where commands have an option for the same, the name of that without its dashes. */
  readonly key: string
  /** A limit of speed is in bytes per second, that of space in bytes; 0 = no limit. */
  readonly value: string | number | boolean | readonly string[]
  /** Nothing is set: the value is what then holds. */
  readonly default: boolean
  /** After a change, from a node that runs: whether it counts only when that is started again. */
  readonly restart?: boolean
}
