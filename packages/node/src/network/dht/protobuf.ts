/** Walks the fields of a protobuf message without decoding it, so that it can be judged before anything is allocated for it. */

export interface Field {
  readonly number: number
  /** Where the field begins, its tag included. */
  readonly start: number
  /** Where its value begins: of a length-delimited field, after the length. */
  readonly valueStart: number
  readonly end: number
  readonly wireType: number
}

const VARINT = 0
const FIXED_64 = 1
const DELIMITED = 2
const FIXED_32 = 5
const MAX_VARINT_BYTES = 10

/** @throws RangeError when the bytes are no protobuf message */
export function* fieldsOf(bytes: Uint8Array, start = 0, end = bytes.length): Generator<Field> {
  let at = start
  while (at < end) {
    const tag = readVarint(bytes, at, end)
    const wireType = tag.value & 7
    const value = valueAt(bytes, tag.next, end, wireType)
    if (value.end > end) throw new RangeError('a field is longer than its message')
    yield { number: Math.floor(tag.value / 8), start: at, valueStart: value.start, end: value.end, wireType }
    at = value.end
  }
}

function valueAt(
  bytes: Uint8Array,
  at: number,
  end: number,
  wireType: number,
): { start: number; end: number } {
  if (wireType === VARINT) return { start: at, end: readVarint(bytes, at, end).next }
  if (wireType === FIXED_64) return { start: at, end: at + 8 }
  if (wireType === FIXED_32) return { start: at, end: at + 4 }
  if (wireType !== DELIMITED) throw new RangeError(`wire type ${wireType}`)
  const length = readVarint(bytes, at, end)
  return { start: length.next, end: length.next + length.value }
}

/** @throws RangeError when it does not end */
export function readVarint(bytes: Uint8Array, at: number, end: number): { value: number; next: number } {
  let value = 0
  for (let i = 0; i < MAX_VARINT_BYTES; i++) {
    if (at + i >= end) throw new RangeError('a varint does not end')
    const byte = bytes[at + i] as number
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { value, next: at + i + 1 }
  }
  throw new RangeError('a varint is too long')
}
