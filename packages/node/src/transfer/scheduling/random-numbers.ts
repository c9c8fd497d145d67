/** Whole numbers from the seam's random bytes, which are fetched many at a time. */
import type { Random } from '../../util/seams.ts'

const BATCH_BYTES = 1_024

export class RandomNumbers {
  readonly #random: Random
  #batch: DataView = new DataView(new ArrayBuffer(0))
  #at = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** From 0 to `end`, exclusive; `end` is far below 2^32, so that the remainder is as good as even. */
  below(end: number): number {
    if (this.#at >= this.#batch.byteLength) {
      const bytes = this.#random.bytes(BATCH_BYTES)
      this.#batch = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      this.#at = 0
    }
    const number = this.#batch.getUint32(this.#at)
    this.#at += 4
    return number % end
  }
}
