/** One file or folder of a share, as both formats describe it. */

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
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

const SLASH = 0x2f
const FIRST_SURROGATE = 0xd800
const AFTER_SURROGATES = 0xe000

/** Orders UTF-16 units as the UTF-8 bytes of what they stand for, the end of a component before everything else. */
function rank(unit: number): number {
  if (unit === SLASH) return -1
  // Surrogates stand for what comes after everything that one unit can.
  return unit >= FIRST_SURROGATE && unit < AFTER_SURROGATES ? unit + 0x10_000 : unit
}
