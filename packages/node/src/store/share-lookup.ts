/** Which shares are the same share again: those of the same paths under the same options. */
import { encode } from '@ipld/dag-cbor'
import { sha256 } from '../content/cid.ts'

/** What was asked to be shared, and how; another answer to any of these is another share. */
export interface ShareSpec {
  /** As `sharedPaths` gives them: one is shared as itself, several as a folder that holds them. */
  readonly paths: readonly string[]
  readonly name: string
  readonly isPublic: boolean
  /** Public only: times and executable bits are part of the content. */
  readonly preserve: boolean
  readonly exclude: readonly string[]
}

const LABEL = 'shoal/share-lookup/1'

/** 32 bytes by which earlier shares of the same are found. */
export function lookupKey({ paths, name, isPublic, preserve, exclude }: ShareSpec): Uint8Array {
  // A single path stands for itself, as in the homes of before there could be several.
  const what = paths.length === 1 ? paths[0] : paths
  return sha256(encode([LABEL, what, name, isPublic, preserve, exclude]))
}
