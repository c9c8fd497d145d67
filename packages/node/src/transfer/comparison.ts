/**
 * Compares local files with the blocks of a share. Local blocks are put together and hashed, sealed ones sealed again. A
 * block that differs and holds several files is got and compared file by file, so that none is blamed for another.
 */
import type { Entry } from '../content/entry.ts'
import { cidOf, type Codec } from '../content/cid.ts'
import type { Anchor } from '../store/anchor.ts'
import type { BlockSink } from '../store/block-sink.ts'
import type { BlockWorkers } from '../store/block-workers.ts'
import type { BlockPiece, ContentBlocks } from '../store/content-blocks.ts'
import type { Place } from '../store/write-block.ts'
import { orderedMap } from '../util/ordered-map.ts'
import type { ProviderReader } from './provider-reader.ts'
import { range } from './sealed-root.ts'

export interface ComparisonInit {
  readonly blocks: ContentBlocks
  readonly entries: readonly Entry[]
  /** Indexes in `entries` of what is known to differ; those that are found to are added. */
  readonly bad: Set<number>
  /** Where the files lie. */
  readonly within: Anchor
  /** Path of an entry in there. */
  readonly pathOf: (entry: Entry) => string
  readonly reader: ProviderReader
  readonly workers: BlockWorkers
  /** Told of content bytes that were compared, or need not be. */
  readonly onCompared: (bytes: number) => void
  readonly signal: AbortSignal
}

export class Comparison implements BlockSink {
  readonly #init: ComparisonInit

  constructor(init: ComparisonInit) {
    this.#init = init
  }

  /** @throws ShoalError ERR_CONTENT_INVALID, the errors of the disk, and what the reader throws */
  async run(): Promise<void> {
    const { blocks, workers, reader, onCompared, signal } = this.#init
    const unclear: number[] = []
    const looked = orderedMap(range(0, blocks.count), workers.concurrency, async (block) => {
      signal.throwIfAborted()
      return { block, isClear: await this.#isClear(block) }
    })
    for await (const { block, isClear } of looked) {
      if (!isClear) unclear.push(block)
      onCompared(blocks.piecesOf(block).reduce((sum, { length }) => sum + length, 0))
    }
    const sealed: number[] = []
    for (const block of unclear) {
      const { leaf, expected } = blocks.checkOf(block)
      if (leaf === undefined) sealed.push(block)
      else {
        // By CID: below a path in the link leaves have other numbers than in the share.
        const [node] = (await reader.getNodes([cidOf(leaf.codec as Codec, expected)])) as [Uint8Array]
        await this.accept(block, node)
      }
    }
    await reader.getBlocks(this, this.#stillUnclear(sealed))
  }

  lengthOf(block: number): number | undefined {
    return this.#init.blocks.lengthOf(block)
  }

  sizeOf(block: number): number {
    return this.#init.blocks.sizeOf(block)
  }

  /** Compares a block that was got with the files, and keeps nothing of it. */
  async accept(block: number, bytes: Uint8Array): Promise<boolean> {
    const { blocks, workers, bad } = this.#init
    const pieces = blocks.piecesOf(block)
    const result = await workers.write({ ...blocks.checkOf(block), bytes, places: this.#places(pieces) })
    if (!result.isVerified) return false
    for (const i of result.differing) bad.add((pieces[i] as BlockPiece).entry)
    return true
  }

  /** Whether the digest alone tells which of the files in a block differ there. */
  async #isClear(block: number): Promise<boolean> {
    const { blocks, workers, bad } = this.#init
    const pieces = blocks.piecesOf(block).filter(({ length }) => length > 0)
    const open = pieces.filter(({ entry }) => !bad.has(entry))
    if (open.length === 0) return true
    const length = blocks.plainLengthOf(block)
    if (open.length < pieces.length || length === undefined) return false
    const check = blocks.checkOf(block)
    if (await workers.reclaim({ ...check, length, places: this.#places(pieces) })) return true
    const [only] = pieces
    if (pieces.length > 1 || only === undefined) return false
    bad.add(only.entry)
    return true
  }

  /** Looks at each again when it is its turn: meanwhile all of its files may have been found out. */
  *#stillUnclear(unclear: readonly number[]): Generator<number> {
    const { bad, blocks } = this.#init
    for (const block of unclear) if (blocks.piecesOf(block).some(({ entry }) => !bad.has(entry))) yield block
  }

  /** Each is somebody's own file: looked at, and never written. */
  #places(pieces: readonly BlockPiece[]): Place[] {
    const { entries, within, pathOf } = this.#init
    return pieces.map(({ entry, offset, length }) => {
      return { within, path: pathOf(entries[entry] as Entry), offset, length, isKept: true }
    })
  }
}
