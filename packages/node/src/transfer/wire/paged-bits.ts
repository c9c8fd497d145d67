/** A set of block numbers as bits, in pages that exist only where something is set. */

const PAGE_BITS = 32_768
export const PAGE_BYTES = PAGE_BITS / 8

export class PagedBits {
  readonly #pages: (Uint8Array | undefined)[] = []
  #mostPages: number
  #pageCount = 0
  #size = 0

  /** @param mostBytes of memory for the bits; what would need more is not kept */
  constructor(mostBytes: number) {
    this.#mostPages = Math.ceil(mostBytes / PAGE_BYTES)
  }

  /** How many numbers are in it. */
  get size(): number {
    return this.#size
  }

  /** Lets it have so much memory from now on. */
  growTo(mostBytes: number): void {
    this.#mostPages = Math.max(this.#mostPages, Math.ceil(mostBytes / PAGE_BYTES))
  }

  has(number: number): boolean {
    const page = this.#pages[Math.floor(number / PAGE_BITS)]
    if (page === undefined) return false
    const bit = number % PAGE_BITS
    return (((page[bit >>> 3] as number) >>> (7 - (bit & 7))) & 1) === 1
  }

  /** The numbers from `index` pages on, the most significant bit first; undefined: none of them is in it. */
  page(index: number): Uint8Array | undefined {
    return this.#pages[index]
  }

  /** False: it was there before, or there is no memory for it. */
  add(number: number): boolean {
    const index = Math.floor(number / PAGE_BITS)
    let page = this.#pages[index]
    if (page === undefined) {
      if (this.#pageCount >= this.#mostPages) return false
      page = new Uint8Array(PAGE_BYTES)
      this.#pages[index] = page
      this.#pageCount++
    }
    const at = (number % PAGE_BITS) >>> 3
    const mask = 0x80 >>> (number & 7)
    const byte = page[at] as number
    if ((byte & mask) !== 0) return false
    page[at] = byte | mask
    this.#size++
    return true
  }

  /** All numbers, in order. */
  *[Symbol.iterator](): Generator<number> {
    for (const [index, page] of this.#pages.entries()) {
      if (page === undefined) continue
      for (const [at, byte] of page.entries()) {
        if (byte === 0) continue
        for (let bit = 0; bit < 8; bit++) {
          if ((byte & (0x80 >>> bit)) !== 0) yield index * PAGE_BITS + at * 8 + bit
        }
      }
    }
  }

  /** The highest number; -1 when there is none. */
  get last(): number {
    for (let index = this.#pages.length - 1; index >= 0; index--) {
      const page = this.#pages[index]
      const at = page?.findLastIndex((byte) => byte !== 0) ?? -1
      if (page === undefined || at < 0) continue
      const byte = page[at] as number
      return index * PAGE_BITS + at * 8 + 7 - (31 - Math.clz32(byte & -byte))
    }
    return -1
  }
}
