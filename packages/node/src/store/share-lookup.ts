/** Which shares are the same share again: those of one path under the same options. */
import { basename, join, resolve } from 'node:path'
import { encode } from '@ipld/dag-cbor'
import { sha256 } from '../content/cid.ts'

/** What was asked to be shared, and how; another answer to any of these is another share. */
export interface ShareSpec {
  /** Absolute path of a file or folder. */
  readonly path: string
  readonly name: string
  readonly isPublic: boolean
  /** Public only: times and executable bits are part of the content. */
  readonly preserve: boolean
  readonly exclude: readonly string[]
}

const LABEL = 'shoal/share-lookup/1'

/** 32 bytes by which earlier shares of the same are found. */
export function lookupKey({ path, name, isPublic, preserve, exclude }: ShareSpec): Uint8Array {
  return sha256(encode([LABEL, path, name, isPublic, preserve, exclude]))
}

/** The name of what is shared without being given one: the last part of its path. */
export function shareName(path: string): string {
  // The root of a disk has no name of its own.
  return basename(resolve(path)) || 'shared'
}

/** Where an entry of a share lies on this disk. */
export function locate(base: string, path: string): string {
  return path === '' ? base : join(base, path)
}
