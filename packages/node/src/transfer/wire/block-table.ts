/**
 * A map from the numbers of blocks that are under way: few at a time, and others all the time. A `Map` that changes so
 * much makes a new table again and again, and what is left of the old ones, each linked to the next, is only collected
 * with all that is old. This one keeps its table: open addressing, at most half full, without marks for what was deleted.
 */
const FIRST_PLACES = 256
const NOTHING = -1
/** 2^32 by the golden ratio, which spreads what lies side by side. */
const SPREAD = 0x9e37_79b1

/** Numbers are whole, from 0 on, below 2^31. */
export class BlockTable<Value> {
  #blocks = new Int32Array(FIRST_PLACES).fill(NOTHING)
  #values: (Value | undefined)[] = Array.from({ length: FIRST_PLACES })
  #size = 0

  get size(): number {
    return this.#size
  }

  has(block: number): boolean {
    return this.#blocks[this.#find(block)] === block
  }

  get(block: number): Value | undefined {
    return this.#values[this.#find(block)]
  }

  set(block: number, value: Value): void {
    let place = this.#find(block)
    if (this.#blocks[place] === NOTHING) {
      if (this.#size * 2 >= this.#blocks.length) {
        this.#grow()
        place = this.#find(block)
      }
      this.#blocks[place] = block
      this.#size++
    }
    this.#values[place] = value
  }

  delete(block: number): boolean {
    const blocks = this.#blocks
    const last = blocks.length - 1
    let hole = this.#find(block)
    if (blocks[hole] === NOTHING) return false
    // What comes after the hole moves into it, unless its own place comes after the hole too.
    for (let at = (hole + 1) & last; blocks[at] !== NOTHING; at = (at + 1) & last) {
      const own = this.#placeOf(blocks[at] as number)
      if (((at - own) & last) < ((at - hole) & last)) continue
      blocks[hole] = blocks[at] as number
      this.#values[hole] = this.#values[at]
      hole = at
    }
    blocks[hole] = NOTHING
    this.#values[hole] = undefined
    this.#size--
    return true
  }

  clear(): void {
    this.#blocks.fill(NOTHING)
    this.#values.fill(undefined)
    this.#size = 0
  }

  /** Where the block is, or would be. */
  #find(block: number): number {
    const blocks = this.#blocks
    const last = blocks.length - 1
    let place = this.#placeOf(block)
    while (blocks[place] !== block && blocks[place] !== NOTHING) place = (place + 1) & last
    return place
  }

  #placeOf(block: number): number {
    return Math.imul(block, SPREAD) >>> (Math.clz32(this.#blocks.length) + 1)
  }

  #grow(): void {
    const blocks = this.#blocks
    const values = this.#values
    this.#blocks = new Int32Array(blocks.length * 2).fill(NOTHING)
    this.#values = Array.from({ length: blocks.length * 2 })
    for (const [at, block] of blocks.entries()) {
      if (block === NOTHING) continue
      const place = this.#find(block)
      this.#blocks[place] = block
      this.#values[place] = values[at]
    }
  }
}
