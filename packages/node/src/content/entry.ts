/** One file or folder of a share, as both formats describe it. */
import { compareUtf8, utf8Rank } from './utf8-order.ts'

export type EntryKind = 'file' | 'folder'

export interface Entry {
  /** Components joined by `/`, relative to the share's own folder; empty for a share that is a single file. */
  readonly path: string
  readonly kind: EntryKind
  /** Bytes; 0 for a folder. */
  readonly size: number
  /** Last change in milliseconds since 1970, an integer; absent where the format does not carry it. */
  readonly mtimeMs?: number
  readonly executable?: boolean
}

/**
 * Order of entries in both formats: by path components, each compared as UTF-8 bytes. So a folder stands before
 * what it holds, and `a/b` before `a-b`.
 */
export function comparePaths(a: string, b: string): number {
  return compareUtf8(a, b, rank)
}

const SLASH = 0x2f

/** The end of a component stands before everything else. */
function rank(unit: number): number {
  return unit === SLASH ? -1 : utf8Rank(unit)
}
