/** What is told of spaces, over the control API; in a program it is what the operations of `SpaceHandle` give. */

/** What was done in a space; `unknown` is something of a newer Shoal. */
export type SpaceEventKind =
  | 'put'
  | 'edit'
  | 'restore'
  | 'delete'
  | 'move'
  | 'tag'
  | 'untag'
  | 'note'
  | 'title'
  | 'unknown'

/** An entry of a space, but whether it is here. */
export interface FoundEntry {
  /** Where it is shown: names joined by `/`. */
  readonly path: string
  /** Size, as whoever added it says. */
  readonly bytes: number
  /** Media type such as `image/png`; empty when it is not known. */
  readonly type: string
  /** When the file was last changed, in milliseconds since 1970, as whoever added it says. */
  readonly modifiedMs: number
  /** Empty when nobody gave one. */
  readonly title: string
  /** Empty when nobody wrote one. */
  readonly note: string
  /** At most 100, in order. */
  readonly tags: readonly string[]
  /** Who gave this content: `SpaceMember.id`. */
  readonly author: string
  /** Root of the share that it is part of. */
  readonly root: string
}

/** An entry of a space. */
export interface SpaceEntry extends FoundEntry {
  /** This home shares or shared the content, and no file of it is known to have changed since. */
  readonly here: boolean
}

/** An entry of a listing of a space. */
export interface ListedEvent {
  readonly type: 'listed'
  /** The next one, in the order of the listing. */
  readonly entry: SpaceEntry
}

/** What a live query of a space finds now. */
export interface MatchesEvent {
  readonly type: 'matches'
  /** Best first. */
  readonly entries: readonly SpaceEntry[]
  /** How many match, those that are left out too; of more than 500 the 500 that were added last. */
  readonly total: number
  /** More matched than were ranked: ask for something narrower. */
  readonly isCut: boolean
}

/** Files were put into a space. */
export interface AddedEvent {
  readonly type: 'added'
  /** Ids of what was written; a large change is several. Empty when nothing had to be changed. */
  readonly batches: readonly string[]
  /** Entries that were changed. */
  readonly entries: number
}

/** A file of a space was fetched. */
export interface GotEvent {
  readonly type: 'got'
  /** In the space. */
  readonly path: string
  /** On this device, absolute. */
  readonly file: string
  /** Size, as whoever added it says. */
  readonly bytes: number
}

/** Something in a space was changed, or who is in it or may come, or there is a new one. What it is, is not told. */
export interface TouchedEvent {
  readonly type: 'touched'
  /** Its id. */
  readonly space: string
  /** Another each time; it grows, and begins anew with each start of the node. */
  readonly number: number
}

/** How far a device is on its way into a space. */
export interface JoiningEvent {
  readonly type: 'joining'
  /**
   * `searching`: a device is looked for that may let in; `asking`: it was reached; `comparing`: there is a code, and somebody who
   * manages the space has to let this device in.
   */
  readonly state: 'searching' | 'asking' | 'comparing'
  /** What the invitation calls the space: anybody may have changed it. Empty when it does not say. */
  readonly name: string
  /** Such as `418 902`: the same is shown to who lets in, if nobody stands between. Another one after the connection broke. */
  readonly code: string | null
}

/** A device is in a space that it joined, or was in it before. */
export interface JoinedEvent {
  readonly type: 'joined'
  /** Its id. */
  readonly id: string
  /** What its members call it. */
  readonly name: string
  /** False: this device was in it before. */
  readonly isNew: boolean
}

/** A device that waits to be let into a space. */
export interface SpaceRequest {
  /** For `approve` and `refuse`. */
  readonly id: string
  /** What the device calls itself: its word alone. Nothing in it acts on a terminal. */
  readonly name: string
  /** What it will be able to do. */
  readonly role: 'pull' | 'read' | 'write' | 'manage'
  /** Such as `418 902`: the device has to show the same. */
  readonly code: string
  /** When it asked, in milliseconds since 1970. */
  readonly askedMs: number
  /** By which invitation. */
  readonly invite: string
}

/** Who waits to be let into a space by this device, as it now stands. */
export interface RequestsEvent {
  readonly type: 'requests'
  /** Id of the space. */
  readonly space: string
  /** In the order in which they asked. */
  readonly requests: readonly SpaceRequest[]
}
