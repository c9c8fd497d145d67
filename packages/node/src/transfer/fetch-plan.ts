/** What a fetch needs to know of a share before its first block, whichever the format. */
import type { Entry } from '../content/entry.ts'
import type { BlockSink } from '../store/block-sink.ts'
import type { Staging } from '../store/staging.ts'

export interface FetchPlan {
  /** The name that the publisher gave it; undefined where the format has none. */
  readonly name: string | undefined
  readonly kind: 'file' | 'folder'
  readonly entries: readonly Entry[]
  /** Content bytes: the sum of file sizes. */
  readonly bytes: number
  /** Blocks that came while the plan was read, verified. */
  readonly here: ReadonlyMap<number, Uint8Array>
  /** Numbers of the blocks that hold content and are not here, in stream order. */
  readonly needed: () => Iterable<number>
  /** Content bytes in a block. */
  readonly contentBytes: (block: number) => number
  readonly sinkFor: (staging: Staging) => BlockSink
  /**
   * Checks what can be checked without asking anybody: blocks that are all padding.
   *
   * @throws ShoalError ERR_CONTENT_INVALID
   */
  readonly verifyPadding: () => Promise<void>
}
