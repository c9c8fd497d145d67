/** The messages between two members, as canonical dag-cbor; docs/protocol/space-membership.md has every field. */
import { encode } from '@ipld/dag-cbor'
import { CborReader } from '../../content/cbor.ts'
import { ShoalError } from '../../errors.ts'
import { expectKey, fromHex, readDigest } from '../auth/action-codec.ts'
import type { Hex } from '../auth/action.ts'
import { MAX_LIST_BYTES, MAX_MESSAGE_BYTES, MAX_STATEMENT_BYTES, MAX_STATEMENTS } from './limits.ts'

/** Whether who pings wants to be a neighbour: no, yes, or it has hardly any. */
export type Wish = 0 | 1 | 2

interface Carrying {
  /** Statements (statement.ts) that go along. */
  readonly told: readonly Uint8Array[]
}
export interface Ping extends Carrying {
  readonly type: 'ping'
  readonly id: number
  readonly wish: Wish
}
export interface Ack extends Carrying {
  readonly type: 'ack'
  readonly id: number
  /** Does who answers count who asked among its neighbours? */
  readonly isNeighbour: boolean
}
/** Probe this member for me. */
export interface Ask extends Carrying {
  readonly type: 'ask'
  readonly id: number
  readonly member: Hex
}
/** Who was asked heard nothing. */
export interface Nack extends Carrying {
  readonly type: 'nack'
  readonly id: number
}
/** Beacons that this node has; the answer has others. */
export interface Mix extends Carrying {
  readonly type: 'mix'
  readonly isAnswer: boolean
}
/** Who is there, as this node sees it: bits in the order of the keys of all members. */
export interface List extends Carrying {
  readonly type: 'list'
  /** The first 8 bytes of sha-256 over those keys. */
  readonly of: Uint8Array
  readonly online: Uint8Array
}
export interface Told extends Carrying {
  readonly type: 'told'
  /** It answers a list: most of it is news to nobody else. */
  readonly isAnswer: boolean
}
export type Message = Ping | Ack | Ask | Nack | Mix | List | Told

export const LIST_ID_BYTES = 8
const MAX_WORD_BYTES = 8
const MAX_ID = 0xffff_ffff

export function encodeMessage(message: Message): Uint8Array {
  const head = { r: message.told, t: message.type }
  switch (message.type) {
    case 'ping':
      return encode({ ...head, n: message.id, w: message.wish })
    case 'ack':
      return encode({ ...head, n: message.id, w: message.isNeighbour })
    case 'ask':
      return encode({ ...head, n: message.id, m: fromHex(message.member) })
    case 'nack':
      return encode({ ...head, n: message.id })
    case 'mix':
    case 'told':
      return encode({ ...head, a: message.isAnswer })
    case 'list':
      return encode({ ...head, h: message.of, o: message.online })
  }
}

/** @throws ShoalError ERR_PROTOCOL when it is none; the statements in it are not looked at */
export function decodeMessage(untrusted: Uint8Array): Message {
  if (untrusted.byteLength > MAX_MESSAGE_BYTES)
    throw new ShoalError('ERR_PROTOCOL', 'a message of a member is too long')
  const reader = new CborReader(untrusted, 'ERR_PROTOCOL', 'a message of a member')
  const message = readMessage(reader)
  reader.end()
  return message
}

/** What stands first in the map tells the kind nearly, and `t` has to agree. */
function readMessage(reader: CborReader): Message {
  const fields = reader.map()
  const first = reader.text(MAX_WORD_BYTES)
  if (first === 'a' && fields === 3) {
    const isAnswer = reader.bool()
    const told = readNextTold(reader)
    expectKey(reader, 't')
    const type = reader.text(MAX_WORD_BYTES)
    if (type !== 'mix' && type !== 'told') throw reader.fail('an unknown kind')
    return { type, isAnswer, told }
  }
  if (first === 'h' && fields === 4) {
    const of = reader.bytes(LIST_ID_BYTES)
    if (of.byteLength !== LIST_ID_BYTES) throw reader.fail(`expected ${LIST_ID_BYTES} bytes`)
    expectKey(reader, 'o')
    const online = reader.bytes(MAX_LIST_BYTES)
    const told = readNextTold(reader)
    return { type: readType(reader, 'list'), of, online, told }
  }
  if (first === 'm' && fields === 4) {
    const member = readDigest(reader)
    expectKey(reader, 'n')
    const id = readId(reader)
    const told = readNextTold(reader)
    return { type: readType(reader, 'ask'), id, member, told }
  }
  if (first !== 'n' || fields > 4) throw reader.fail('fields are missing or unknown')
  return readNumbered(reader, fields)
}

function readNumbered(reader: CborReader, fields: number): Message {
  const id = readId(reader)
  const told = readNextTold(reader)
  if (fields === 3) return { type: readType(reader, 'nack'), id, told }
  if (fields !== 4) throw reader.fail('fields are missing or unknown')
  expectKey(reader, 't')
  const type = reader.text(MAX_WORD_BYTES)
  expectKey(reader, 'w')
  if (type === 'ack') return { type, id, isNeighbour: reader.bool(), told }
  if (type !== 'ping') throw reader.fail('an unknown kind')
  const wish = reader.uint()
  if (wish > 2) throw reader.fail('an unknown wish')
  return { type, id, wish: wish as Wish, told }
}

function readId(reader: CborReader): number {
  const id = reader.uint()
  if (id > MAX_ID) throw reader.fail('a number is too large')
  return id
}

function readNextTold(reader: CborReader): Uint8Array[] {
  expectKey(reader, 'r')
  const count = reader.array()
  if (count > MAX_STATEMENTS) throw reader.fail('it carries too much')
  return Array.from({ length: count }, () => reader.bytes(MAX_STATEMENT_BYTES))
}

function readType<T extends string>(reader: CborReader, type: T): T {
  expectKey(reader, 't')
  if (reader.text(MAX_WORD_BYTES) !== type) throw reader.fail('an unknown kind')
  return type
}
