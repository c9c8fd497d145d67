/** Choices by the injected random source. */
import type { Random } from '../../util/seams.ts'

/** Bytes that are drawn at once: each call of the system's source costs as much as many bytes. */
const DRAWN_BYTES = 1_024

export class Chance {
  readonly #random: Random
  #drawn: Uint8Array = new Uint8Array()
  #at = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** A whole number from 0 to `below - 1`, `below` being at most 2^32. */
  below(below: number): number {
    return Math.floor(this.float() * below)
  }

  /** From 0 to 1, without 1. */
  float(): number {
    if (this.#at + 4 > this.#drawn.byteLength) {
      this.#drawn = this.#random.bytes(DRAWN_BYTES)
      this.#at = 0
    }
    const [a, b, c, d] = this.#drawn.subarray(this.#at, (this.#at += 4)) as unknown as [
      number,
      number,
      number,
      number,
    ]
    return (a * 16_777_216 + b * 65_536 + c * 256 + d) / 2 ** 32
  }

  /** More or less by a part of it. */
  around(middle: number, part: number): number {
    return middle * (1 - part + 2 * part * this.float())
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)]
  }

  /** So many of them, in random order. */
  sample<T>(items: readonly T[], most: number): T[] {
    const count = Math.min(most, items.length)
    // What was moved in an array that is not copied: of many only a few are drawn.
    const moved = new Map<number, T>()
    return Array.from({ length: count }, (_, index) => {
      const drawn = index + this.below(items.length - index)
      const item = moved.get(drawn) ?? items[drawn]
      moved.set(drawn, moved.get(index) ?? (items[index] as T))
      return item as T
    })
  }
}
