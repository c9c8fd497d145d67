/**
 * What members say of themselves and each other, signed, so that it can be passed on:
 *
 *     signature (64 bytes) || body        body = canonical dag-cbor {i, m, t, ...}
 *
 * The signature is that of the speaker's author key over `bind(label, space, body)`: of nothing else and for no other
 * space. A suspicion is its accuser's, everything else that of the member that it is about.
 */
import { encode } from '@ipld/dag-cbor'
import { CborReader } from '../../content/cbor.ts'
import { ShoalError } from '../../errors.ts'
import { KEY_BYTES, SIGNATURE_BYTES } from '../ed25519.ts'
import { expectKey, fromHex, readDigest } from '../auth/action-codec.ts'
import type { Hex } from '../auth/action.ts'
import { bind } from '../keys/derive.ts'
import {
  MAX_ADDRESSES,
  MAX_ADDRESS_BYTES,
  MAX_FREE_CLASS,
  MAX_STATEMENT_BYTES,
  MAX_TAGS,
  STATE_BYTES,
  TAG_BYTES,
} from './limits.ts'

const LABEL = 'shoal/space/presence/1'
const MAX_WORD_BYTES = 8

/** What a member tells of itself now and then. */
export interface BeaconContent {
  /** Ed25519 public key of its peer id, 32 bytes. */
  readonly peerKey: Uint8Array
  /** Binary multiaddrs without the peer id, at most `MAX_ADDRESSES`. */
  readonly addresses: readonly Uint8Array[]
  /** The first 16 bytes of the state hash of its catalogue; none before it has one. */
  readonly state: Uint8Array
  /** Class of its free space: 0 is less than 1 GiB, k at least 4^(k-1) GiB. */
  readonly free: number
  /** Does it serve everything that is in the space? */
  readonly servesAll: boolean
  /** The first 8 bytes of the provider keys of what it serves, the newest first, at most `MAX_TAGS`. */
  readonly tags: readonly Uint8Array[]
}

interface About {
  readonly member: Hex
  /** Grows with each start of the member, and each time that it has to say that it is alive. */
  readonly incarnation: number
}

export interface Alive extends About {
  readonly type: 'alive'
}
/** It stops in order. */
export interface Gone extends About {
  readonly type: 'gone'
}
export interface Suspect extends About {
  readonly type: 'suspect'
  readonly by: Hex
}
export interface Beacon extends About {
  readonly type: 'beacon'
  /** Grows with each beacon of one incarnation. */
  readonly sequence: number
  readonly content: BeaconContent
}
export type Said = Alive | Gone | Suspect | Beacon
/** With the bytes that travel. */
export type Statement = Said & { readonly frame: Uint8Array }

export function speakerOf(said: Said): Hex {
  return said.type === 'suspect' ? said.by : said.member
}

export function encodeBody(said: Said): Uint8Array {
  const about = { i: said.incarnation, m: fromHex(said.member), t: said.type }
  switch (said.type) {
    case 'alive':
    case 'gone':
      return encode(about)
    case 'suspect':
      return encode({ ...about, b: fromHex(said.by) })
    case 'beacon':
      return encode({ ...about, ...fieldsOf(said.content), q: said.sequence })
  }
}

/** The content of a beacon by itself, to be compared. */
export function encodeContent(content: BeaconContent): Uint8Array {
  return encode(fieldsOf(content))
}

function fieldsOf({
  peerKey,
  addresses,
  state,
  free,
  servesAll,
  tags,
}: BeaconContent): Record<string, unknown> {
  return { a: addresses, f: free, h: state, k: peerKey, v: tags, w: servesAll }
}

/** What is signed for a body. */
export function messageOf(space: Uint8Array, body: Uint8Array): Uint8Array {
  return bind(LABEL, space, body)
}

export function frameOf(signature: Uint8Array, body: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([signature, body]))
}

export function bodyOf(frame: Uint8Array): Uint8Array {
  return frame.subarray(SIGNATURE_BYTES)
}

export function signatureOf(frame: Uint8Array): Uint8Array {
  return frame.subarray(0, SIGNATURE_BYTES)
}

/**
 * Reads a statement. Whether the signature is right is not asked, since most that comes is known already.
 *
 * @throws ShoalError ERR_PROTOCOL when it is none
 */
export function decodeStatement(untrusted: Uint8Array): Statement {
  if (untrusted.byteLength > MAX_STATEMENT_BYTES)
    throw new ShoalError('ERR_PROTOCOL', 'a statement of a member is too long')
  // A copy: it is kept for longer than the message that it came in.
  const frame = new Uint8Array(untrusted)
  const reader = new CborReader(bodyOf(frame), 'ERR_PROTOCOL', 'a statement of a member')
  const said = readSaid(reader)
  reader.end()
  return { ...said, frame }
}

function readSaid(reader: CborReader): Said {
  const fields = reader.map()
  if (fields === 3) {
    const about = readAbout(reader)
    const type = readType(reader)
    if (type !== 'alive' && type !== 'gone') throw reader.fail('an unknown kind')
    return { type, ...about }
  }
  if (fields === 4) {
    expectKey(reader, 'b')
    const by = readDigest(reader)
    const about = readAbout(reader)
    if (readType(reader) !== 'suspect') throw reader.fail('an unknown kind')
    if (by === about.member) throw reader.fail('a member suspects itself')
    return { type: 'suspect', by, ...about }
  }
  if (fields !== 10) throw reader.fail('fields are missing or unknown')
  expectKey(reader, 'a')
  const addresses = readList(reader, MAX_ADDRESSES, () => reader.bytes(MAX_ADDRESS_BYTES))
  expectKey(reader, 'f')
  const free = reader.uint()
  if (free > MAX_FREE_CLASS) throw reader.fail('an unknown class of free space')
  expectKey(reader, 'h')
  const state = reader.bytes(STATE_BYTES)
  if (state.byteLength !== 0 && state.byteLength !== STATE_BYTES)
    throw reader.fail('a hash of another length')
  const about = readAbout(reader, () => {
    expectKey(reader, 'k')
    return readBytes(reader, KEY_BYTES)
  })
  expectKey(reader, 'q')
  const sequence = reader.uint()
  if (readType(reader) !== 'beacon') throw reader.fail('an unknown kind')
  expectKey(reader, 'v')
  const tags = readList(reader, MAX_TAGS, () => readBytes(reader, TAG_BYTES))
  expectKey(reader, 'w')
  const servesAll = reader.bool()
  const { between: peerKey, member, incarnation } = about
  const content = { peerKey, addresses, state, free, servesAll, tags }
  return { type: 'beacon', member, incarnation, sequence, content }
}

/** `i` and `m`, which every body has, and what stands between them. */
function readAbout(reader: CborReader): About
function readAbout(reader: CborReader, readBetween: () => Uint8Array): About & { between: Uint8Array }
function readAbout(reader: CborReader, readBetween?: () => Uint8Array): About & { between?: Uint8Array } {
  expectKey(reader, 'i')
  const incarnation = reader.uint()
  if (incarnation === 0) throw reader.fail('an incarnation of 0')
  const between = readBetween?.()
  expectKey(reader, 'm')
  const member = readDigest(reader)
  return { member, incarnation, ...(between === undefined ? {} : { between }) }
}

function readType(reader: CborReader): string {
  expectKey(reader, 't')
  return reader.text(MAX_WORD_BYTES)
}

function readList<T>(reader: CborReader, most: number, read: () => T): T[] {
  const count = reader.array()
  if (count > most) throw reader.fail(`more than ${most} in a list`)
  return Array.from({ length: count }, read)
}

function readBytes(reader: CborReader, length: number): Uint8Array {
  const bytes = reader.bytes(length)
  if (bytes.byteLength !== length) throw reader.fail(`expected ${length} bytes`)
  return bytes
}
