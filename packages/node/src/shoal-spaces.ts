/** What a program does with spaces. */
import type {
  SpaceChange,
  SpaceCheck,
  SpaceEntry,
  SpaceEvent,
  SpaceInvitation,
  SpaceInviteLink,
  SpaceMatches,
  SpaceMember,
  SpaceRefusal,
  SpaceRequest,
  SpaceRole,
  SpaceSummary,
} from './spaces/host/answers.ts'
import type { GotEntry } from './spaces/host/space-files.ts'
import type {
  AddToSpaceOptions,
  GetFromSpaceOptions,
  InviteToSpaceOptions,
  JoinSpaceOptions,
  ListSpaceOptions,
  SearchSpaceOptions,
  SpaceHistoryOptions,
  SpaceOptions,
} from './spaces/host/space-options.ts'

/**
 * The spaces of a node's home: groups of devices, each with a list of files that all of them edit. They are kept in a thread of
 * their own, which starts when it is first needed. A space that is damaged keeps none of the others from being used.
 */
export interface Spaces {
  /**
   * Founds a space, of which this device is the only member so far.
   *
   * @param name 1 to 255 bytes
   * @throws ShoalError ERR_OPTIONS_INVALID, ERR_LIMIT over 128 spaces; ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION
   */
  create: (name: string, options?: SpaceOptions) => Promise<SpaceHandle>
  /** All spaces of the home, those too that cannot be used, each with the reason. @throws ShoalError ERR_DISK, ERR_PERMISSION */
  list: (options?: SpaceOptions) => Promise<SpaceSummary[]>
  /**
   * One space of the home.
   *
   * @param ref its id, at least 4 characters with which no other id begins, or its name
   * @throws ShoalError ERR_SPACE_UNKNOWN, ERR_SPACE_AMBIGUOUS; why it cannot be used
   */
  open: (ref: string, options?: SpaceOptions) => Promise<SpaceHandle>
  /**
   * Joins a space by an invitation, and resolves once this device is in it, or was before. The device that invited has to be there.
   * Where somebody has to agree, that person sees the code that `onEvent` is told, and it waits until then, also when the connection
   * breaks. Aborting it leaves nothing.
   *
   * @param link as `SpaceHandle.invite` makes it
   * @throws ShoalError ERR_LINK_MALFORMED, ERR_LINK_CHECKSUM, ERR_LINK_INCOMPLETE; ERR_NO_PROVIDER when the device that invited does
   *   not answer; ERR_INVITE_OVER when this one is not let in; ERR_PROTOCOL, ERR_LIMIT; ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION
   * @example await node.spaces.join(link, { onEvent: (event) => event.type === 'joining' && console.log(event.code) })
   */
  join: (link: string, options?: JoinSpaceOptions) => Promise<SpaceHandle>
}

/**
 * A space of the home. Paths in it are names joined by `/`; where one is taken, a folder stands for all that is in it. Every
 * operation ends as those of the node do. What is written here is on the disk when it resolves; it rejects with
 * ERR_SPACE_ROLE where this device has no right to it.
 */
export interface SpaceHandle {
  /** Names it everywhere, 64 characters. */
  readonly id: string
  /** What it was called when it was opened. */
  readonly name: string
  /**
   * Shares files and folders where they lie, as one private share, and enters each file. One path is entered under its own name,
   * and so is each of several. What is at a path already gets the new content; what is the same stays as it is. It is served
   * from then on, after a restart too, for as long as it is in a space.
   *
   * @throws ShoalError as `ShoalNode.share`; ERR_SPACE_ROLE, ERR_NO_SPACE_KEY, ERR_QUOTA, ERR_UNSAFE_NAME, ERR_LIMIT
   */
  add: (paths: string | readonly string[], options?: AddToSpaceOptions) => Promise<SpaceChange>
  /** The entries, in the order of their paths without regard to letter case. Leaving the loop ends it. @throws ShoalError ERR_LIMIT */
  list: (options?: ListSpaceOptions) => AsyncIterableIterator<SpaceEntry>
  /**
   * Searches paths, titles, tags and notes. All words have to match: `word` what begins so, `"two words"`, `*part*`, `tag:NAME`,
   * `type:image`.
   *
   * @throws ShoalError ERR_LIMIT for a query that is too long, ERR_OPTIONS_INVALID
   */
  search: (query: string, options?: SearchSpaceOptions) => Promise<SpaceMatches>
  /**
   * What a search finds now, and again after each change of the space that makes a difference to it. Whoever is slow misses
   * those in between. It goes on until the loop is left or `signal` aborts.
   *
   * @throws ShoalError as `search`
   * @example for await (const { total } of space.watch('tag:new')) console.log(total)
   */
  watch: (query: string, options?: SearchSpaceOptions) => AsyncIterableIterator<SpaceMatches>
  /**
   * Fetches files from whoever has them, those of one share together. They stand in a folder of the name that the share has, as
   * after `ShoalNode.fetch`: the result says where each is.
   *
   * @throws ShoalError as `ShoalNode.fetch`; ERR_NOT_IN_SPACE, ERR_NO_SPACE_KEY, ERR_LIMIT
   */
  get: (paths: string | readonly string[], options?: GetFromSpaceOptions) => Promise<GotEntry[]>
  /** Gives what is at a path another one; empty is all of the space. @throws ShoalError ERR_NOT_IN_SPACE, ERR_UNSAFE_NAME, ERR_LIMIT */
  move: (from: string, to: string, options?: SpaceOptions) => Promise<SpaceChange>
  /** Takes entries out. Files of this device stay as they are. @throws ShoalError ERR_NOT_IN_SPACE */
  remove: (paths: string | readonly string[], options?: SpaceOptions) => Promise<SpaceChange>
  /** Brings entries back that were taken out. @throws ShoalError ERR_NOT_IN_SPACE */
  restore: (paths: string | readonly string[], options?: SpaceOptions) => Promise<SpaceChange>
  /**
   * Tags entries with what they are not tagged with yet.
   *
   * @throws ShoalError ERR_NOT_IN_SPACE; ERR_LIMIT over 100 tags; ERR_OPTIONS_INVALID for what is no tag
   */
  tag: (
    paths: string | readonly string[],
    tags: readonly string[],
    options?: SpaceOptions,
  ) => Promise<SpaceChange>
  /** Takes tags away, in whatever letter case they are. @throws ShoalError ERR_NOT_IN_SPACE */
  untag: (
    paths: string | readonly string[],
    tags: readonly string[],
    options?: SpaceOptions,
  ) => Promise<SpaceChange>
  /** Writes a note to an entry, in place of the one it has. @throws ShoalError ERR_NOT_IN_SPACE */
  note: (path: string, text: string, options?: SpaceOptions) => Promise<SpaceChange>
  /** Gives an entry a title; with an empty path, the space. @throws ShoalError ERR_NOT_IN_SPACE */
  title: (path: string, text: string, options?: SpaceOptions) => Promise<SpaceChange>
  /**
   * What was done and by whom, the last first.
   *
   * @param path of an entry that is or was there; empty: what was done to the space's title; undefined: everything
   * @throws ShoalError ERR_NOT_IN_SPACE
   */
  history: (path?: string, options?: SpaceHistoryOptions) => Promise<SpaceEvent[]>
  /**
   * Takes back what was done, as things are now: what others did since stays.
   *
   * @param batch as `SpaceChange.batches` and `SpaceEvent.batch`; undefined: the last of this device
   * @throws ShoalError ERR_NOT_IN_SPACE
   */
  undo: (batch?: string, options?: SpaceOptions) => Promise<SpaceChange>
  /** Which devices are in it. */
  members: (options?: SpaceOptions) => Promise<SpaceMember[]>
  /**
   * Gives a member another role. A founder stays one.
   *
   * @param member its id, or at least 4 characters with which no other begins
   * @throws ShoalError ERR_SPACE_ROLE, ERR_NOT_IN_SPACE
   */
  setRole: (member: string, role: SpaceRole, options?: SpaceOptions) => Promise<void>
  /**
   * Puts a member out. What it has it keeps; what is added from now on it cannot read.
   *
   * @param member as in `setRole`
   * @throws ShoalError ERR_SPACE_ROLE, ERR_NOT_IN_SPACE
   */
  removeMember: (member: string, options?: SpaceOptions) => Promise<void>
  /** This device leaves the space, which stays here to be read. @throws ShoalError ERR_SPACE_ROLE */
  leave: (options?: SpaceOptions) => Promise<void>
  /** Makes a link with which others ask to be let in. @throws ShoalError ERR_SPACE_ROLE, ERR_OPTIONS_INVALID, ERR_LIMIT */
  invite: (options?: InviteToSpaceOptions) => Promise<SpaceInviteLink>
  /** Invitations that still let somebody in. */
  invitations: (options?: SpaceOptions) => Promise<SpaceInvitation[]>
  /** Ends an invitation. @throws ShoalError ERR_SPACE_ROLE, ERR_INVITE_OVER */
  revokeInvite: (id: string, options?: SpaceOptions) => Promise<void>
  /** Devices that wait to be let in by this one, in the order in which they asked. */
  requests: (options?: SpaceOptions) => Promise<SpaceRequest[]>
  /**
   * Lets a device in. Only when it shows the same code: else somebody stands between.
   *
   * @param request its id, or at least 4 characters with which no other begins
   * @throws ShoalError ERR_NOT_IN_SPACE when none asks so, or no more; ERR_SPACE_ROLE, ERR_INVITE_OVER
   */
  approve: (request: string, options?: SpaceOptions) => Promise<void>
  /**
   * Does not let a device in, and tells it so.
   *
   * @param request as in `approve`
   * @returns whether so many were refused by its invitation that this is to be ended
   * @throws ShoalError ERR_NOT_IN_SPACE
   */
  refuse: (request: string, options?: SpaceOptions) => Promise<SpaceRefusal>
  /** Works out from the log what has to be stored, and compares. Changes nothing. */
  check: (options?: SpaceOptions) => Promise<SpaceCheck>
}
