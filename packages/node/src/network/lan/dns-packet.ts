/**
 * The part of DNS (RFC 1035) and multicast DNS (RFC 6762) that finding devices takes: questions by name, and PTR and TXT
 * records. Whoever is on the local network sends these packets, printers and televisions among them, so that a packet
 * that is malformed or about something else is not an error: it is read as undefined or read over.
 */
import { MDNS_LIMITS } from './limits.ts'

export interface DnsQuery {
  readonly kind: 'query'
  /** Names that PTR or all records are asked for. */
  readonly names: readonly string[]
}

/** A record that gives the name of an instance of a service. */
export interface PtrRecord {
  readonly type: 'PTR'
  readonly name: string
  readonly ttlSeconds: number
  readonly target: string
}

/** A record with texts. */
export interface TxtRecord {
  readonly type: 'TXT'
  readonly name: string
  readonly ttlSeconds: number
  /** Views of the packet. */
  readonly texts: readonly Uint8Array[]
}

export interface DnsResponse {
  readonly kind: 'response'
  /** PTR and TXT records of all sections, in order. */
  readonly records: readonly (PtrRecord | TxtRecord)[]
}

const HEADER_BYTES = 12
const RESPONSE_FLAG = 0x80
/** Response, and authoritative: what every answer of multicast DNS has. */
const RESPONSE_FLAGS = 0x8400
const OPCODE_BITS = 0x78
const TYPE_PTR = 12
const TYPE_TXT = 16
const TYPE_ANY = 255
const CLASS_IN = 1
/** The first bit of a class says "answer me directly" or "forget what you knew". */
const CLASS_BITS = 0x7f_ff
const POINTER_BITS = 0xc0
const MAX_NAME_BYTES = 255
const MAX_LABEL_BYTES = 63
const MAX_TEXT_BYTES = 255

/** A malformed packet; never leaves this file. */
class Malformed extends Error {}

/** Reads a packet; undefined when it is malformed or over a limit. Names are in lower case, a dot in a label is `\.`. */
export function decodePacket(packet: Uint8Array): DnsQuery | DnsResponse | undefined {
  if (packet.byteLength < HEADER_BYTES || packet.byteLength > MDNS_LIMITS.maxPacketBytes) return undefined
  try {
    return new PacketReader(packet).read()
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

class PacketReader {
  readonly #bytes: Uint8Array
  readonly #buffer: Buffer
  #at = HEADER_BYTES

  constructor(bytes: Uint8Array) {
    // A plain one whatever came, since `slice` of a Buffer does not copy.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  read(): DnsQuery | DnsResponse {
    const flags = this.#bytes[2] as number
    if ((flags & OPCODE_BITS) !== 0) throw new Malformed()
    const [questions = 0, ...sections] = [4, 6, 8, 10].map((at) => this.#buffer.readUInt16BE(at))
    const records = sections.reduce((sum, count) => sum + count, 0)
    if (questions > MDNS_LIMITS.maxQuestions || records > MDNS_LIMITS.maxRecords) throw new Malformed()
    const names = this.#questions(questions)
    // What a query carries besides its questions is what the asker knows already, and of no use here.
    if ((flags & RESPONSE_FLAG) === 0) return { kind: 'query', names }
    return { kind: 'response', records: this.#records(records) }
  }

  #questions(count: number): string[] {
    const names: string[] = []
    for (let left = count; left > 0; left--) {
      const name = this.#name()
      const type = this.#uint16()
      const isIn = (this.#uint16() & CLASS_BITS) === CLASS_IN
      if (isIn && (type === TYPE_PTR || type === TYPE_ANY)) names.push(name)
    }
    return names
  }

  #records(count: number): (PtrRecord | TxtRecord)[] {
    const records: (PtrRecord | TxtRecord)[] = []
    for (let left = count; left > 0; left--) {
      const name = this.#name()
      const type = this.#uint16()
      const isIn = (this.#uint16() & CLASS_BITS) === CLASS_IN
      const ttlSeconds = this.#uint16() * 65_536 + this.#uint16()
      const end = this.#uint16() + this.#at
      if (end > this.#bytes.byteLength) throw new Malformed()
      if (isIn && type === TYPE_PTR) records.push({ type: 'PTR', name, ttlSeconds, target: this.#name() })
      else if (isIn && type === TYPE_TXT)
        records.push({ type: 'TXT', name, ttlSeconds, texts: this.#texts(end) })
      else this.#at = end
      if (this.#at !== end) throw new Malformed()
    }
    return records
  }

  #texts(end: number): Uint8Array[] {
    const texts: Uint8Array[] = []
    while (this.#at < end) {
      const start = this.#at + 1
      this.#at = start + this.#byte(this.#at)
      if (this.#at > end) throw new Malformed()
      texts.push(this.#bytes.subarray(start, this.#at))
    }
    return texts
  }

  /** The name here. A pointer leads back only, so that no name goes round in circles. */
  #name(): string {
    const labels: string[] = []
    let at = this.#at
    let end: number | undefined
    let lowest = at
    let length = 0
    let pointers = 0
    for (;;) {
      const head = this.#byte(at)
      if (head === 0) {
        this.#at = end ?? at + 1
        return labels.join('.')
      }
      if ((head & POINTER_BITS) === POINTER_BITS) {
        const target = ((head & ~POINTER_BITS) << 8) | this.#byte(at + 1)
        if (target >= lowest || target < HEADER_BYTES || ++pointers > MDNS_LIMITS.maxNamePointers) {
          throw new Malformed()
        }
        end ??= at + 2
        at = target
        lowest = target
        continue
      }
      length += head + 1
      if (head > MAX_LABEL_BYTES || length >= MAX_NAME_BYTES || at + 1 + head > this.#bytes.byteLength) {
        throw new Malformed()
      }
      const label = this.#buffer.toString('latin1', at + 1, at + 1 + head)
      labels.push(label.toLowerCase().replaceAll('.', String.raw`\.`))
      at += head + 1
    }
  }

  #byte(at: number): number {
    const byte = this.#bytes[at]
    if (byte === undefined) throw new Malformed()
    return byte
  }

  #uint16(): number {
    const value = this.#byte(this.#at) * 256 + this.#byte(this.#at + 1)
    this.#at += 2
    return value
  }
}

/** A question for the instances of a service, such as `_shoal._udp.local`. */
export function encodeQuery(service: string): Uint8Array {
  return Buffer.concat([header(0, [1, 0, 0, 0]), encodeName(service), uint16(TYPE_PTR), uint16(CLASS_IN)])
}

/** The answer of one instance of a service. @param texts of at most 255 bytes each */
export function encodeResponse(
  service: string,
  instance: string,
  texts: readonly string[],
  ttlSeconds: number,
): Uint8Array {
  const strings = texts
    .map((text) => Buffer.from(text))
    .filter(({ byteLength }) => byteLength <= MAX_TEXT_BYTES)
  const target = Buffer.concat([Uint8Array.of(instance.length), Buffer.from(instance), pointer(HEADER_BYTES)])
  const ptr = [encodeName(service), ...recordHead(TYPE_PTR, ttlSeconds, target.byteLength)]
  const targetAt = HEADER_BYTES + Buffer.concat(ptr).byteLength
  const txt = Buffer.concat(strings.flatMap((text) => [Uint8Array.of(text.byteLength), text]))
  return Buffer.concat([
    header(RESPONSE_FLAGS, [0, 1, 0, 1]),
    ...ptr,
    target,
    pointer(targetAt),
    ...recordHead(TYPE_TXT, ttlSeconds, txt.byteLength),
    txt,
  ])
}

function recordHead(type: number, ttlSeconds: number, length: number): Uint8Array[] {
  return [uint16(type), uint16(CLASS_IN), uint16(ttlSeconds >>> 16), uint16(ttlSeconds), uint16(length)]
}

/** An id, which multicast DNS leaves at 0, flags, and how many questions and records of each section follow. */
function header(flags: number, counts: readonly number[]): Uint8Array {
  return Buffer.concat([0, flags, ...counts].map(uint16))
}

function encodeName(name: string): Uint8Array {
  const labels = name.split('.').flatMap((label) => [Uint8Array.of(label.length), Buffer.from(label)])
  return Buffer.concat([...labels, Uint8Array.of(0)])
}

function pointer(at: number): Uint8Array {
  return uint16((POINTER_BITS << 8) | at)
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of((value >>> 8) & 0xff, value & 0xff)
}
