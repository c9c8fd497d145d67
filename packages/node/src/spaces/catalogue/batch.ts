/**
 * A batch: up to 256 operations under one Ed25519 signature, canonical dag-cbor.
 *
 * As it travels: signature (64 bytes) || signed bytes. Its id is the sha2-256 of the signed bytes, in which stand
 * what they are, the space and the author, so that they mean nothing anywhere else. Reading is strict: one batch has
 * exactly one form.
 */
import { encode } from '@ipld/dag-cbor'
import { CborReader } from '../../content/cbor.ts'
import { sha256 } from '../../content/cid.ts'
import { ShoalError } from '../../errors.ts'
import { MAX_BATCH_BYTES, MAX_BATCH_OPERATIONS, MAX_PARENTS } from './limits.ts'
import { operationToCbor, readOperation } from './operation-codec.ts'
import type { Operation } from './operations.ts'

const VERSION = 1
const TAG = 'shoal/space/batch'
/** Of ids, spaces and authors. */
export const ID_BYTES = 32
const SIGNATURE_BYTES = 64
/** In canonical order: shorter first, then by bytes. */
const KEYS = ['v', 'tag', 'body', 'space', 'author', 'lamport', 'parents', 'authHeads'] as const

export interface BatchFields {
  /** Id of the space, 32 bytes. */
  readonly space: Uint8Array
  /** Ed25519 public key, 32 bytes. */
  readonly author: Uint8Array
  /** One more than the greatest of the parents; 1 without any. */
  readonly lamport: number
  /** Ids of the batches before this one, in ascending order, 32 bytes each. */
  readonly parents: readonly Uint8Array[]
  /** Ids of auth operations, in ascending order, 32 bytes each. */
  readonly authHeads: readonly Uint8Array[]
  readonly operations: readonly Operation[]
}

/** A batch that was read. Its signature is not checked by that. */
export interface Batch extends BatchFields {
  readonly id: Uint8Array
  readonly signature: Uint8Array
  /** What the signature is over. */
  readonly signed: Uint8Array
}

/** Makes a signature of 64 bytes over `signed`. */
export type Sign = (signed: Uint8Array) => Uint8Array

/**
 * The batch as it travels.
 *
 * @throws ShoalError ERR_LIMIT when it is over 64 KiB, and whatever `decodeBatch` throws for what is in it
 */
export function encodeBatch(fields: BatchFields, sign: Sign): Uint8Array {
  const signed = encode({
    v: VERSION,
    tag: TAG,
    space: fields.space,
    author: fields.author,
    lamport: fields.lamport,
    parents: fields.parents,
    authHeads: fields.authHeads,
    body: fields.operations.map((operation) => operationToCbor(operation)),
  })
  const frame = new Uint8Array(SIGNATURE_BYTES + signed.length)
  frame.set(sign(signed), 0)
  frame.set(signed, SIGNATURE_BYTES)
  decodeBatch(frame)
  return frame
}

/**
 * Reads a batch that came from anybody. What it returns shares memory with `frame`.
 *
 * @throws ShoalError ERR_PROTOCOL for what is no batch, ERR_LIMIT for one that is over a bound, ERR_UNSAFE_NAME for
 *   one with a path that no device may create
 */
export function decodeBatch(frame: Uint8Array): Batch {
  if (frame.length > MAX_BATCH_BYTES) {
    throw new ShoalError('ERR_LIMIT', `a batch of a space has more than ${MAX_BATCH_BYTES} bytes`)
  }
  if (frame.length <= SIGNATURE_BYTES) throw new ShoalError('ERR_PROTOCOL', 'a batch of a space is cut off')
  const signed = frame.subarray(SIGNATURE_BYTES)
  const reader = new CborReader(signed, 'ERR_PROTOCOL', 'a batch of a space')
  if (reader.map() !== KEYS.length) throw reader.fail('it has other fields')
  readKey(reader, 'v')
  if (reader.uint() !== VERSION) throw reader.fail('a version that is not known')
  readKey(reader, 'tag')
  if (reader.text(TAG.length) !== TAG) throw reader.fail('it is something else')
  readKey(reader, 'body')
  const operations = readBody(reader)
  readKey(reader, 'space')
  const space = readId(reader)
  readKey(reader, 'author')
  const author = readId(reader)
  readKey(reader, 'lamport')
  const lamport = reader.uint()
  readKey(reader, 'parents')
  const parents = readIds(reader)
  readKey(reader, 'authHeads')
  const authHeads = readIds(reader)
  reader.end()
  if (lamport === 0 || (parents.length === 0 && lamport !== 1)) throw reader.fail('a wrong lamport')
  return {
    id: sha256(signed),
    signature: frame.subarray(0, SIGNATURE_BYTES),
    signed,
    space,
    author,
    lamport,
    parents,
    authHeads,
    operations,
  }
}

function readKey(reader: CborReader, expected: (typeof KEYS)[number]): void {
  if (reader.text(expected.length) !== expected) throw reader.fail(`expected ${expected}`)
}

function readBody(reader: CborReader): Operation[] {
  const count = reader.array()
  if (count === 0 || count > MAX_BATCH_OPERATIONS) {
    throw reader.fail(`not 1 to ${MAX_BATCH_OPERATIONS} operations`)
  }
  const operations: Operation[] = []
  for (let place = 0; place < count; place++) operations.push(readOperation(reader, place))
  return operations
}

function readId(reader: CborReader): Uint8Array {
  const id = reader.bytes(ID_BYTES)
  if (id.length !== ID_BYTES) throw reader.fail('an id has another length')
  return id
}

function readIds(reader: CborReader): Uint8Array[] {
  const count = reader.array()
  if (count > MAX_PARENTS) throw reader.fail(`more than ${MAX_PARENTS} ids`)
  const ids: Uint8Array[] = []
  for (let i = 0; i < count; i++) {
    const id = readId(reader)
    const before = ids.at(-1)
    if (before !== undefined && Buffer.compare(before, id) >= 0) throw reader.fail('ids are out of order')
    ids.push(id)
  }
  return ids
}
