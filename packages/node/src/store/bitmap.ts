/** A set of block numbers as bits, most significant first, and the form in which a staging folder records it. */
import { DIGEST_BYTES, digestsEqual, sha256 } from '../content/cid.ts'

const MAGIC = Buffer.from('shoal/bitmap/1\n\0')
const CLOSED = 1
const HEAD_BYTES = MAGIC.byteLength + 1

export class Bitmap {
  /** Numbers from 0 to this, exclusive. */
  readonly count: number
  readonly #bits: Uint8Array
  #size = 0

  constructor(count: number, bits: Uint8Array = new Uint8Array(Math.ceil(count / 8))) {
    this.count = count
    this.#bits = bits
    for (const byte of bits) this.#size += ones(byte)
  }

  /** How many numbers are in it. */
  get size(): number {
    return this.#size
  }

  has(number: number): boolean {
    return (((this.#bits[number >>> 3] as number) >>> (7 - (number & 7))) & 1) === 1
  }

  /** Numbers from `8 * from` to `8 * to`, exclusive, eight in a byte. To be read at once. */
  bytes(from: number, to: number): Uint8Array {
    return this.#bits.subarray(from, to)
  }

  add(number: number): void {
    if (this.has(number)) return
    this.#bits[number >>> 3] = (this.#bits[number >>> 3] as number) | (0x80 >>> (number & 7))
    this.#size++
  }

  delete(number: number): void {
    if (!this.has(number)) return
    this.#bits[number >>> 3] = (this.#bits[number >>> 3] as number) & ~(0x80 >>> (number & 7))
    this.#size--
  }

  /**
   * `magic || u8 closed || bits || sha-256 of all before`.
   *
   * @param isClosed whether nothing was written to the content after what these bits say
   */
  encode(isClosed: boolean): Uint8Array {
    const body = Buffer.concat([MAGIC, Uint8Array.of(isClosed ? CLOSED : 0), this.#bits])
    return Buffer.concat([body, sha256(body)])
  }

  /** Undefined for what is no record of `count` blocks, or a damaged one. */
  static decode(count: number, bytes: Uint8Array): { bitmap: Bitmap; isClosed: boolean } | undefined {
    const end = HEAD_BYTES + Math.ceil(count / 8)
    if (bytes.byteLength !== end + DIGEST_BYTES) return undefined
    if (Buffer.compare(bytes.subarray(0, MAGIC.byteLength), MAGIC) !== 0) return undefined
    if (!digestsEqual(sha256(bytes.subarray(0, end)), bytes.subarray(end))) return undefined
    const bitmap = new Bitmap(count, bytes.slice(HEAD_BYTES, end))
    return { bitmap, isClosed: bytes[MAGIC.byteLength] === CLOSED }
  }

  /** Bytes of a record of `count` blocks. */
  static recordBytes(count: number): number {
    return HEAD_BYTES + Math.ceil(count / 8) + DIGEST_BYTES
  }
}

function ones(byte: number): number {
  let left = byte
  let count = 0
  for (; left > 0; left &= left - 1) count++
  return count
}
