/** What the serving side of a session gives out: one root's blocks and nodes, wherever they lie. */
import type { CID } from 'multiformats/cid'

export type BlockAnswer =
  | { readonly outcome: 'bytes'; readonly bytes: Uint8Array }
  | { readonly outcome: 'changed' | 'gone' | 'missing' }

/** Which blocks of a root are here, while they still come. */
export interface HeldBlocks {
  has: (block: number) => boolean
  /** Calls back with the numbers of blocks that came since. Returns how to stop that. */
  onMore: (callback: (blocks: readonly number[]) => void) => () => void
}

export interface ContentSource {
  readonly root: CID
  /** Number of blocks. */
  readonly total: number
  /** Absent: every block is here. */
  readonly held?: HeldBlocks
  /** Blocks of nothing but padding, which nobody asks for who has the key. Absent: there are none. */
  readonly isPadding?: (block: number) => boolean
  /** The block if it is here and is exactly what its number promises. */
  readBlock: (block: number) => Promise<BlockAnswer>
  /** The root block, a page, a node or a leaf, by CID. */
  readNode: (cid: CID) => Promise<BlockAnswer>
}

/** How many blocks there are, and which of them are only padding. */
export type BlockKinds = Pick<ContentSource, 'total' | 'isPadding'>

/** Looks at each block: some milliseconds for a million. */
export function countWithoutPadding({ total, isPadding }: BlockKinds): number {
  if (isPadding === undefined) return total
  let count = 0
  for (let block = 0; block < total; block++) if (!isPadding(block)) count++
  return count
}

/** Told of each block that was read from the user's files for a peer: whether it was what was promised. */
export type ReadObserver = (block: number, outcome: 'bytes' | 'changed' | 'gone') => void
