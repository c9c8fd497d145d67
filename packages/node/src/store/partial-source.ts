/**
 * A share that is not all here, as a source of blocks: what a fetch has so far, or what is left of it when only some
 * files were asked for. A block is read back from its files, sealed in memory if it was, and given out only if it is what
 * its number promises; one that is not, or cannot be read, counts as missing from then on.
 */
import type { CID } from 'multiformats/cid'
import { Bitmap } from './bitmap.ts'
import type { BlockWorkers } from './block-workers.ts'
import type { ContentBlocks } from './content-blocks.ts'
import type { BlockAnswer, ContentSource, HeldBlocks } from './content-source.ts'
import type { KnownContent } from './known-content.ts'
import type { Segment } from './segment-reader.ts'

export interface PartialSourceInit {
  readonly known: KnownContent
  readonly blocks: ContentBlocks
  readonly workers: Pick<BlockWorkers, 'read'>
  /** Whether a block whose bytes belong into files is here at first. */
  readonly isHere: (block: number) => boolean
  /** Where the bytes of a block lie. */
  readonly segmentsOf: (block: number) => Segment[]
}

const MISSING = { outcome: 'missing' } as const

export class PartialSource implements ContentSource {
  readonly held: HeldBlocks
  readonly #init: PartialSourceInit
  readonly #here: Bitmap
  readonly #listeners = new Set<(blocks: readonly number[]) => void>()
  #reading = 0
  #idle: PromiseWithResolvers<void> | undefined
  /** Resolves, while the files are being moved, with who has them afterwards. */
  #moving: PromiseWithResolvers<ContentSource | undefined> | undefined

  constructor(init: PartialSourceInit) {
    const { known, isHere } = init
    this.#init = init
    this.#here = new Bitmap(known.total)
    for (let block = 0; block < known.total; block++) {
      if (known.isInMemory(block) || (this.#isReadable(block) && isHere(block))) this.#here.add(block)
    }
    this.held = {
      has: (block) => this.#here.has(block),
      onMore: (callback) => {
        this.#listeners.add(callback)
        return () => this.#listeners.delete(callback)
      },
    }
  }

  get root(): CID {
    return this.#init.known.root
  }

  get total(): number {
    return this.#init.known.total
  }

  readonly isPadding = (block: number): boolean => this.#init.known.isPadding?.(block) ?? false

  /** A block was written. */
  add(block: number): void {
    if (this.#here.has(block) || !this.#isReadable(block)) return
    this.#here.add(block)
    for (const listener of this.#listeners) listener([block])
  }

  /** A block is not here any more. */
  remove(block: number): void {
    this.#here.delete(block)
  }

  async readBlock(block: number): Promise<BlockAnswer> {
    const { known } = this.#init
    if (this.#moving !== undefined) return (await (await this.#moving.promise)?.readBlock(block)) ?? MISSING
    if (!this.#here.has(block)) return MISSING
    if (known.isInMemory(block)) return await known.make(block)
    return await this.#readBack(block)
  }

  async readNode(cid: CID): Promise<BlockAnswer> {
    const { known } = this.#init
    const bytes = known.nodeOf(cid)
    if (bytes !== undefined) return { outcome: 'bytes', bytes }
    const number = known.numberOf(cid)
    return number === undefined ? MISSING : await this.readBlock(number)
  }

  /** Lets nobody read the files any more; resolves when nobody does. Who asks waits for `movedTo`. */
  async pause(): Promise<void> {
    this.#moving ??= Promise.withResolvers()
    if (this.#reading === 0) return
    this.#idle ??= Promise.withResolvers()
    await this.#idle.promise
  }

  /** Ends this source after `pause`: whoever still asks it gets what `next` has, or hears that it is missing. */
  movedTo(next: ContentSource | undefined): void {
    this.#moving ??= Promise.withResolvers()
    this.#moving.resolve(next)
  }

  /** A node around the bytes of a file cannot be put together again from the file. */
  #isReadable(block: number): boolean {
    const { blocks } = this.#init
    return block < blocks.count && blocks.plainLengthOf(block) !== undefined
  }

  async #readBack(block: number): Promise<BlockAnswer> {
    const { blocks, workers, segmentsOf } = this.#init
    const { expected, binding } = blocks.checkOf(block)
    this.#reading++
    try {
      const result = await workers.read({
        segments: segmentsOf(block).filter(({ length }) => length > 0),
        length: blocks.plainLengthOf(block) as number,
        expected,
        ...(binding === undefined ? {} : { binding }),
      })
      if (result.outcome === 'bytes') return result
      this.#here.delete(block)
      return MISSING
    } finally {
      this.#reading--
      if (this.#reading === 0) this.#idle?.resolve()
    }
  }
}
