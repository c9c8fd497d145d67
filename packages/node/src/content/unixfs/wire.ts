/** Reads protobuf fields of a block that nobody vouches for. */
import { invalid } from './faults.ts'

export const WIRE_VARINT = 0
const WIRE_FIXED64 = 1
export const WIRE_BYTES = 2
export const WIRE_FIXED32 = 5

export class Reader {
  readonly bytes: Uint8Array
  pos: number
  end: number

  constructor(bytes: Uint8Array, pos: number, end: number) {
    this.bytes = bytes
    this.pos = pos
    this.end = end
  }

  /** The next byte. @throws ShoalError ERR_CONTENT_INVALID at the end */
  byte(): number {
    if (this.pos >= this.end) throw invalid('a node ends too early')
    return this.bytes[this.pos++] as number
  }

  /** An unsigned number. @throws ShoalError ERR_CONTENT_INVALID above 2^53 - 1 */
  varint(): number {
    let value = this.byte()
    if (value < 0x80) return value
    value -= 0x80
    for (let scale = 0x80; scale < 2 ** 70; scale *= 0x80) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) throw invalid('a number is out of range')
        return value
      }
    }
    throw invalid('a number is too long')
  }

  /** A signed 64-bit number, which protobuf writes as ten bytes where it is negative. */
  int64(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, value)
    }
    throw invalid('a number is too long')
  }

  fixed32(): number {
    return this.byte() + this.byte() * 2 ** 8 + this.byte() * 2 ** 16 + this.byte() * 2 ** 24
  }

  /** Where the bytes of a length-delimited field end; they begin at `pos`. */
  lengthDelimited(): number {
    const end = this.varint() + this.pos
    if (end > this.end) throw invalid('a node ends too early')
    return end
  }

  /** Passes over the value of a field that nothing here knows. */
  skip(wireType: number): void {
    if (wireType === WIRE_VARINT) this.int64()
    else if (wireType === WIRE_BYTES) this.pos = this.lengthDelimited()
    else if (wireType === WIRE_FIXED64) this.pos += 8
    else if (wireType === WIRE_FIXED32) this.pos += 4
    else throw invalid('a field of an unknown kind')
    if (this.pos > this.end) throw invalid('a node ends too early')
  }
}
