/** What is told of spaces. Ids and keys are lower-case hex of 32 bytes. */
import type { ShoalErrorJson } from '../../errors.ts'
import type { FoundEntry, SpaceEntry, SpaceEventKind, SpaceRequest } from '../../events/spaces.ts'

export type { FoundEntry, SpaceEntry, SpaceEventKind, SpaceRequest }

/**
 * What a member may do; each role may do all that the roles before it may. `pull` holds what it cannot read, `read` reads,
 * `write` changes entries, `manage` says who is in it.
 */
export type SpaceRole = 'pull' | 'read' | 'write' | 'manage' | 'founder'

/** A space of this home. */
export interface SpaceSummary {
  /** Names it everywhere, 64 characters. */
  readonly id: string
  /** What its members call it; empty while that cannot be read. */
  readonly name: string
  /** What this device may do in it; null when it is no member any more. */
  readonly role: SpaceRole | null
  /** Devices that are in it. */
  readonly members: number
  /** Entries that are shown. */
  readonly entries: number
  /** Bytes of all of them together. */
  readonly bytes: number
  /** Why it cannot be used; null when it can. */
  readonly fault: ShoalErrorJson | null
  /**
   * What keeps this device from writing what the space needs of it, such as a new key after somebody was put out; null when
   * nothing does. It is tried again by itself.
   */
  readonly unwritten: ShoalErrorJson | null
}

/** What a search found. */
export interface SpaceMatches<Entry = SpaceEntry> {
  /** Best first. */
  readonly entries: readonly Entry[]
  /** How many match, those that are left out too; of more than 500 the 500 that were added last. */
  readonly total: number
  /** More matched than were ranked: ask for something narrower. */
  readonly isCut: boolean
}

/** A device that is in a space. */
export interface SpaceMember {
  /** Its key in this space. */
  readonly id: string
  /** What it may do. */
  readonly role: SpaceRole
  /** It is this device. */
  readonly isSelf: boolean
}

/** What was written into a space. */
export interface SpaceChange {
  /** Ids of what was written, for `undo`; a large change is several. Empty when nothing had to be changed. */
  readonly batches: readonly string[]
  /** Entries that were changed. */
  readonly entries: number
}

/** One thing that was done in a space. */
export interface SpaceEvent {
  /** Id of the batch in which it was written, for `undo`. */
  readonly batch: string
  /** Who did it: `SpaceMember.id`, also of who is no member any more. */
  readonly author: string
  /** What was done. */
  readonly kind: SpaceEventKind
  /** Of which entry: where it was put or moved to, else where it is now. Empty for the space itself. */
  readonly path: string
  /** The tag, note or title that was given; null where there is none. */
  readonly text: string | null
  /** Whether it counts: not if its author had no right to it, or had used up its quota. */
  readonly counts: boolean
}

/** An invitation into a space. */
export interface SpaceInvitation {
  /** For `revokeInvite`. */
  readonly id: string
  /** What it lets devices do. */
  readonly role: Exclude<SpaceRole, 'founder'>
  /** Whether whoever has the link is in at once, without anybody's approval. */
  readonly instant: boolean
  /** How many more devices it lets in. */
  readonly usesLeft: number
  /** When it ends, in milliseconds since 1970; 0 = never. */
  readonly expiresMs: number
}

/** An invitation that was just made. */
export interface SpaceInviteLink {
  /** For `revokeInvite`. */
  readonly id: string
  /** What to pass on. It is a secret: whoever has it may ask to be let in. */
  readonly link: string
}

/** What is known of an invitation after a device that asked by it was refused. */
export interface SpaceRefusal {
  /** Devices that were refused by it since the node was started, or changed what they had committed to. */
  readonly refused: number
  /** So many that somebody may be trying codes: the invitation is to be ended. */
  readonly isSuspect: boolean
}

/** What a look at a space's databases found. */
export interface SpaceCheck {
  /** What is stored is what the log of all batches comes to. */
  readonly isSound: boolean
  /** How many batches were gone through. */
  readonly batches: number
}
