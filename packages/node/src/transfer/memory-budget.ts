/** A count of blocks that may be in memory at once, shared by everybody who reads blocks. First come, first served. */
export class MemoryBudget {
  #free: number
  readonly #waiting: (() => void)[] = []

  /** @param blocks how many; each up to 1 MiB */
  constructor(blocks: number) {
    this.#free = blocks
  }

  /** Resolves when a block may be read; pair each with one `release`. */
  acquire(): Promise<void> {
    if (this.#free > 0) {
      this.#free--
      return Promise.resolve()
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Takes one if it is free now. */
  tryAcquire(): boolean {
    if (this.#free === 0) return false
    this.#free--
    return true
  }

  release(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }
}
