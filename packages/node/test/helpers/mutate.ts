/** A byte mutator for fuzz tests: seeded, so that every finding can be repeated. */
import { seededFloats } from './simulation.ts'

const INTERESTING = [
  0x00, 0x01, 0x7f, 0x80, 0xff, 0x18, 0x1b, 0x5b, 0x7b, 0x9b, 0xbb, 0x9f, 0xbf, 0xd8, 0xf6, 0xfb,
]

export class Mutator {
  readonly #float: () => number

  constructor(seed: number) {
    this.#float = seededFloats(seed)
  }

  below(limit: number): number {
    return Math.floor(this.#float() * limit)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  /** A changed copy: bits flipped, bytes set, cut, repeated, or two samples spliced. */
  mutate(samples: readonly Uint8Array[]): Uint8Array {
    let bytes: Uint8Array = Uint8Array.from(this.pick(samples))
    for (let changes = 1 + this.below(4); changes > 0; changes--) bytes = this.#change(bytes, samples)
    return bytes
  }

  #change(bytes: Uint8Array, samples: readonly Uint8Array[]): Uint8Array {
    const at = this.below(bytes.byteLength + 1)
    switch (this.below(6)) {
      case 0:
        if (at < bytes.byteLength) bytes[at] = (bytes[at] as number) ^ (1 << this.below(8))
        return bytes
      case 1:
        if (at < bytes.byteLength) bytes[at] = this.pick(INTERESTING)
        return bytes
      case 2:
        return bytes.slice(0, at)
      case 3:
        return Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from([this.pick(INTERESTING)]),
          bytes.subarray(at),
        ])
      case 4:
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(this.below(at + 1))])
      default: {
        const other = this.pick(samples)
        return Buffer.concat([bytes.subarray(0, at), other.subarray(this.below(other.byteLength + 1))])
      }
    }
  }
}
