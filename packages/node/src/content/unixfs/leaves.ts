/** Blocks of public content by number: which file and bytes a leaf holds, and the other way round. */
import type { CID } from 'multiformats/cid'
import { misuse } from './faults.ts'

/** Where the bytes of one leaf belong. */
export interface LeafRef {
  /** Index of the file in `entries`. */
  readonly file: number
  /** Bytes from the start of the file. */
  readonly offset: number
  /** Bytes of the file; fewer than the block has where that is a dag-pb leaf. */
  readonly length: number
}

/** Numbers of the leaves that make up one file; always at least one, and without gaps. */
export interface LeafSpan {
  readonly first: number
  readonly count: number
}

/**
 * The blocks of public content: leaves (raw blocks, or dag-pb file nodes without links) numbered depth-first in
 * stored link order, a shard by bucket. A repeated CID has a number at each position. Every method throws
 * ERR_INTERNAL for a number that does not exist.
 */
export interface PublicLeaves {
  readonly count: number
  cidOf(number: number): CID
  /** 32 bytes: the sha2-256 digest of the block. */
  digestOf(number: number): Uint8Array
  /**
   * Bytes of the block as it travels. For a raw leaf this is what its parent claims, so whoever takes the block
   * must compare it with the length of the verified block.
   */
  lengthOf(number: number): number
  refOf(number: number): LeafRef
  /** Leaves of the file at this index of `entries`; a folder has none. */
  spanOf(file: number): LeafSpan
}

/** Finds the file of a leaf number: files in block order, by the number of their first leaf. */
export class FileSpans {
  readonly count: number
  /** First leaf of each entry, or -1 for a folder. */
  readonly #firstOf: Float64Array
  /** First leaf of each file, ascending, and the file's index in `entries`. */
  readonly #firsts: Uint32Array
  readonly #files: Uint32Array

  /** `firstOf` has one element for each entry: the number of its first leaf, or -1. */
  constructor(firstOf: Float64Array, count: number) {
    this.count = count
    this.#firstOf = firstOf
    const sorted = fileIndexesByFirst(firstOf)
    this.#files = sorted
    this.#firsts = Uint32Array.from(sorted, (file) => firstOf[file] as number)
  }

  /** Index in `entries` of the file that holds this leaf. */
  fileOf(number: number): number {
    if (!Number.isInteger(number) || number < 0 || number >= this.count) throw misuse(`no block ${number}`)
    return this.#files[lastAtMost(this.#firsts, number, 0, this.#firsts.length)] as number
  }

  firstOf(file: number): number {
    return this.#firstOf[file] as number
  }

  spanOf(file: number): LeafSpan {
    const first = this.#firstOf[file]
    if (first === undefined || first < 0) throw misuse(`entry ${file} has no blocks`)
    const next = lastAtMost(this.#firsts, first, 0, this.#firsts.length) + 1
    return {
      first,
      count: (next < this.#firsts.length ? (this.#firsts[next] as number) : this.count) - first,
    }
  }
}

/** Index of the last element that is not above `value`, between `from` and `to`; the first must not be above it. */
export function lastAtMost(sorted: Uint32Array, value: number, from: number, to: number): number {
  let low = from
  let high = to
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) <= value) low = middle
    else high = middle
  }
  return low
}

function fileIndexesByFirst(firstOf: Float64Array): Uint32Array {
  // One number that sorts by first leaf and carries the index: 2^26 leaves times 2^20 entries stays exact, and
  // a numeric sort of a typed array needs no call for each comparison.
  const keys: number[] = []
  for (let i = 0; i < firstOf.length; i++) {
    if ((firstOf[i] as number) >= 0) keys.push((firstOf[i] as number) * 2 ** 21 + i)
  }
  return Uint32Array.from(Float64Array.from(keys).sort(), (key) => key % 2 ** 21)
}
