/**
 * What is asked of one peer and not yet here, the oldest first. No more than the window of a peer, and peers answer in
 * the order in which they were asked, so what is looked for stands near the front of a short list.
 */
export interface AskedBlock {
  readonly block: number
  /** About how many bytes it has. */
  readonly size: number
  /** Monotonic milliseconds. */
  readonly askedAtMs: number
  /** It is on its way: its header came. */
  isComing: boolean
}

export class AskedBlocks {
  readonly #asked: AskedBlock[] = []

  get size(): number {
    return this.#asked.length
  }

  /** The one that was asked for first. */
  get first(): AskedBlock | undefined {
    return this.#asked[0]
  }

  has(block: number): boolean {
    return this.#find(block) >= 0
  }

  get(block: number): AskedBlock | undefined {
    return this.#asked[this.#find(block)]
  }

  /** Notes a block that is not asked of the peer yet. */
  add(asked: AskedBlock): void {
    this.#asked.push(asked)
  }

  /** Returns what was noted. */
  remove(block: number): AskedBlock | undefined {
    const at = this.#find(block)
    if (at === 0) return this.#asked.shift()
    return at < 0 ? undefined : this.#asked.splice(at, 1)[0]
  }

  /** Their numbers as they are now. */
  numbers(): number[] {
    return this.#asked.map(({ block }) => block)
  }

  [Symbol.iterator](): Iterator<AskedBlock> {
    return this.#asked[Symbol.iterator]()
  }

  #find(block: number): number {
    const asked = this.#asked
    for (let at = 0; at < asked.length; at++) if (asked[at]?.block === block) return at
    return -1
  }
}
