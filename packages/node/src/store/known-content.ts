/** What of a share is in memory once a fetch knows what comes: enough to serve everything that is not in its files. */
import type { CID } from 'multiformats/cid'
import type { BlockAnswer } from './content-source.ts'
import type { SharePlan } from './share-plan.ts'
import type { WalkedEntry } from './walk-facts.ts'

export interface KnownContent {
  readonly root: CID
  /** The share key; absent when public. */
  readonly key?: Uint8Array
  /** Public only: times and executable bits are part of the content. */
  readonly preserve: boolean
  /** Number of blocks: those with content, and whatever the format has besides. */
  readonly total: number
  readonly isPadding?: (block: number) => boolean
  /** The root block, a page of digests or a node, if it is in memory. */
  nodeOf: (cid: CID) => Uint8Array | undefined
  /** The number of a leaf. */
  numberOf: (cid: CID) => number | undefined
  /** Whether a block can be made without reading a file. */
  isInMemory: (block: number) => boolean
  /** A block that is in memory, if it is exactly what its number promises. */
  make: (block: number) => Promise<BlockAnswer>
  /**
   * The plan of the share, as if it had been made of these files. Undefined where another program made it in a way of
   * its own, so that the same files give another root.
   */
  planOf: (entries: readonly WalkedEntry[]) => SharePlan | undefined
}
