/** What a fetch needs to know of a share before its first block, whichever the format. */
import type { Entry } from '../../content/entry.ts'
import type { ContentBlocks } from '../../store/content-blocks.ts'
import type { KnownContent } from '../../store/known-content.ts'

export interface FetchPlan {
  /** Under which a fetch saves it: what the publisher gave it, or where the format has none, what the link calls it. */
  readonly name: string
  readonly kind: 'file' | 'folder'
  readonly entries: readonly Entry[]
  readonly blocks: ContentBlocks
  /** Blocks of the whole root, those without content among them. */
  readonly total: number
  /** What of it is in memory, for those who ask this device for it. */
  readonly known: KnownContent
  /** Blocks that came while the plan was read, verified. */
  readonly here: ReadonlyMap<number, Uint8Array>
  /**
   * Checks what can be checked without asking anybody: blocks that are all padding.
   *
   * @throws ShoalError ERR_CONTENT_INVALID
   */
  readonly verifyPadding: () => Promise<void>
}
