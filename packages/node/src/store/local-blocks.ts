/**
 * Compares local files with the blocks of a share by digest alone: each block is put together from the files, sealed if
 * it was, and hashed. The files are somebody's own: they are looked at, and never written.
 */
import type { Entry } from '../content/entry.ts'
import { orderedMap } from '../util/ordered-map.ts'
import type { Anchor } from './anchor.ts'
import type { BlockWorkers } from './block-workers.ts'
import type { BlockPiece, ContentBlocks } from './content-blocks.ts'
import type { Place } from './write-block.ts'

export interface LocalBlocksInit {
  readonly blocks: ContentBlocks
  readonly entries: readonly Entry[]
  /** Where the files lie. */
  readonly within: Anchor
  /** Path of an entry in there. */
  readonly pathOf: (entry: Entry) => string
  /** Whether a file, by its index in the entries, is here and nothing is known yet that differs. */
  readonly isOpen: (entry: number) => boolean
  /** Told of a file that holds other bytes for certain; from then on it is not open. */
  readonly onDiffering: (entry: number) => void
  readonly workers: BlockWorkers
  readonly signal: AbortSignal
}

export interface LookedAt {
  readonly block: number
  /** False: some of its files hold other bytes, or are not here, and only what a peer sends tells which. */
  readonly isClear: boolean
}

export class LocalBlocks {
  readonly #init: LocalBlocksInit

  constructor(init: LocalBlocksInit) {
    this.#init = init
  }

  /**
   * Looks at some blocks, as many at a time as keep the threads busy, and tells of each in order.
   *
   * @throws the errors of the disk; the signal's reason on abort
   */
  look(blocks: Iterable<number>): AsyncGenerator<LookedAt> {
    const { workers, signal } = this.#init
    return orderedMap(blocks, workers.concurrency, async (block) => {
      signal.throwIfAborted()
      return { block, isClear: await this.#isClear(block) }
    })
  }

  /** Whether something is to be found out of any file in a block. */
  isOpen(block: number): boolean {
    return this.#piecesOf(block).some(({ entry }) => this.#init.isOpen(entry))
  }

  placesOf(block: number): Place[] {
    return this.#placesOf(this.#init.blocks.piecesOf(block))
  }

  async #isClear(block: number): Promise<boolean> {
    const { blocks, workers, isOpen, onDiffering } = this.#init
    const pieces = this.#piecesOf(block)
    const open = pieces.filter(({ entry }) => isOpen(entry))
    if (open.length === 0) return true
    const length = blocks.plainLengthOf(block)
    if (open.length < pieces.length || length === undefined) return false
    const places = this.#placesOf(pieces)
    if (await workers.reclaim({ ...blocks.checkOf(block), length, places })) return true
    const [only] = pieces
    if (pieces.length > 1 || only === undefined) return false
    onDiffering(only.entry)
    return true
  }

  /** Of an empty file its size has told everything. */
  #piecesOf(block: number): BlockPiece[] {
    return this.#init.blocks.piecesOf(block).filter(({ length }) => length > 0)
  }

  #placesOf(pieces: readonly BlockPiece[]): Place[] {
    const { entries, within, pathOf } = this.#init
    return pieces.map(({ entry, offset, length }) => {
      return { within, path: pathOf(entries[entry] as Entry), offset, length, isKept: true }
    })
  }
}
