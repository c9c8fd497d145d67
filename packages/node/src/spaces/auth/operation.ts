/**
 * One operation of the auth log as it travels: `signature (64 bytes) || body`, where body is canonical dag-cbor
 * `{v, tag, prev, space, action, author}` and the signature is the author's over exactly the bytes of body. The tag
 * and the space are inside what is signed, so that nothing signed for another purpose or space passes here.
 *
 * The id is the sha-256 of the body, without the signature: who can make a second valid signature of the same body,
 * by malleability or by signing again, does not get a second operation out of it.
 */
import { encode } from '@ipld/dag-cbor'
import { CborReader } from '../../content/cbor.ts'
import { sha256 } from '../../content/cid.ts'
import { ShoalError, type ErrorCode } from '../../errors.ts'
import { actionToCbor, expectKey, fromHex, readAction, readDigests, readKey, toHex } from './action-codec.ts'
import type { Action, Hex } from './action.ts'
import { KEY_BYTES, SIGNATURE_BYTES, verifyStrictly } from '../ed25519.ts'
import { MAX_HEADS, MAX_NOTICE_OPERATION_BYTES, MAX_OPERATION_BYTES } from './limits.ts'

const VERSION = 1
const TAG = 'shoal/space/auth/1'
const REDEEM_TAG = Buffer.from('shoal/space/redeem/1')
const FIELDS = 6

/** What an author decides of an operation. */
export interface OperationFields {
  /** Id of the space; undefined in a genesis, whose id it will be. */
  readonly space: Hex | undefined
  readonly author: Hex
  /** All heads that the author knows, at most `MAX_HEADS`, ascending; empty in a genesis only. */
  readonly prev: readonly Hex[]
  readonly action: Action
}

export interface Operation extends OperationFields {
  /** sha-256 of the signed bytes. */
  readonly id: Hex
  /** As it travels, signature included. */
  readonly frame: Uint8Array
}

/**
 * Signs an operation.
 *
 * @param sign Ed25519 over the bytes, under the key of `fields.author`
 * @throws ShoalError ERR_OPTIONS_INVALID for what no reader would take
 */
export function encodeOperation(fields: OperationFields, sign: (bytes: Uint8Array) => Uint8Array): Operation {
  const body = encodeBody(fields)
  const bytes = Buffer.concat([sign(body), body])
  return read(bytes, 'ERR_OPTIONS_INVALID')
}

/** The bytes that are signed. */
export function encodeBody({ space, author, prev, action }: OperationFields): Uint8Array {
  return encode({
    v: VERSION,
    tag: TAG,
    prev: prev.map(fromHex),
    space: space === undefined ? new Uint8Array(0) : fromHex(space),
    action: actionToCbor(action),
    author: fromHex(author),
  })
}

/**
 * Reads an operation from a peer and checks its signature, and the proof in it if it redeems an invite.
 *
 * @throws ShoalError ERR_PROTOCOL when it is not exactly one valid operation, ERR_LIMIT when it is too long
 */
export function decodeOperation(bytes: Uint8Array): Operation {
  return read(bytes, 'ERR_PROTOCOL')
}

/**
 * Reads an operation that `decodeOperation` took before and that was kept since: its signature is not checked again.
 *
 * @throws ShoalError ERR_HOME_INVALID when it is none
 */
export function decodeKeptOperation(bytes: Uint8Array): Operation {
  return read(bytes, 'ERR_HOME_INVALID', true)
}

/** What the invite key signs for the device that redeems it: nobody else can use a proof that was seen. */
export function redeemProofBytes(space: Hex, device: Hex, nonce: Hex): Uint8Array {
  return Buffer.concat([REDEEM_TAG, fromHex(space), fromHex(device), fromHex(nonce)])
}

function read(bytes: Uint8Array, code: ErrorCode, isTrusted = false): Operation {
  if (bytes.byteLength > MAX_NOTICE_OPERATION_BYTES) throw tooLong()
  const body = bytes.subarray(SIGNATURE_BYTES)
  const reader = new CborReader(body, code, 'an operation of a space')
  const fields = readBody(reader)
  if (!('body' in fields.action) && bytes.byteLength > MAX_OPERATION_BYTES) throw tooLong()
  checkPlace(reader, fields)
  if (!isTrusted) checkSignatures(reader, fields, body, bytes.subarray(0, SIGNATURE_BYTES))
  return { ...fields, id: toHex(sha256(body)), frame: new Uint8Array(bytes) }
}

function readBody(reader: CborReader): OperationFields {
  if (reader.map() !== FIELDS) throw reader.fail('fields are missing or unknown')
  expectKey(reader, 'v')
  if (reader.uint() !== VERSION) throw reader.fail('an unknown version')
  expectKey(reader, 'tag')
  if (reader.text(TAG.length) !== TAG) throw reader.fail('signed for another purpose')
  expectKey(reader, 'prev')
  const prev = readDigests(reader, MAX_HEADS)
  expectKey(reader, 'space')
  const space = reader.bytes(KEY_BYTES)
  if (space.byteLength !== 0 && space.byteLength !== KEY_BYTES) throw reader.fail('expected 32 bytes or none')
  expectKey(reader, 'action')
  const action = readAction(reader)
  expectKey(reader, 'author')
  const author = readKey(reader)
  reader.end()
  return { prev, space: space.byteLength === 0 ? undefined : toHex(space), action, author }
}

/** Only a genesis stands at the beginning, and it names its author. */
function checkPlace(reader: CborReader, { space, prev, action, author }: OperationFields): void {
  const isFirst = action.type === 'genesis'
  if (isFirst !== (space === undefined) || isFirst !== (prev.length === 0))
    throw reader.fail('an operation that does not belong where it stands')
  if (action.type === 'genesis' && !action.founders.some((it) => it.key === author))
    throw reader.fail('a space whose author does not found it')
}

function checkSignatures(
  reader: CborReader,
  { space, author, action }: OperationFields,
  body: Uint8Array,
  signature: Uint8Array,
): void {
  if (!verifyStrictly(fromHex(author), body, signature)) throw reader.fail('its signature is wrong')
  if (action.type !== 'redeem') return
  const claim = redeemProofBytes(space as Hex, author, action.nonce)
  if (!verifyStrictly(fromHex(action.key), claim, fromHex(action.proof)))
    throw reader.fail('its proof of the invite is wrong')
}

function tooLong(): ShoalError {
  return new ShoalError('ERR_LIMIT', 'an operation of a space is too long')
}
