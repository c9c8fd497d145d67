/** What reading back what is shared tells. */
/** What is shared is read back: how far it is with one share. At most four a second. */
export interface ScrubEvent {
  readonly type: 'scrub'
  /** CID of the whole content, as text. */
  readonly root: string
  /** What the share is called. */
  readonly name: string
  /** Content bytes read so far. */
  readonly bytes: number
  /** Content bytes of the share. */
  readonly total: number
}

/** A file that the disk no longer holds as it was, though nobody changed it. */
export interface DamagedEvent {
  readonly type: 'damaged'
  /** CID of the whole content, as text. */
  readonly root: string
  /** As `EntryEvent.path`. */
  readonly path: string
  /** How many blocks with bytes of it were damaged. */
  readonly blocks: number
  /** How many of these hold what they held, got from other devices. */
  readonly repaired: number
}

/** Everything was read back. The last event. */
export interface ScrubbedEvent {
  readonly type: 'scrubbed'
  /** How many shares. */
  readonly shares: number
  /** Content bytes that were read. */
  readonly bytes: number
  /** Blocks that were damaged. */
  readonly damaged: number
  /** Of these, those that were repaired. */
  readonly repaired: number
}
