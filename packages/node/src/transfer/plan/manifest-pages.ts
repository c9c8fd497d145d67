/** Gets pages of a sealed share's manifest, opened and decoded. */
import { PLAIN_BLOCK_BYTES, padme, wireLength } from '../../content/sealed/format.ts'
import { decodePage, type ManifestPage } from '../../content/sealed/manifest.ts'
import { ShoalError } from '../../errors.ts'
import type { BlockSink } from '../../store/block-sink.ts'
import { openReceived } from './open-block.ts'
import type { PlanReader } from '../swarm/plan-reader.ts'
import { digestOf, firstManifestBlock, range, type Sealed } from './sealed-root.ts'

/** Pages of the manifest held in memory at once; each up to 1 MiB. */
export const PAGES_AT_ONCE = 8

export class ManifestPages {
  readonly first: number
  /** Up to here, exclusive, every page holds something for certain; beyond, it may be all padding. */
  readonly certain: number
  readonly #reader: PlanReader
  readonly #sink: PageSink
  readonly #onPage: ((block: number, plain: Uint8Array) => void) | undefined

  /** @param onPage told of the bytes of each page, padded */
  constructor(sealed: Sealed, reader: PlanReader, onPage?: (block: number, plain: Uint8Array) => void) {
    this.first = firstManifestBlock(sealed.shape)
    this.certain = this.first + Math.ceil(leastContent(sealed.shape.plainBytes.manifest) / PLAIN_BLOCK_BYTES)
    this.#reader = reader
    this.#sink = new PageSink(sealed)
    this.#onPage = onPage
  }

  /**
   * Pages `from` to `until`, exclusive, at most `PAGES_AT_ONCE` of them. None may be all padding.
   *
   * @throws ShoalError ERR_CONTENT_INVALID, and what the reader throws
   */
  async read(from: number, until: number): Promise<ManifestPage[]> {
    await this.#reader.getBlocks(this.#sink, [...range(from, until)])
    return Array.from(range(from, until), (block) => {
      const plain = this.#sink.take(block)
      const page = decodePage(plain, block === this.first)
      if (page === undefined) throw malformedList()
      this.#onPage?.(block, plain)
      return page
    })
  }
}

export function malformedList(): ShoalError {
  return new ShoalError('ERR_CONTENT_INVALID', 'the list of files in this share is malformed')
}

/** The fewest bytes that pad to `padded` bytes: what holds more than padding for certain. */
function leastContent(padded: number): number {
  const unit = padme(padded + 1) - padded
  return Math.max(1, padded - unit + 1)
}

/** Opens pages of the manifest and keeps them until they are taken. */
class PageSink implements BlockSink {
  readonly #sealed: Sealed
  readonly #pages = new Map<number, Uint8Array>()

  constructor(sealed: Sealed) {
    this.#sealed = sealed
  }

  lengthOf(block: number): number {
    return wireLength(this.#sealed.shape, block)
  }

  sizeOf(block: number): number {
    return this.lengthOf(block)
  }

  async accept(block: number, received: Uint8Array): Promise<boolean> {
    const plain = await openReceived(this.#sealed, block, received, digestOf(this.#sealed, block))
    // The buffer of what was received is used again.
    if (plain !== undefined) this.#pages.set(block, plain.slice())
    return plain !== undefined
  }

  take(block: number): Uint8Array {
    const page = this.#pages.get(block) as Uint8Array
    this.#pages.delete(block)
    return page
  }
}
