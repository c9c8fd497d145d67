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
  const left = a.split('/')
  const right = b.split('/')
  const shared = Math.min(left.length, right.length)
  for (let i = 0; i < shared; i++) {
    const order = Buffer.compare(Buffer.from(left[i] as string), Buffer.from(right[i] as string))
    if (order !== 0) return order
  }
  return left.length - right.length
}
