/**
 * Reads canonical dag-cbor that comes from a peer, one item at a time as the caller's schema asks for it.
 *
 * Strict: shortest integers only, no indefinite lengths, no tag but 42, no `undefined`, valid UTF-8. Bounded:
 * every declared length is compared with the bytes that are left before anything is allocated, so reading costs
 * at most in proportion to the input. One set of bytes has exactly one reading, save for the order of map keys,
 * which `key()` checks.
 *
 * Nothing is allocated for an item but what is returned, since manifests have a million entries.
 */
import { isUtf8 } from 'node:buffer'
import { ShoalError, type ErrorCode } from '../errors.ts'

export type CborKind =
  | 'uint'
  | 'negative'
  | 'bytes'
  | 'text'
  | 'array'
  | 'map'
  | 'link'
  | 'bool'
  | 'null'
  | 'float'
  | 'invalid'
  | 'end'

const UINT = 0
const NEGATIVE = 1
const BYTES = 2
const TEXT = 3
const ARRAY = 4
const MAP = 5
const TAG = 6
const LINK_TAG = 42
const FALSE = 0xf4
const TRUE = 0xf5
const NULL = 0xf6
const FLOAT64 = 0xfb
const FLOAT64_BYTES = 9
/** What stands before the bytes of a CID inside tag 42. */
const CID_PREFIX = 0x00
const TWO_POW_32 = 4_294_967_296
const MAJOR_KINDS = ['uint', 'negative', 'bytes', 'text', 'array', 'map', 'link'] as const
/** Below this, joining characters is faster than a call into Buffer (measured: 60 against 150 ns). */
const SHORT_TEXT_BYTES = 8

/** `ignoreBOM` keeps a leading U+FEFF: two different byte strings must not read as one name. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class CborReader {
  readonly #bytes: Uint8Array
  readonly #buffer: Buffer
  readonly #code: ErrorCode
  readonly #what: string
  /** Items that the `skip` under way may still read over. */
  #skipsLeft = 0
  #at: number

  /**
   * Reads `bytes` from position `at`; whatever is wrong with them is thrown as `code` with a message that
   * begins with `what`. Views returned by `bytes()` and `link()` share memory with `bytes`; they are plain
   * Uint8Arrays whatever `bytes` is, since `slice()` of a Buffer would not copy.
   */
  constructor(bytes: Uint8Array, code: ErrorCode, what: string, at: number = 0) {
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#code = code
    this.#what = what
    this.#at = at
  }

  /** Position of the next item in bytes. */
  get offset(): number {
    return this.#at
  }

  isEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** Throws when bytes are left. */
  end(): void {
    if (!this.isEnd()) throw this.fail('bytes are left over')
  }

  /** The error for something wrong at the current position, for the caller's own checks too. */
  fail(reason: string): ShoalError {
    return new ShoalError(this.#code, `${this.#what} is malformed: ${reason} at byte ${this.#at}`)
  }

  /** Kind of the next item, which is not consumed and may still prove malformed. */
  peek(): CborKind {
    if (this.isEnd()) return 'end'
    const initial = this.#bytes[this.#at] as number
    const kind = MAJOR_KINDS[initial >> 5]
    if (kind !== undefined) return kind
    if (initial === FALSE || initial === TRUE) return 'bool'
    if (initial === NULL) return 'null'
    return initial === FLOAT64 ? 'float' : 'invalid'
  }

  /** Number of pairs of the map that begins here; each has at least two bytes in the input. */
  map(): number {
    const count = this.#head(MAP, 'a map')
    if (count > (this.#bytes.length - this.#at) / 2) throw this.fail('a map is longer than the input')
    return count
  }

  /** Number of items of the array that begins here; each has at least one byte in the input. */
  array(): number {
    return this.#length(ARRAY, 'an array')
  }

  uint(): number {
    return this.#head(UINT, 'a number that is not negative')
  }

  /** An integer of either sign within the safe range of JavaScript. */
  int(): number {
    if (this.peek() !== 'negative') return this.#head(UINT, 'an integer')
    const magnitude = this.#head(NEGATIVE, 'an integer')
    if (magnitude >= Number.MAX_SAFE_INTEGER) throw this.fail('an integer is too large')
    return -1 - magnitude
  }

  bool(): boolean {
    const initial = this.#bytes[this.#at]
    if (initial !== FALSE && initial !== TRUE) throw this.fail('expected true or false')
    this.#at++
    return initial === TRUE
  }

  /** A view of at most `maxBytes` bytes, not a copy. */
  bytes(maxBytes: number = Infinity): Uint8Array {
    const length = this.#length(BYTES, 'bytes')
    if (length > maxBytes) throw this.fail(`more than ${maxBytes} bytes`)
    const start = this.#at
    this.#at += length
    return this.#bytes.subarray(start, this.#at)
  }

  /** Text of at most `maxBytes` bytes of UTF-8. */
  text(maxBytes: number = Infinity): string {
    const length = this.#length(TEXT, 'text')
    if (length > maxBytes) throw this.fail(`a text of more than ${maxBytes} bytes`)
    const start = this.#at
    const end = start + length
    const bytes = this.#bytes
    let bits = 0
    for (let i = start; i < end; i++) bits |= bytes[i] as number
    let text = ''
    if (bits >= 0x80) {
      text = this.#unicode(start, end)
    } else if (length < SHORT_TEXT_BYTES) {
      for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i] as number)
    } else {
      text = this.#buffer.toString('latin1', start, end)
    }
    this.#at = end
    return text
  }

  /**
   * The next key of a map, which must stand after `previous` in canonical order: shorter first, then by bytes,
   * none twice. The first key has no previous one.
   */
  key(previous: string | undefined, maxBytes: number = Infinity): string {
    const key = this.text(maxBytes)
    if (previous === undefined) return key
    const before = Buffer.from(previous)
    const now = Buffer.from(key)
    const order = before.length - now.length || Buffer.compare(before, now)
    if (order >= 0) throw this.fail('keys are out of order')
    return key
  }

  /** A view of the CID's bytes, which are not judged yet. */
  link(): Uint8Array {
    if (this.#head(TAG, 'a link') !== LINK_TAG) throw this.fail('a tag other than 42')
    const bytes = this.bytes()
    if (bytes.length < 2 || bytes[0] !== CID_PREFIX) throw this.fail('a link without CID')
    return bytes.subarray(1)
  }

  /** Reads over one value of any kind; arrays and maps may lie at most `depth` deep in each other. */
  skip(depth: number, mostItems: number = Number.POSITIVE_INFINITY): void {
    this.#skipsLeft = mostItems
    this.#skip(depth)
  }

  #skip(depth: number): void {
    if (this.#skipsLeft-- <= 0) throw this.fail('a value has too many parts')
    const kind = this.peek()
    switch (kind) {
      case 'uint':
      case 'negative':
        this.int()
        return
      case 'bytes':
        this.bytes()
        return
      case 'text':
        this.#skipText()
        return
      case 'link':
        this.link()
        return
      case 'bool':
      case 'null':
        this.#at++
        return
      case 'float':
        this.#skipFloat()
        return
      case 'array':
      case 'map':
        if (depth <= 0) throw this.fail('values lie too deep in each other')
        this.#skipItems(kind, depth - 1)
        return
      case 'invalid':
      case 'end':
        throw this.fail(kind === 'end' ? 'it ends too early' : 'a value of an unknown kind')
    }
  }

  #skipItems(kind: 'array' | 'map', depth: number): void {
    if (kind === 'array') {
      for (let left = this.array(); left > 0; left--) this.#skip(depth)
      return
    }
    let previous: string | undefined
    for (let left = this.map(); left > 0; left--) {
      previous = this.key(previous)
      this.#skip(depth)
    }
  }

  #skipText(): void {
    const length = this.#length(TEXT, 'text')
    const end = this.#at + length
    let bits = 0
    for (let i = this.#at; i < end; i++) bits |= this.#bytes[i] as number
    if (bits >= 0x80 && !isUtf8(this.#bytes.subarray(this.#at, end)))
      throw this.fail('text is not valid UTF-8')
    this.#at = end
  }

  /** dag-cbor knows no infinities and no NaN: an exponent of all ones. */
  #skipFloat(): void {
    if (this.#bytes.length - this.#at < FLOAT64_BYTES) throw this.fail('it ends too early')
    const high = ((this.#bytes[this.#at + 1] as number) << 8) | (this.#bytes[this.#at + 2] as number)
    if ((high & 0x7ff0) === 0x7ff0) throw this.fail('a number that is not finite')
    this.#at += FLOAT64_BYTES
  }

  #unicode(start: number, end: number): string {
    try {
      return utf8.decode(this.#bytes.subarray(start, end))
    } catch {
      throw this.fail('text is not valid UTF-8')
    }
  }

  /** A length of which every unit takes at least one of the bytes that are left. */
  #length(major: number, expected: string): number {
    const length = this.#head(major, expected)
    if (length > this.#bytes.length - this.#at) throw this.fail('a length goes beyond the input')
    return length
  }

  /** Argument of the item that begins here. Only the shortest encoding is taken. */
  #head(major: number, expected: string): number {
    const bytes = this.#bytes
    const at = this.#at
    if (at >= bytes.length) throw this.fail('it ends too early')
    const initial = bytes[at] as number
    if (initial >> 5 !== major) throw this.fail(`expected ${expected}`)
    const info = initial & 0x1f
    if (info < 24) {
      this.#at = at + 1
      return info
    }
    if (info > 27) throw this.fail('an indefinite or unknown length')
    const width = 1 << (info - 24)
    if (at + width >= bytes.length) throw this.fail('it ends too early')
    let value = 0
    for (let i = 1; i <= width; i++) value = value * 256 + (bytes[at + i] as number)
    const least = width === 1 ? 24 : width === 2 ? 256 : width === 4 ? 65_536 : TWO_POW_32
    if (value < least) throw this.fail('a number is not in its shortest form')
    if (value > Number.MAX_SAFE_INTEGER) throw this.fail('a number is too large')
    this.#at = at + 1 + width
    return value
  }
}
