/** What one peer says it has. Only a claim; what comes of it is verified block by block. */
import { ShoalError } from '../../errors.ts'
import { MAX_BLOCKS } from '../constants.ts'
import { PagedBits } from './paged-bits.ts'

/**
 * Memory for what a peer says before anybody knows how many blocks there are, in bytes: 2,097,152 blocks. What does not
 * fit is not kept, so the peer counts as one that lacks it.
 */
export const EARLY_AVAILABILITY_BYTES = 262_144

/** Told of each block that the peer has now and had not before. */
type OnNew = (block: number) => void

export class Availability {
  readonly #bits: PagedBits
  #total: number | undefined
  #hasAll = false
  /** The number of blocks that the peer named with all of them. */
  #claimedTotal: number | undefined

  /** @param total number of blocks of the verified plan, never of the peer; undefined while it is not known */
  constructor(total?: number) {
    this.#bits = new PagedBits(total === undefined ? EARLY_AVAILABILITY_BYTES : total / 8)
    this.#total = total
  }

  get hasAll(): boolean {
    return this.#hasAll
  }

  /** How many blocks were named one by one. */
  get count(): number {
    return this.#bits.size
  }

  /** The peer said that it has something. */
  get hasAny(): boolean {
    return this.#hasAll || this.#bits.size > 0
  }

  has(block: number): boolean {
    return this.#hasAll || this.#bits.has(block)
  }

  /** What was named one by one of the blocks of a page, as `PagedBits.page`. */
  page(index: number): Uint8Array | undefined {
    return this.#bits.page(index)
  }

  /** The block was named, whether or not the peer also said that it has everything. */
  hasNamed(block: number): boolean {
    return this.#bits.has(block)
  }

  /** The blocks that were named one by one, in order. */
  named(): Iterable<number> {
    return this.#bits
  }

  /**
   * To be called once the number of blocks is known.
   *
   * @throws ShoalError ERR_PROTOCOL when the peer named others
   */
  limitTo(total: number): void {
    if (this.#total === total) return
    this.#total = total
    this.#bits.growTo(total / 8)
    if (this.#bits.last >= total || (this.#claimedTotal ?? total) !== total) throw beyond()
  }

  /**
   * @param claimedTotal how many the peer says there are
   * @throws ShoalError ERR_PROTOCOL when that is wrong
   */
  addAll(claimedTotal: number): void {
    if ((this.#total ?? claimedTotal) !== claimedTotal) throw beyond()
    this.#claimedTotal = claimedTotal
    this.#hasAll = true
  }

  /**
   * @param from number of the first bit, the most significant of the first byte
   * @throws ShoalError ERR_PROTOCOL
   */
  addBits(from: number, bits: Uint8Array, onNew?: OnNew): void {
    const end = this.#total ?? MAX_BLOCKS
    for (let at = 0; at < bits.byteLength; at++) {
      const byte = bits[at] as number
      if (byte === 0) continue
      for (let bit = 0; bit < 8; bit++) {
        if ((byte & (0x80 >>> bit)) !== 0) this.#add(from + at * 8 + bit, end, onNew)
      }
    }
  }

  /** @throws ShoalError ERR_PROTOCOL */
  addBlocks(blocks: readonly number[], onNew?: OnNew): void {
    const end = this.#total ?? MAX_BLOCKS
    for (const block of blocks) this.#add(block, end, onNew)
  }

  #add(block: number, end: number, onNew: OnNew | undefined): void {
    if (block >= end) throw beyond()
    if (this.#bits.add(block)) onNew?.(block)
  }
}

function beyond(): ShoalError {
  return new ShoalError('ERR_PROTOCOL', 'a peer says that it has blocks which do not exist')
}
