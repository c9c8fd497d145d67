/** What `shoal space` prints as lines of `--json`; of a file that is fetched it is `GotEvent`. Ids are lower-case hex of 64 characters. */
import type { ShoalErrorJson } from '../errors.ts'
import type { SpaceEventKind } from './spaces.ts'

/** A space of this home: one that was just founded, of a list, or left. */
export interface SpaceLine {
  readonly type: 'space'
  /** Names it everywhere. */
  readonly id: string
  /** What its members call it; empty while that cannot be read. */
  readonly name: string
  /** What this device may do in it; null when it is no member any more. Of one that was just founded it is not told. */
  readonly role?: 'pull' | 'read' | 'write' | 'manage' | 'founder' | null
  /** Devices that are in it. Told with `role`. */
  readonly members?: number
  /** Entries that are shown. Told with `role`. */
  readonly entries?: number
  /** Bytes of all of them together. Told with `role`. */
  readonly bytes?: number
  /** Why it cannot be used; null when it can. Told with `role`. */
  readonly fault?: ShoalErrorJson | null
  /** What keeps this device from writing what the space needs of it, such as a new key; null when nothing does. Told with `role`. */
  readonly unwritten?: ShoalErrorJson | null
}

/** An invitation that was just made. */
export interface InviteLine {
  readonly type: 'invite'
  /** What a person passes on. It is a secret. */
  readonly link: string
  /** By which it is revoked. */
  readonly id: string
}

/** An invitation that lets somebody in, or that was just revoked. */
export interface InvitationLine {
  readonly type: 'invitation'
  /** By which it is revoked. */
  readonly id: string
  /** What it lets devices do. */
  readonly role: 'pull' | 'read' | 'write' | 'manage'
  /** Whoever has the link is in at once; else somebody who manages the space approves. */
  readonly instant: boolean
  /** How many more devices it lets in; 0 when it was revoked. */
  readonly usesLeft: number
  /** When it ends, in milliseconds since 1970; null: never. */
  readonly expires: number | null
}

/** A device that asks to be let into a space, or was just let in or refused. While one joins, its command tells `JoinEvent`. */
export interface RequestLine {
  readonly type: 'request'
  /** By which it is let in or refused. */
  readonly id: string
  /** What it calls itself: its word alone. */
  readonly name: string
  /** What it would be able to do. */
  readonly role: 'pull' | 'read' | 'write' | 'manage'
  /** Such as `418 902`: it has to show the same. */
  readonly code: string
  /** When it asked, in milliseconds since 1970. */
  readonly asked: number
  /** By which invitation: `InvitationLine.id`. */
  readonly invite: string
  /** What became of it. */
  readonly state: 'waiting' | 'approved' | 'refused'
}

/** A device that is in a space, or was just put out of it. */
export interface MemberLine {
  readonly type: 'member'
  /** Its key in this space. */
  readonly id: string
  /** What its user calls it; null: not known. */
  readonly name: string | null
  /** What it may do; null when it is no member any more. */
  readonly role: 'pull' | 'read' | 'write' | 'manage' | 'founder' | null
  /** Whether it can be reached; null: not known. */
  readonly presence: string | null
  /** When it was last heard of, in milliseconds since 1970; null: not known. */
  readonly lastSeen: number | null
  /** It is this device. */
  readonly self: boolean
}

/** A file in a space. */
export interface SpaceEntryLine {
  readonly type: 'entry'
  /** Names joined by `/`. */
  readonly path: string
  /** Size, as whoever added it says. */
  readonly bytes: number
  /** In order. */
  readonly tags: readonly string[]
  /** Who gave this content: `MemberLine.id`. */
  readonly author: string
  /** This home has the content, and no file of it is known to have changed. */
  readonly here: boolean
  /** Media type such as `image/png`; empty when it is not known. */
  readonly media: string
  /** Last change in milliseconds since 1970, as whoever added it says. */
  readonly mtime: number
  /** Empty when nobody gave one. */
  readonly title: string
  /** Empty when nobody wrote one. */
  readonly note: string
  /** CID of the content that it is part of, as text. */
  readonly root: string
}

/** What a query finds now; the entries follow. */
export interface FoundLine {
  readonly type: 'found'
  /** How many entries follow. */
  readonly entries: number
  /** How many match. */
  readonly total: number
  /** More match than were looked at. */
  readonly cut: boolean
}

/** A space was changed. */
export interface ChangedLine {
  readonly type: 'changed'
  /** Ids by which it is undone; a large change is several. Empty when nothing had to be changed. */
  readonly changes: readonly string[]
  /** How many entries were changed. */
  readonly entries: number
}

/** One thing that was done in a space. */
export interface LogLine {
  readonly type: 'log'
  /** By which it is undone, with all that was done at once. */
  readonly change: string
  /** Who did it: `MemberLine.id`, also of who is no member any more. */
  readonly author: string
  /** What was done; `unknown` is something of a newer Shoal. */
  readonly kind: SpaceEventKind
  /** Of which entry: where it was put or moved to, else where it is now. Empty for the space itself. */
  readonly path: string
  /** The tag, note or title that was given; null where there is none. */
  readonly text: string | null
  /** Whether it counts: not if its author had no right to it, or had used up its quota. */
  readonly counts: boolean
}

/** What a look at the databases of a space found. */
export interface CheckLine {
  readonly type: 'check'
  /** What is stored is what the log comes to. */
  readonly sound: boolean
  /** How many changes of the log were gone through. */
  readonly changes: number
}

/** The list of a space was written to a file. */
export interface ExportedLine {
  readonly type: 'exported'
  /** Absolute. */
  readonly file: string
  /** Entries in it. */
  readonly entries: number
}
