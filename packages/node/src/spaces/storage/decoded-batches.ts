/** The batches that were decoded last: one of 256 operations is asked for as often, and takes a millisecond each time. */
import type { Batch } from '../catalogue/batch.ts'
import { MAX_DECODED } from './limits.ts'

/** `Found` is `Batch | undefined` where a batch may be missing; that it is missing is remembered too. */
export class DecodedBatches<Found extends Batch | undefined = Batch> {
  readonly #read: (n: number) => Found
  readonly #decoded = new Map<number, { readonly batch: Found }>()

  /** @param read reads and decodes the batch of this number */
  constructor(read: (n: number) => Found) {
    this.#read = read
  }

  get(n: number): Found {
    const known = this.#decoded.get(n)
    if (known !== undefined) return known.batch
    const batch = this.#read(n)
    if (this.#decoded.size >= MAX_DECODED) this.#decoded.delete(this.#decoded.keys().next().value as number)
    this.#decoded.set(n, { batch })
    return batch
  }

  clear(): void {
    this.#decoded.clear()
  }
}
