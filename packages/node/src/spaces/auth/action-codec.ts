/** Actions as dag-cbor maps and back; docs/protocol/space-auth.md has every field. */
import type { CborReader } from '../../content/cbor.ts'
import type { Action, Founder, GivenRole, Hex } from './action.ts'
import { KEY_BYTES, SIGNATURE_BYTES, isStrictPoint } from '../ed25519.ts'
import {
  MAX_GENESIS_FOUNDERS,
  MAX_INVITE_USES,
  MAX_NOTICE_BYTES,
  MAX_PINNED_HEADS,
  MAX_SPACE_NAME_BYTES,
} from './limits.ts'
import { MANAGE, ROLES, WRITE, levelOf } from './roles.ts'

const MODES = ['instant', 'approval'] as const
const NO_INVITE = new Uint8Array(0)
/** Letters of the longest type and key. */
const MAX_WORD_BYTES = 16

/** What dag-cbor writes, keys in its own order, for `action`. */
export function actionToCbor(action: Action): Record<string, unknown> {
  const t = action.type
  switch (action.type) {
    case 'genesis': {
      const founders = action.founders.map((it) => [fromHex(it.key), fromHex(it.sealing)])
      return { t, name: action.name, nonce: fromHex(action.nonce), agreement: action.agreement, founders }
    }
    case 'admit': {
      const invite = action.invite === undefined ? NO_INVITE : fromHex(action.invite)
      return { t, role: levelOf(action.role), invite, ...device(action) }
    }
    case 'role':
      return {
        t,
        role: levelOf(action.role),
        after: action.after.map(fromHex),
        member: fromHex(action.member),
      }
    case 'remove':
      return { t, after: action.after.map(fromHex), member: fromHex(action.member) }
    case 'leave':
      return { t, after: action.after.map(fromHex) }
    case 'invite': {
      const { uses, expiresMs: expires } = action
      return {
        t,
        key: fromHex(action.key),
        role: levelOf(action.role),
        uses,
        expires,
        mode: MODES.indexOf(action.mode),
      }
    }
    case 'revoke':
      return { t, invite: fromHex(action.invite) }
    case 'redeem': {
      const { invite, key, nonce, proof, sealing } = action
      return {
        t,
        invite: fromHex(invite),
        key: fromHex(key),
        nonce: fromHex(nonce),
        proof: fromHex(proof),
        sealing: fromHex(sealing),
      }
    }
    case 'epoch':
    case 'reseal':
      return { t, body: action.body }
    case 'founder':
      return { t, ...device(action) }
    case 'rename':
      return { t, name: action.name }
  }
}

/** Reads the action that begins where `reader` stands; what is wrong is thrown as the reader's code. */
export function readAction(reader: CborReader): Action {
  const fields = reader.map()
  expectKey(reader, 't')
  const type = reader.text(MAX_WORD_BYTES)
  const expected = FIELDS.get(type)
  if (expected === undefined) throw reader.fail('an action of an unknown kind')
  if (fields !== expected) throw reader.fail('an action has other fields than its kind')
  return readFields(reader, type as Action['type'])
}

/** Keys of the map of each kind, `t` among them. */
const FIELDS: ReadonlyMap<string, number> = new Map<Action['type'], number>([
  ['genesis', 5],
  ['admit', 5],
  ['role', 4],
  ['remove', 3],
  ['leave', 2],
  ['invite', 6],
  ['revoke', 2],
  ['redeem', 6],
  ['epoch', 2],
  ['reseal', 2],
  ['founder', 3],
  ['rename', 2],
])

/** Canonical dag-cbor leaves exactly one order of the keys: shorter first, then by bytes. */
function readFields(reader: CborReader, type: Action['type']): Action {
  switch (type) {
    case 'genesis': {
      const name = field(reader, 'name', readName)
      const nonce = field(reader, 'nonce', readDigest)
      const founders = field(reader, 'founders', readFounders)
      return { type, name, nonce, founders, agreement: field(reader, 'agreement', readAgreement) }
    }
    case 'admit': {
      const role = field(reader, 'role', readRole)
      const invite = field(reader, 'invite', readInvite)
      return { type, role, invite, ...readDevice(reader) }
    }
    case 'role': {
      const role = field(reader, 'role', readRole)
      const after = field(reader, 'after', readPinned)
      return { type, role, after, member: field(reader, 'member', readKey) }
    }
    case 'remove': {
      const after = field(reader, 'after', readPinned)
      return { type, after, member: field(reader, 'member', readKey) }
    }
    case 'leave':
      return { type, after: field(reader, 'after', readPinned) }
    case 'invite':
      return readInviteFields(reader)
    case 'revoke':
      return { type, invite: field(reader, 'invite', readDigest) }
    case 'redeem': {
      const key = field(reader, 'key', readKey)
      const nonce = field(reader, 'nonce', readDigest)
      const proof = field(reader, 'proof', readSignature)
      const invite = field(reader, 'invite', readDigest)
      return { type, key, nonce, proof, invite, sealing: field(reader, 'sealing', readDigest) }
    }
    case 'epoch':
    case 'reseal':
      // A copy: the frame that it came in is not kept.
      return { type, body: field(reader, 'body', (it) => it.bytes(MAX_NOTICE_BYTES)).slice() }
    case 'founder':
      return { type, ...readDevice(reader) }
    case 'rename':
      return { type, name: field(reader, 'name', readName) }
  }
}

function readInviteFields(reader: CborReader): Action {
  const key = field(reader, 'key', readKey)
  const mode = MODES[field(reader, 'mode', (it) => it.uint())]
  if (mode === undefined) throw reader.fail('an invite of an unknown mode')
  const role = field(reader, 'role', readRole)
  // Whoever finds such a link is in at once, so it never gives the power over members.
  if (mode === 'instant' && levelOf(role) > WRITE) throw reader.fail('an instant invite to manage')
  const uses = field(reader, 'uses', (it) => it.uint())
  if (uses < 1 || uses > MAX_INVITE_USES) throw reader.fail('an invite with too many uses or none')
  return { type: 'invite', key, mode, role, uses, expiresMs: field(reader, 'expires', (it) => it.uint()) }
}

function device(action: { member: Hex; sealing: Hex }): { member: Uint8Array; sealing: Uint8Array } {
  return { member: fromHex(action.member), sealing: fromHex(action.sealing) }
}

function readDevice(reader: CborReader): { member: Hex; sealing: Hex } {
  const member = field(reader, 'member', readKey)
  return { member, sealing: field(reader, 'sealing', readDigest) }
}

function field<T>(reader: CborReader, name: string, read: (reader: CborReader) => T): T {
  expectKey(reader, name)
  return read(reader)
}

export function expectKey(reader: CborReader, name: string): void {
  if (reader.text(MAX_WORD_BYTES) !== name) throw reader.fail('a field is missing, unknown or out of order')
}

/** 32 bytes. */
export function readDigest(reader: CborReader): Hex {
  const bytes = reader.bytes(KEY_BYTES)
  if (bytes.byteLength !== KEY_BYTES) throw reader.fail('expected 32 bytes')
  return toHex(bytes)
}

/** A public Ed25519 key that can be used. */
export function readKey(reader: CborReader): Hex {
  const bytes = reader.bytes(KEY_BYTES)
  if (!isStrictPoint(bytes)) throw reader.fail('a key that is not canonical or of small order')
  return toHex(bytes)
}

/** At most `most` digests, ascending, none twice. */
export function readDigests(reader: CborReader, most: number): Hex[] {
  const count = reader.array()
  if (count > most) throw reader.fail(`more than ${most} ids`)
  const digests: Hex[] = []
  for (let left = count; left > 0; left--) {
    const digest = readDigest(reader)
    if (digests.length > 0 && digest <= (digests.at(-1) as Hex)) throw reader.fail('ids are out of order')
    digests.push(digest)
  }
  return digests
}

function readPinned(reader: CborReader): Hex[] {
  return readDigests(reader, MAX_PINNED_HEADS)
}

function readSignature(reader: CborReader): string {
  const bytes = reader.bytes(SIGNATURE_BYTES)
  if (bytes.byteLength !== SIGNATURE_BYTES) throw reader.fail('expected 64 bytes')
  return toHex(bytes)
}

function readInvite(reader: CborReader): Hex | undefined {
  const bytes = reader.bytes(KEY_BYTES)
  if (bytes.byteLength === 0) return undefined
  if (bytes.byteLength !== KEY_BYTES) throw reader.fail('expected 32 bytes or none')
  return toHex(bytes)
}

function readName(reader: CborReader): string {
  const name = reader.text(MAX_SPACE_NAME_BYTES)
  if (name === '') throw reader.fail('a name is empty')
  return name
}

function readRole(reader: CborReader): GivenRole {
  const level = reader.uint()
  if (level > MANAGE) throw reader.fail('a role that cannot be given')
  return ROLES[level] as GivenRole
}

function readAgreement(reader: CborReader): number {
  const agreement = reader.uint()
  if (agreement < 1) throw reader.fail('an unknown agreement on keys')
  return agreement
}

function readFounders(reader: CborReader): Founder[] {
  const count = reader.array()
  if (count < 1 || count > MAX_GENESIS_FOUNDERS) throw reader.fail('too many founders or none')
  const founders: Founder[] = []
  for (let left = count; left > 0; left--) {
    if (reader.array() !== 2) throw reader.fail('a founder has two keys')
    const key = readKey(reader)
    if (founders.some((it) => it.key === key)) throw reader.fail('a founder stands there twice')
    founders.push({ key, sealing: readDigest(reader) })
  }
  return founders
}

export function fromHex(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex')
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
