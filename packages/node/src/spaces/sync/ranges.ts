/**
 * What is said about the keys of a log, range by range, in ascending order and without gaps: each range begins where the one
 * before it ended, the first at the beginning. What comes after the last needs nothing.
 *
 *     range = bound, then 0 | 1, fingerprint (32 bytes) | 2, varint count, count times (varint more order, id)
 *     bound = varint 0: the end | varint 1 + more order, u8 length, the first so many bytes of an id
 *
 * `more order`: how much greater it is than that of the bound or key before it. Varints are LEB128, in their shortest form.
 */
import { ShoalError } from '../../errors.ts'
import { END_ORDER, ID_BYTES, idOf, KEY_BYTES, keyOf, orderOf } from './id-set.ts'

/** Where a range ends, which is not part of it. Undefined: where everything does. */
export type Bound = Uint8Array | undefined

export type Range = { readonly end: Bound } & (
  | { readonly kind: 'skip' }
  | { readonly kind: 'fingerprint'; readonly fingerprint: Uint8Array }
  | { readonly kind: 'list'; readonly keys: readonly Uint8Array[] }
)

const SKIP = 0
const FINGERPRINT = 1
const LIST = 2
const FINGERPRINT_BYTES = 32
const MAX_VARINT_BYTES = 7

export const FIRST_KEY: Uint8Array = new Uint8Array(KEY_BYTES)

/** A bound between two keys that follow each other, as short as there is one. */
export function boundBetween(before: Uint8Array, after: Uint8Array): Uint8Array {
  const bound = Buffer.alloc(KEY_BYTES)
  let length = KEY_BYTES - ID_BYTES
  if (orderOf(before) === orderOf(after)) while (before[length] === after[length]) length++
  // Up to the first byte that differs; none of the id where the orders do.
  const isWithin = orderOf(before) === orderOf(after)
  bound.set(after.subarray(0, isWithin ? length + 1 : length))
  return bound
}

export class RangeWriter {
  readonly #parts: Uint8Array[] = []
  #order = 0
  #bytes = 0
  /** What lies before something was said, and is said of it when that comes. */
  #skipped: Bound | 'nothing' = 'nothing'

  get byteLength(): number {
    return this.#bytes
  }

  write(range: Range): void {
    if (range.kind === 'skip') {
      this.#skipped = range.end
      return
    }
    if (this.#skipped !== 'nothing') {
      this.#bound(this.#skipped)
      this.#push(Uint8Array.of(SKIP))
      this.#skipped = 'nothing'
    }
    const from = this.#order
    this.#bound(range.end)
    if (range.kind === 'fingerprint') {
      this.#push(Uint8Array.of(FINGERPRINT))
      this.#push(range.fingerprint)
      return
    }
    this.#push(Uint8Array.of(LIST))
    this.#push(varint(range.keys.length))
    let order = from
    for (const key of range.keys) {
      this.#push(varint(orderOf(key) - order))
      this.#push(idOf(key))
      order = orderOf(key)
    }
  }

  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#parts))
  }

  #bound(end: Bound): void {
    if (end === undefined) {
      this.#push(varint(0))
      this.#order = END_ORDER
      return
    }
    const order = orderOf(end)
    let length = ID_BYTES
    while (length > 0 && idOf(end)[length - 1] === 0) length--
    this.#push(varint(1 + order - this.#order))
    this.#push(Uint8Array.of(length))
    this.#push(idOf(end).slice(0, length))
    this.#order = order
  }

  #push(bytes: Uint8Array): void {
    this.#parts.push(bytes)
    this.#bytes += bytes.byteLength
  }
}

/** Reads what came from a peer. @throws ShoalError ERR_PROTOCOL for what is no list of ranges */
export function* readRanges(untrusted: Uint8Array): Generator<Range> {
  const reader = new RangeReader(untrusted)
  let start: Bound = FIRST_KEY
  while (!reader.isEnd()) {
    if (start === undefined) throw malformed('a range after the end')
    const from: Uint8Array = start
    const end = reader.bound(orderOf(from))
    if (end !== undefined && Buffer.compare(end, from) <= 0) throw malformed('ranges out of order')
    yield reader.range(from, end)
    start = end
  }
}

class RangeReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  isEnd(): boolean {
    return this.#at === this.#bytes.byteLength
  }

  bound(from: number): Bound {
    const more = this.#varint()
    if (more === 0) return undefined
    const order = from + more - 1
    if (order >= END_ORDER) throw malformed('an order that is too great')
    const length = this.#take(1)[0] as number
    if (length > ID_BYTES) throw malformed('a bound that is too long')
    const id = new Uint8Array(ID_BYTES)
    id.set(this.#take(length))
    if (length > 0 && id[length - 1] === 0) throw malformed('a bound in another form')
    return keyOf(order, id)
  }

  range(start: Uint8Array, end: Bound): Range {
    const kind = this.#take(1)[0]
    if (kind === SKIP) return { end, kind: 'skip' }
    if (kind === FINGERPRINT) return { end, kind: 'fingerprint', fingerprint: this.#take(FINGERPRINT_BYTES) }
    if (kind !== LIST) throw malformed('an unknown kind of range')
    const count = this.#varint()
    if (count > (this.#bytes.byteLength - this.#at) / (ID_BYTES + 1))
      throw malformed('a list that is cut off')
    const keys: Uint8Array[] = []
    let order = orderOf(start)
    for (let i = 0; i < count; i++) {
      order += this.#varint()
      if (order >= END_ORDER) throw malformed('an order that is too great')
      const key = keyOf(order, this.#take(ID_BYTES))
      const before = keys.at(-1)
      const isInPlace =
        before === undefined ? Buffer.compare(start, key) <= 0 : Buffer.compare(before, key) < 0
      if (!isInPlace || (end !== undefined && Buffer.compare(key, end) >= 0))
        throw malformed('a list that is out of order')
      keys.push(key)
    }
    return { end, kind: 'list', keys }
  }

  #varint(): number {
    let value = 0
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.#take(1)[0] as number
      value += (byte & 0x7f) * 128 ** i
      if ((byte & 0x80) !== 0) continue
      if (byte === 0 && i > 0) throw malformed('a number in another form')
      return value
    }
    throw malformed('a number that is too great')
  }

  #take(length: number): Uint8Array {
    const piece = this.#bytes.subarray(this.#at, this.#at + length)
    if (piece.byteLength < length) throw malformed('it is cut off')
    this.#at += length
    return piece
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

function malformed(what: string): ShoalError {
  return new ShoalError('ERR_PROTOCOL', `what a member says it has of a space is malformed: ${what}`)
}
