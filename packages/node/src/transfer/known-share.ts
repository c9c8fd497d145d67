/** A share that a home knows, as programs and people see it. */
import { CID } from 'multiformats/cid'
import { encodeLink } from '../content/link.ts'
import { ShoalError } from '../errors.ts'
import type { SharedEvent, WarningEvent } from '../events.ts'
import type { StoredRow } from '../store/index-jobs.ts'
import type { LinkContent } from './share-link.ts'

/** A share that a home knows. */
export type KnownShare = Omit<SharedEvent, 'type'>

/** Which shares of a home are listed. */
export interface ListSharesOptions {
  /** Leave out what is neither served now nor stale. @defaultValue false */
  activeOnly?: boolean
  /** Told of what was found out about the home, as long as nobody who shares was. */
  onEvent?: (event: WarningEvent) => void
  /** Ends the listing. */
  signal?: AbortSignal
}

/** How long removing a share may take. */
export interface UnshareOptions {
  /** Ends it before the next share is removed; those that were removed stay so. */
  signal?: AbortSignal
}

export function knownShare(
  row: StoredRow,
  linkTo: (content: LinkContent) => string,
  isServed: boolean,
): KnownShare {
  const { root, key, name, bytes, isStale, kept, isPinned, isElsewhere } = row
  const content = { root: CID.parse(root), name, bytes, ...(key === null ? {} : { key }) }
  const state = isServed ? 'serving' : 'stopped'
  // Who asks this device for it asks in vain, so the link names nobody.
  const nowhere = { root: content.root, ...(key === null ? {} : { key }), hints: { name, size: bytes } }
  const link = isElsewhere ? encodeLink(nowhere) : linkTo(content)
  return {
    root,
    link,
    name,
    bytes,
    sealed: key !== null,
    state: isStale ? 'stale' : state,
    pinned: isPinned === true,
    keptBytes: kept === null ? 0 : bytes,
  }
}

export function notShared(): ShoalError {
  return new ShoalError('ERR_NOT_SHARED', 'nothing of this home has that link')
}
