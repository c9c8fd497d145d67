/** What a caller may say of a share, and what it gets. */
import { ShoalError } from '../errors.ts'
import type { ReadyEvent, ShareEvent } from '../events.ts'

/** How something that was shared before is served again. */
export interface ServeOptions {
  /**
   * Stop when so many devices got every block from this one; who has a part from elsewhere does not count. At least 1. Counts
   * from now on. @defaultValue however many do
   */
  times?: number
  /**
   * Most that is sent of this share, in bytes per second; 0 = no limit (docs/limits.md). Where the same is shared more than
   * once, the one that may send most stands above the others. @defaultValue 0
   */
  up?: number
  /** Most that is received for this share, which is what others ask with; as `up`. @defaultValue none of its own */
  down?: number
  /** Told of everything that happens until the share is stopped. */
  onEvent?: (event: ShareEvent) => void
  /** Stops the share. */
  signal?: AbortSignal
}

/** How something is shared. */
export interface ShareOptions extends ServeOptions {
  /** What the share is called: 1 to 255 bytes. @defaultValue the last part of the path; `shared` for several */
  name?: string
  /** Plain UnixFS that anyone who knows the root can read, instead of sealed. @defaultValue false */
  public?: boolean
  /** Public only: keep times and executable bits; this changes the root. @defaultValue false */
  preserve?: boolean
  /** Leave out what cannot be read instead of failing. @defaultValue false */
  skipUnreadable?: boolean
  /**
   * Patterns of what to leave out of a folder, relative to it (docs/patterns.md): at most 1,000, of at most 1,024
   * characters each and 65,536 together. A folder that matches is not entered. `.shoalignore` files hold besides.
   * @defaultValue []
   */
  exclude?: readonly string[]
  /** Make a new link even if the same was shared before. @defaultValue false */
  fresh?: boolean
  /** Told of everything that happens, from hashing on until the share is stopped. */
  onEvent?: (event: ShareEvent) => void
  /** Stops the hashing, and nothing is kept of it; once `share` has resolved, it stops the share. */
  signal?: AbortSignal
}

/** Something that is served, as long as its caller wants and the node runs. */
export interface Share extends Omit<ReadyEvent, 'type' | 'addresses'> {
  /** Ends serving for this caller. Who has blocks already keeps them, and the same share again has the same link. */
  stop: () => Promise<void>
  /**
   * Resolves when the share has ended: `delivered` when so many devices got it as were asked for, `stopped` by its caller
   * or with the node, `removed` for good.
   */
  readonly ended: Promise<'delivered' | 'stopped' | 'removed'>
}

/** @throws ShoalError ERR_OPTIONS_INVALID */
export function refuseInvalid({ times }: ServeOptions): void {
  if (times !== undefined && !(Number.isSafeInteger(times) && times >= 1)) {
    throw new ShoalError('ERR_OPTIONS_INVALID', 'times has to be a whole number from 1 on')
  }
}
