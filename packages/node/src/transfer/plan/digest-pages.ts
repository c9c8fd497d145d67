/** Digests of a sealed share's data blocks, a page at a time: of a file of terabytes only where it is read. */
import { DIGESTS_PER_PAGE } from '../../content/sealed/format.ts'
import { keepNewest } from '../../util/keep-newest.ts'
import type { PlanReader } from '../swarm/plan-reader.ts'
import { DIGEST_BYTES } from '../../content/cid.ts'
import { digestOf, getDigests, type Sealed } from './sealed-root.ts'

/** Pages in memory at once, each up to 1 MiB: what is read in order is at one end of one and the start of the next. */
const MAX_PAGES_HELD = 2

export class DigestPages {
  readonly #sealed: Sealed
  readonly #reader: PlanReader
  /** By index, the one asked for last at the end. */
  readonly #pages = new Map<number, Promise<Uint8Array>>()

  constructor(sealed: Sealed, reader: PlanReader) {
    this.#sealed = sealed
    this.#reader = reader
  }

  /** @throws ShoalError ERR_CONTENT_INVALID, and what the reader throws */
  async of(block: number): Promise<Uint8Array> {
    if (block >= this.#sealed.digestsFrom) return digestOf(this.#sealed, block)
    const page = await this.#page(Math.floor(block / DIGESTS_PER_PAGE))
    const at = (block % DIGESTS_PER_PAGE) * DIGEST_BYTES
    return page.slice(at, at + DIGEST_BYTES)
  }

  #page(index: number): Promise<Uint8Array> {
    const page = this.#pages.get(index) ?? getDigests(this.#sealed, this.#reader, index, index + 1)
    this.#pages.delete(index)
    this.#pages.set(index, page)
    keepNewest(this.#pages, MAX_PAGES_HELD)
    return page
  }
}
