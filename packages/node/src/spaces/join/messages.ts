/**
 * What two devices say to each other while one lets in the other: canonical dag-cbor, one map each, whose `t` says which. Every
 * field is bounded, none is unknown, none missing.
 */
import { encode } from '@ipld/dag-cbor'
import { CborReader } from '../../content/cbor.ts'
import { KEY_BYTES } from '../keys/derive.ts'
import { MAX_DEVICE_NAME_BYTES, MAX_HANDED_BACK, MAX_PAGE_MESSAGE_BYTES, PAGE_OPERATIONS } from './limits.ts'

export const VERSION = 1
const SIGNATURE_BYTES = 64

/** Why who proved that it was invited is not let in. */
export const REASONS = ['busy', 'cannot', 'expired', 'late', 'over', 'refused'] as const
export type Reason = (typeof REASONS)[number]

export type JoinMessage =
  /** Who asks begins: by which invitation, without saying so to who does not know it. */
  | { readonly t: 'ask'; readonly v: number; readonly find: Uint8Array; readonly nonce: Uint8Array }
  /** The same to everybody. */
  | { readonly t: 'nonce'; readonly nonce: Uint8Array }
  /** From here on all is sealed. */
  | {
      readonly t: 'prove'
      readonly author: Uint8Array
      readonly sealing: Uint8Array
      readonly byInvite: Uint8Array
      readonly byAuthor: Uint8Array
      readonly commitment: Uint8Array
      /** What the device calls itself. */
      readonly name: string
    }
  | {
      readonly t: 'compare'
      readonly author: Uint8Array
      readonly sealing: Uint8Array
      readonly nonce: Uint8Array
    }
  | { readonly t: 'reveal'; readonly nonce: Uint8Array }
  | { readonly t: 'no'; readonly why: Reason }
  /** The log may be asked for; `redeem`: the rest is for who joins to do. */
  | { readonly t: 'welcome'; readonly redeem: boolean }
  | { readonly t: 'more'; readonly from: number }
  /** Operations from the one that was asked for on, and how many there are now. */
  | { readonly t: 'page'; readonly total: number; readonly frames: readonly Uint8Array[] }
  | { readonly t: 'redeemed'; readonly frames: readonly Uint8Array[] }
  | { readonly t: 'taken' }

export type MessageKind = JoinMessage['t']

type Value = Uint8Array | readonly Uint8Array[] | string | number | boolean
type Kind = 'key' | 'signature' | 'name' | 'reason' | 'number' | 'flag' | 'page' | 'few'

/** Letters of the fields, as they travel in that order: one letter each, so ordered alike as text and as bytes. */
const FIELDS: {
  readonly [K in MessageKind]: readonly (readonly [letter: string, name: string, kind: Kind])[]
} = {
  ask: [
    ['f', 'find', 'key'],
    ['n', 'nonce', 'key'],
    ['v', 'v', 'number'],
  ],
  nonce: [['n', 'nonce', 'key']],
  prove: [
    ['a', 'author', 'key'],
    ['c', 'commitment', 'key'],
    ['i', 'byInvite', 'signature'],
    ['n', 'name', 'name'],
    ['p', 'byAuthor', 'signature'],
    ['s', 'sealing', 'key'],
  ],
  compare: [
    ['a', 'author', 'key'],
    ['n', 'nonce', 'key'],
    ['s', 'sealing', 'key'],
  ],
  reveal: [['n', 'nonce', 'key']],
  no: [['w', 'why', 'reason']],
  welcome: [['r', 'redeem', 'flag']],
  more: [['i', 'from', 'number']],
  page: [
    ['f', 'frames', 'page'],
    ['l', 'total', 'number'],
  ],
  redeemed: [['f', 'frames', 'few']],
  taken: [],
}

export function encodeMessage(message: JoinMessage): Uint8Array {
  const values = message as unknown as Readonly<Record<string, Value>>
  const fields = FIELDS[message.t].map(([letter, name]) => [letter, values[name]] as const)
  return encode(Object.fromEntries([...fields, ['t', message.t]]))
}

/** Reads what came from a peer. @throws ShoalError ERR_PROTOCOL */
export function decodeMessage(untrusted: Uint8Array): JoinMessage {
  const reader = new CborReader(untrusted, 'ERR_PROTOCOL', 'what a device says that joins or lets in')
  const values = new Map<string, Value>()
  // Which fields there are is known once `t` was read, which comes after most of them.
  const fields = FIELDS[kindOf(untrusted)]
  const expected = [...fields, ['t', 't', undefined] as const].toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (reader.map() !== expected.length) throw reader.fail('it has other fields')
  let previous: string | undefined
  for (const [letter, name, kind] of expected) {
    previous = reader.key(previous, 1)
    if (previous !== letter) throw reader.fail('it has other fields')
    values.set(name, kind === undefined ? reader.text(8) : read(reader, kind))
  }
  reader.end()
  return Object.fromEntries(values) as unknown as JoinMessage
}

/** Looks over the whole message for its kind. */
function kindOf(untrusted: Uint8Array): MessageKind {
  const reader = new CborReader(untrusted, 'ERR_PROTOCOL', 'what a device says that joins or lets in')
  let previous: string | undefined
  for (let left = reader.map(); left > 0; left--) {
    previous = reader.key(previous, 1)
    if (previous !== 't') {
      reader.skip(1, PAGE_OPERATIONS + 1)
      continue
    }
    const text = reader.text(8)
    if (Object.hasOwn(FIELDS, text)) return text as MessageKind
    break
  }
  throw reader.fail('it is of an unknown kind')
}

function read(reader: CborReader, kind: Kind): Value {
  switch (kind) {
    case 'key':
      return exactly(reader, KEY_BYTES)
    case 'signature':
      return exactly(reader, SIGNATURE_BYTES)
    case 'name':
      return reader.text(MAX_DEVICE_NAME_BYTES)
    case 'number':
      return reader.uint()
    case 'flag':
      return reader.bool()
    case 'page':
      return frames(reader, PAGE_OPERATIONS)
    case 'few':
      return frames(reader, MAX_HANDED_BACK)
    case 'reason': {
      const text = reader.text(8)
      if (!REASONS.some((reason) => reason === text)) throw reader.fail('a reason is unknown')
      return text
    }
  }
}

/** A copy, since what it was read from is used again. */
function exactly(reader: CborReader, length: number): Uint8Array {
  const bytes = reader.bytes(length)
  if (bytes.byteLength !== length) throw reader.fail(`less than ${length} bytes`)
  return bytes.slice()
}

function frames(reader: CborReader, most: number): Uint8Array[] {
  const count = reader.array()
  if (count > most) throw reader.fail('it has too many operations')
  return Array.from({ length: count }, () => reader.bytes(MAX_PAGE_MESSAGE_BYTES).slice())
}
