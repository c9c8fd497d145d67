/**
 * The blocks that may be asked for, sorted by how many peers have them: a block is found, taken, returned and moved to
 * another rarity in constant time and some 10 bytes, so that a million of them are no burden.
 */

/** Above this, how rare a block is makes no difference any more. */
const LAST_BUCKET = 31
/** In `#at`: not a block that is needed. */
const UNKNOWN = 0xffff_ffff
/** In `#at`: needed, and not free now. */
const TAKEN = 0xffff_fffe

export class RarityBuckets {
  /** Free blocks, those of one bucket side by side. */
  #free = new Uint32Array(1_024)
  /** For each block number its place in `#free`, or one of the two above. */
  #at = new Uint32Array(0)
  /** For each block number how many peers have it, those that have everything not counted. */
  #counts = new Uint16Array(0)
  /** Where each bucket ends in `#free`, exclusive. The next one begins there. */
  readonly #ends = new Uint32Array(LAST_BUCKET + 1)
  /** The buckets above were never used: where all peers have everything, each change is one of the first bucket. */
  #top = 0

  /** @param total number of blocks, where it is known: so much memory is taken at once */
  constructor(total = 0) {
    if (total > 0) this.#reserve(total - 1)
  }

  /** How many blocks are free. */
  get size(): number {
    return this.#ends[this.#top] as number
  }

  /** A block that is needed and not known yet. */
  add(block: number, count: number): void {
    this.#reserve(block)
    this.#counts[block] = count
    this.#insert(block)
  }

  /** The block is needed, free or not. */
  isKnown(block: number): boolean {
    return (this.#at[block] ?? UNKNOWN) !== UNKNOWN
  }

  isFree(block: number): boolean {
    return (this.#at[block] ?? UNKNOWN) < TAKEN
  }

  /** A block that fewer peers have than this one is free. */
  hasRarer(block: number): boolean {
    const bucket = this.#bucketOf(block)
    return bucket > 0 && (this.#ends[Math.min(bucket - 1, this.#top)] as number) > 0
  }

  countOf(block: number): number {
    return this.#counts[block] as number
  }

  changeCount(block: number, by: 1 | -1): void {
    if (!this.isKnown(block)) return
    const count = (this.#counts[block] as number) + by
    const before = this.#bucketOf(block)
    const moves = this.isFree(block) && Math.min(count, LAST_BUCKET) !== before
    if (moves) this.#remove(block)
    this.#counts[block] = count
    if (moves) this.#insert(block)
  }

  /** A free block that is asked for. */
  take(block: number): void {
    this.#remove(block)
    this.#at[block] = TAKEN
  }

  /** A block that was taken and is free again. */
  put(block: number): void {
    if (this.isKnown(block) && !this.isFree(block)) this.#insert(block)
  }

  /** A block that is needed no longer. */
  drop(block: number): void {
    if (this.isFree(block)) this.#remove(block)
    if (this.isKnown(block)) this.#at[block] = UNKNOWN
  }

  /**
   * The free block at `place`, counted from the rarest; `bounds` tells which places are of one rarity.
   */
  at(place: number): number {
    return this.#free[place] as number
  }

  /** Rarities from the rarest on, each with its places; empty ones left out. */
  *bounds(fromCount: number): Generator<{ readonly start: number; readonly end: number }> {
    for (let bucket = fromCount; bucket <= this.#top; bucket++) {
      const start = bucket === 0 ? 0 : (this.#ends[bucket - 1] as number)
      const end = this.#ends[bucket] as number
      if (start < end) yield { start, end }
    }
  }

  #bucketOf(block: number): number {
    return Math.min(this.#counts[block] as number, LAST_BUCKET)
  }

  /** Each bucket above gives its first place to the one below and gets one at its end. */
  #insert(block: number): void {
    const ends = this.#ends
    let hole = this.size
    if (hole === this.#free.length) this.#free = grown(this.#free, hole * 2, Uint32Array)
    const own = this.#bucketOf(block)
    while (this.#top < own) ends[++this.#top] = hole
    for (let bucket = this.#top; bucket > own; bucket--) {
      const start = ends[bucket - 1] as number
      if (start !== hole) this.#place(this.#free[start] as number, hole)
      hole = start
      ends[bucket] = (ends[bucket] as number) + 1
    }
    this.#place(block, hole)
    ends[own] = (ends[own] as number) + 1
  }

  #remove(block: number): void {
    const ends = this.#ends
    let hole = this.#at[block] as number
    for (let bucket = this.#bucketOf(block); bucket <= this.#top; bucket++) {
      const last = (ends[bucket] as number) - 1
      if (last !== hole) this.#place(this.#free[last] as number, hole)
      hole = last
      ends[bucket] = last
    }
  }

  #place(block: number, place: number): void {
    this.#free[place] = block
    this.#at[block] = place
  }

  #reserve(block: number): void {
    if (block < this.#at.length) return
    const length = Math.max(block + 1, this.#at.length * 2)
    const known = this.#at.length
    this.#at = grown(this.#at, length, Uint32Array).fill(UNKNOWN, known)
    this.#counts = grown(this.#counts, length, Uint16Array)
  }
}

function grown<T extends Uint32Array | Uint16Array>(
  array: T,
  length: number,
  Type: new (length: number) => T,
): T {
  const larger = new Type(length)
  larger.set(array)
  return larger
}
