/** The messages of the transfer protocol, decoded from and encoded to headers. Everything decoded is untrusted. */
import { encode } from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { CborReader } from '../../content/cbor.ts'
import { decodeCid } from '../../content/cid.ts'
import { ShoalError, isShoalError } from '../../errors.ts'
import {
  MAX_ADDRESSES,
  MAX_ADDRESS_BYTES,
  MAX_BLOCKS,
  MAX_CIDS,
  MAX_CID_BYTES,
  MAX_NUMBERS,
  MAX_PAYLOAD_BYTES,
  MAX_PEERS,
  MAX_PEER_ID_BYTES,
  MAX_RETRY_MS,
  NONCE_BYTES,
} from '../constants.ts'

export type NoReason = 'missing' | 'gone' | 'changed' | 'busy'
export type ByeReason = 'unknown' | 'done' | 'protocol' | 'duplicate' | 'shutdown'

export interface PeerHint {
  /** Binary peer id. */
  readonly id: Uint8Array
  /** Binary multiaddrs. */
  readonly a: readonly Uint8Array[]
}

export type Message =
  | { readonly t: 'hello'; v: number; pk: Uint8Array; nonce: Uint8Array; mac?: Uint8Array }
  | { readonly t: 'proof'; mac: Uint8Array }
  | { readonly t: 'have'; total: number; all: true }
  | { readonly t: 'have'; from: number; n: number }
  | { readonly t: 'have'; i: readonly number[] }
  | { readonly t: 'want' | 'cancel'; i: readonly number[] }
  | { readonly t: 'get'; c: readonly CID[] }
  | { readonly t: 'block'; i: number; n: number }
  | { readonly t: 'cid'; c: CID; n: number }
  | { readonly t: 'no'; i?: number; c?: CID; why: NoReason; retryMs?: number }
  | { readonly t: 'peers'; p: readonly PeerHint[] }
  | { readonly t: 'bye'; why: ByeReason }
  /** A message of a later minor version: skipped. */
  | { readonly t: 'unknown'; n: number }

const NO_REASONS: ReadonlySet<string> = new Set(['missing', 'gone', 'changed', 'busy'])
const BYE_REASONS: ReadonlySet<string> = new Set(['unknown', 'done', 'protocol', 'duplicate', 'shutdown'])
const MAX_FIELDS = 16
const MAX_WORD_BYTES = 32
/** Levels of an unknown field's value that are read over. */
const MAX_UNKNOWN_DEPTH = 4
/** Items in an unknown field's value. */
const MAX_UNKNOWN_ITEMS = 1_024

/** Bytes of payload that follow the header of `message`. */
export function payloadBytes(message: Message): number {
  return 'n' in message ? message.n : 0
}

export function encodeMessage(message: Message): Uint8Array {
  return encode(message)
}

/** All fields that any message has, as far as the header carried them. */
interface Fields {
  t?: string
  v?: number
  n?: number
  i?: number | readonly number[]
  c?: CID | readonly CID[]
  p?: readonly PeerHint[]
  pk?: Uint8Array
  all?: boolean
  mac?: Uint8Array
  why?: string
  from?: number
  nonce?: Uint8Array
  total?: number
  retryMs?: number
}

/** @throws ShoalError ERR_PROTOCOL when the header is no message of this protocol */
export function decodeMessage(header: Uint8Array): Message {
  try {
    return shape(readFields(new CborReader(header, 'ERR_PROTOCOL', 'message')))
  } catch (error) {
    if (isShoalError(error, 'ERR_CONTENT_INVALID')) throw malformed('a content identifier')
    throw error
  }
}

function readFields(reader: CborReader): Fields {
  const fields: Fields = {}
  const count = reader.map()
  if (count > MAX_FIELDS) throw malformed('too many fields')
  let previous = ''
  for (let k = 0; k < count; k++) {
    const key = reader.text(MAX_WORD_BYTES)
    if (k > 0 && !canonicallyBefore(previous, key)) throw malformed('fields out of order')
    previous = key
    readField(reader, key, fields)
  }
  reader.end()
  return fields
}

function readField(reader: CborReader, key: string, fields: Fields): void {
  switch (key) {
    case 't':
      fields.t = reader.text(MAX_WORD_BYTES)
      return
    case 'why':
      fields.why = reader.text(MAX_WORD_BYTES)
      return
    case 'v':
      fields.v = reader.uint()
      return
    case 'n':
      fields.n = bounded(reader.uint(), MAX_PAYLOAD_BYTES)
      return
    case 'from':
      fields.from = bounded(reader.uint(), MAX_BLOCKS - 1)
      return
    case 'total':
      fields.total = bounded(reader.uint(), MAX_BLOCKS)
      return
    case 'retryMs':
      fields.retryMs = bounded(reader.uint(), MAX_RETRY_MS)
      return
    case 'all':
      fields.all = reader.bool()
      return
    case 'pk':
    case 'nonce':
    case 'mac':
      fields[key] = fixed(reader, NONCE_BYTES)
      return
    case 'i':
      fields.i = reader.peek() === 'array' ? readNumbers(reader) : bounded(reader.uint(), MAX_BLOCKS - 1)
      return
    case 'c':
      fields.c = reader.peek() === 'array' ? readCids(reader) : readCid(reader)
      return
    case 'p':
      fields.p = readPeers(reader)
      return
    default:
      reader.skip(MAX_UNKNOWN_DEPTH, MAX_UNKNOWN_ITEMS)
  }
}

function readNumbers(reader: CborReader): number[] {
  const count = bounded(reader.array(), MAX_NUMBERS)
  const numbers: number[] = []
  for (let k = 0; k < count; k++) numbers.push(bounded(reader.uint(), MAX_BLOCKS - 1))
  return numbers
}

function readCid(reader: CborReader): CID {
  const bytes = reader.link()
  if (bytes.byteLength > MAX_CID_BYTES) throw malformed('a content identifier')
  // A copy: the view is into a buffer that is used again.
  return decodeCid(bytes.slice())
}

function readCids(reader: CborReader): CID[] {
  const count = bounded(reader.array(), MAX_CIDS)
  const cids: CID[] = []
  for (let k = 0; k < count; k++) cids.push(readCid(reader))
  return cids
}

function readPeers(reader: CborReader): PeerHint[] {
  const count = bounded(reader.array(), MAX_PEERS)
  const peers: PeerHint[] = []
  for (let k = 0; k < count; k++) {
    if (reader.map() !== 2 || reader.text(2) !== 'a') throw malformed('a peer')
    const addresses = bounded(reader.array(), MAX_ADDRESSES)
    const a: Uint8Array[] = []
    for (let j = 0; j < addresses; j++) a.push(reader.bytes(MAX_ADDRESS_BYTES).slice())
    if (reader.text(2) !== 'id') throw malformed('a peer')
    peers.push({ id: reader.bytes(MAX_PEER_ID_BYTES).slice(), a })
  }
  return peers
}

function shape(f: Fields): Message {
  switch (f.t) {
    case 'hello':
      return {
        t: 'hello',
        v: need(f.v),
        pk: need(f.pk),
        nonce: need(f.nonce),
        ...(f.mac === undefined ? {} : { mac: f.mac }),
      }
    case 'proof':
      return { t: 'proof', mac: need(f.mac) }
    case 'have':
      if (f.all === true) return { t: 'have', total: need(f.total), all: true }
      if (f.from !== undefined) return { t: 'have', from: f.from, n: need(f.n) }
      return { t: 'have', i: list(f.i) }
    case 'want':
    case 'cancel':
      return { t: f.t, i: list(f.i) }
    case 'get':
      if (!Array.isArray(f.c)) throw malformed('get')
      return { t: 'get', c: f.c }
    case 'block':
      return { t: 'block', i: single(f.i), n: need(f.n) }
    case 'cid':
      return { t: 'cid', c: singleCid(f.c), n: need(f.n) }
    case 'no': {
      const why = need(f.why)
      if (!NO_REASONS.has(why) || (f.i === undefined) === (f.c === undefined)) throw malformed('no')
      const retry = f.retryMs === undefined ? {} : { retryMs: f.retryMs }
      const about = f.i === undefined ? { c: singleCid(f.c) } : { i: single(f.i) }
      return { t: 'no', ...about, why: why as NoReason, ...retry }
    }
    case 'peers':
      return { t: 'peers', p: need(f.p) }
    case 'bye':
      // A reason of a later version still ends the stream.
      return { t: 'bye', why: BYE_REASONS.has(need(f.why)) ? (f.why as ByeReason) : 'done' }
    case undefined:
      throw malformed('a message without a type')
    default:
      return { t: 'unknown', n: f.n ?? 0 }
  }
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw malformed('a field is missing')
  return value
}

function list(value: number | readonly number[] | undefined): readonly number[] {
  if (!Array.isArray(value)) throw malformed('a list of blocks')
  return value
}

function single(value: number | readonly number[] | undefined): number {
  if (typeof value !== 'number') throw malformed('a block number')
  return value
}

function singleCid(value: CID | readonly CID[] | undefined): CID {
  if (value === undefined || Array.isArray(value)) throw malformed('a content identifier')
  return value as CID
}

function bounded(value: number, max: number): number {
  if (value > max) throw malformed(`${value} is over ${max}`)
  return value
}

function fixed(reader: CborReader, length: number): Uint8Array {
  const bytes = reader.bytes(length)
  if (bytes.byteLength !== length) throw malformed('a field has a wrong length')
  return bytes.slice()
}

/** Map keys in dag-cbor stand shorter first, then by bytes; none twice. */
function canonicallyBefore(a: string, b: string): boolean {
  return a.length === b.length ? a < b : a.length < b.length
}

function malformed(what: string): ShoalError {
  return new ShoalError('ERR_PROTOCOL', `malformed message from a peer: ${what}`)
}
