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
import { LocalBlocks } from '../store/local-blocks.ts'
import type { ProviderReader } from './swarm/provider-reader.ts'
import { range } from './plan/sealed-root.ts'

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
  readonly #local: LocalBlocks

  constructor(init: ComparisonInit) {
    this.#init = init
    const { bad } = init
    this.#local = new LocalBlocks({
      ...init,
      isOpen: (entry) => !bad.has(entry),
      onDiffering: (entry) => bad.add(entry),
    })
  }

  /** @throws ShoalError ERR_CONTENT_INVALID, the errors of the disk, and what the reader throws */
  async run(): Promise<void> {
    const { blocks, reader, onCompared } = this.#init
    const unclear: number[] = []
    for await (const { block, isClear } of this.#local.look(range(0, blocks.count))) {
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
    const places = this.#local.placesOf(block)
    const result = await workers.write({ ...blocks.checkOf(block), bytes, places })
    if (!result.isVerified) return false
    const pieces = blocks.piecesOf(block)
    for (const i of result.differing) bad.add((pieces[i] as BlockPiece).entry)
    return true
  }

  /** Looks at each again when it is its turn: meanwhile all of its files may have been found out. */
  *#stillUnclear(unclear: readonly number[]): Generator<number> {
    for (const block of unclear) if (this.#local.isOpen(block)) yield block
  }
}
