/** What a share tells while it is made and fetched by others, and how it stands. */
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
  /** What its user calls it; null: not known. */
  readonly name: string | null
  /** false: by way of a third device, which is slower. */
  readonly direct: boolean
  /** Since when it is connected, in milliseconds since 1970. */
  readonly since: number
}

/**
 * Other devices that have everything that is shared, as far as this one knows: it sent them all of it, or they say so. Nothing
 * proves it, and of devices that never were connected for it nothing is known.
 */
export interface OtherCopies {
  /** How many of them are connected now. */
  readonly connected: number
  /** When the last of those that left did, in milliseconds since 1970; null: none left since the command started. */
  readonly lastSeen: number | null
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
  /** Who else has all of it: whether it is still there when this device is switched off. */
  readonly otherCopies: OtherCopies
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
  /**
   * `stale`: its files are gone or were changed since; what is left of them is served as long as it is shared. `stopped` is also
   * what `shoal id import` brought along: its files are elsewhere, and its link names no device.
   */
  readonly state: 'serving' | 'stopped' | 'stale'
  /** What Shoal keeps for it is not removed to make room. */
  readonly pinned: boolean
  /** Bytes that Shoal keeps for it, shares of the same among them; 0: its files are the user's own. */
  readonly keptBytes: number
}
