/** What may be said to operations of a space. */
import type { FetchEvent, JoinEvent, ShareEvent } from '../../events.ts'
import type { SearchOptions } from '../../transfer/swarm/search-options.ts'
import type { SpaceRole } from './answers.ts'

/** What may be said to every operation of a space. */
export interface SpaceOptions {
  /** Ends the operation for its caller. A change that was begun is made all the same. */
  signal?: AbortSignal
}

/** How files are put into a space. */
export interface AddToSpaceOptions extends SpaceOptions {
  /** In which folder of the space. @defaultValue in none */
  at?: string
  /** Tags of all of them: at most 100. @defaultValue [] */
  tags?: readonly string[]
  /** Told how their sharing goes on. */
  onEvent?: (event: ShareEvent) => void
}

/** Which entries are listed. */
export interface ListSpaceOptions extends SpaceOptions {
  /** As `SpaceHandle.search`: only what matches, best first. @defaultValue everything, by path */
  query?: string
  /** Only this path, and what is in the folder of this path. @defaultValue all of the space */
  under?: string
  /** At most so many. @defaultValue all */
  limit?: number
}

/** What is searched, and how much of it is told. */
export interface SearchSpaceOptions extends SpaceOptions {
  /** Only this path, and what is in the folder of this path. @defaultValue all of the space */
  under?: string
  /** At most so many entries, up to 500. @defaultValue 100 */
  limit?: number
}

/** How files of a space are fetched. */
export interface GetFromSpaceOptions extends SearchOptions {
  /** The folder that will hold the results. @defaultValue the current one */
  directory?: string
  /** Replace files of the destination that differ. Nothing is removed. @defaultValue false */
  overwrite?: boolean
  /**
   * Go on serving when done: what was fetched whole also after a restart, for as long as it is in a space; what is a part of a
   * share until the node stops. @defaultValue false
   */
  seed?: boolean
  /** Told of everything that happens, one fetch after the other. */
  onEvent?: (event: FetchEvent) => void
}

/** How far back is told what was done. */
export interface SpaceHistoryOptions extends SpaceOptions {
  /** At most so many, up to 1,000. @defaultValue 100 */
  limit?: number
}

/** What an invitation is good for. */
export interface InviteToSpaceOptions extends SpaceOptions {
  /** What it lets devices do. Without approval at most `write`. @defaultValue 'write' */
  role?: Exclude<SpaceRole, 'founder'>
  /** How many devices it lets in, at most 10,000. @defaultValue 1 */
  uses?: number
  /** How long it holds, in milliseconds; 0 = until it is used up or revoked. @defaultValue 604_800_000, a week */
  forMs?: number
  /**
   * Whoever has the link is in at once; else somebody who manages the space has to approve. @defaultValue false
   */
  instant?: boolean
}

/** How a space is joined. */
export interface JoinSpaceOptions extends SpaceOptions {
  /**
   * What this device calls itself to who is asked to let it in, at most 64 bytes; longer ones are shortened. It goes to nobody who
   * does not know the invitation. @defaultValue what the system calls it
   */
  name?: string
  /**
   * How long the device that invited is looked for, in milliseconds; 0 = for ever. Once it was reached there is no bound: somebody
   * has to decide. @defaultValue 30_000
   */
  waitMs?: number
  /** Told how it goes on, and the code that is to be compared. */
  onEvent?: (event: JoinEvent) => void
}
