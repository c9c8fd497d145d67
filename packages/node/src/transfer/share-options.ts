/** What a caller may say of a share, and what it gets. */
import { ShoalError } from '../errors.ts'
import type { ShareEvent, WarningEvent } from '../events.ts'

export interface ShareOptions {
  /** What the share is called. @defaultValue the last part of the path */
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
  /**
   * Stop when so many devices got every block from this one; who has a part from elsewhere does not count. At least 1.
   * @defaultValue however many do
   */
  times?: number
  /** Told of everything that happens, from hashing on until the share is stopped. */
  onEvent?: (event: ShareEvent) => void
  /** Stops the hashing; once `share` has resolved, it stops the share. */
  signal?: AbortSignal
}

export interface Share {
  /** What a person passes on. */
  readonly link: string
  readonly root: string
  readonly name: string
  readonly kind: 'file' | 'folder'
  /** Sum of file sizes. */
  readonly bytes: number
  readonly files: number
  readonly sealed: boolean
  /** Ends serving for this caller. Who has blocks already keeps them, and the same share again has the same link. */
  stop: () => Promise<void>
  /** Resolves when the share has ended: `stopped`, or `removed` for good. */
  readonly ended: Promise<'stopped' | 'removed'>
}

export interface ListSharesOptions {
  /** Leave out what is neither served now nor stale. @defaultValue false */
  activeOnly?: boolean
  /** Told of what was found out about the home, as long as nobody who shares was. */
  onEvent?: (event: WarningEvent) => void
}

/** @throws ShoalError ERR_OPTIONS_INVALID */
export function refuseInvalid({ times }: ShareOptions): void {
  if (times !== undefined && !(Number.isSafeInteger(times) && times >= 1)) {
    throw new ShoalError('ERR_OPTIONS_INVALID', 'times has to be a whole number from 1 on')
  }
}
