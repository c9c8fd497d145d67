/** Who uses an upload, and who removes it to make room: never both. */

export class Holds {
  /** How many use each. */
  readonly #used = new Map<string, number>()
  readonly #claimed = new Set<string>()

  /** Uses one until the answer is called; undefined: it is being removed. */
  hold(id: string): (() => void) | undefined {
    if (this.#claimed.has(id)) return undefined
    this.#used.set(id, (this.#used.get(id) ?? 0) + 1)
    return () => {
      const left = (this.#used.get(id) ?? 1) - 1
      if (left > 0) this.#used.set(id, left)
      else this.#used.delete(id)
    }
  }

  isHeld(id: string): boolean {
    return this.#used.has(id)
  }

  /** Keeps it from everybody else until the answer is called; undefined: somebody uses or removes it. */
  claim(id: string): (() => void) | undefined {
    if (this.#claimed.has(id) || this.isHeld(id)) return undefined
    this.#claimed.add(id)
    return () => this.#claimed.delete(id)
  }
}
