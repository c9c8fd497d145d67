/**
 * The hints of an invitation: canonical dag-cbor `{a: addresses, e: expiry, n: name, p: peer id, r: role}`, each optional.
 * All of it is for people and for dialling only, and anybody may have changed it: what the invitation is good for, until
 * when, and how often stands in the auth log, signed.
 */
import { encode } from '@ipld/dag-cbor'
import { CborReader } from '../../content/cbor.ts'
import { p2pSuffix, shortened, withoutSuffix, withSuffix } from '../../content/link-hints.ts'
import { ShoalError } from '../../errors.ts'
import {
  PEER_ID_BYTES,
  peerIdBytes,
  peerIdFromPublicKey,
  publicKeyFromPeerId,
  publicKeyFromPeerIdBytes,
} from '../../identity/peer-id.ts'
import {
  MAX_INVITE_ADDRESS_BYTES,
  MAX_INVITE_ADDRESSES,
  MAX_INVITE_HINT_BYTES,
  MAX_INVITE_NAME_BYTES,
} from './limits.ts'

/** Roles that an invitation can give. Founders are named by founders, not by a link that may be passed on. */
export const INVITE_ROLES = ['pull', 'read', 'write', 'manage'] as const
export type InviteRole = (typeof INVITE_ROLES)[number]

export interface InviteHints {
  /** Of the space, for people; untrusted. */
  readonly name?: string
  readonly role?: InviteRole
  /** When it ends, in whole seconds since 1970. */
  readonly expiresAtSeconds?: number
  /** Peer id of the device that issued it. */
  readonly peerId?: string
  /** Binary multiaddrs of that device, at most 3. */
  readonly addresses?: readonly Uint8Array[]
}

const KEYS = ['a', 'e', 'n', 'p', 'r'] as const
/** Keys in all, known and unknown. */
const MAX_KEYS = 16
/** Containers inside each other in the value of an unknown key. */
const MAX_UNKNOWN_DEPTH = 4

/**
 * Hints as bytes. A long name is shortened, long or many addresses are left out.
 *
 * @throws ShoalError ERR_OPTIONS_INVALID for a peer id or a time that is none
 */
export function encodeInviteHints(hints: InviteHints): Uint8Array {
  const { name, role, expiresAtSeconds, peerId } = hints
  const key = peerId === undefined ? undefined : publicKeyFromPeerId(peerId)
  if (peerId !== undefined && key === undefined) {
    throw new ShoalError('ERR_OPTIONS_INVALID', 'the peer id of an invitation belongs to an Ed25519 key')
  }
  if (expiresAtSeconds !== undefined && !(Number.isSafeInteger(expiresAtSeconds) && expiresAtSeconds >= 0)) {
    throw new ShoalError('ERR_OPTIONS_INVALID', 'an invitation ends at a whole second since 1970')
  }
  const suffix = p2pSuffix(key)
  const addresses = (hints.addresses ?? [])
    .map((address) => withoutSuffix(address, suffix))
    .filter(({ byteLength }) => byteLength > 0 && byteLength <= MAX_INVITE_ADDRESS_BYTES)
    .slice(0, MAX_INVITE_ADDRESSES)
  const text = Buffer.from(
    shortened(Buffer.from((name ?? '').toWellFormed()), MAX_INVITE_NAME_BYTES),
  ).toString()
  return encode({
    ...(addresses.length === 0 ? {} : { a: addresses.map((address) => Uint8Array.from(address)) }),
    ...(expiresAtSeconds === undefined ? {} : { e: expiresAtSeconds }),
    ...(text === '' ? {} : { n: text }),
    ...(key === undefined ? {} : { p: peerIdBytes(key) }),
    ...(role === undefined ? {} : { r: role }),
  })
}

/** Hints read; keys of a later version are read over. @throws ShoalError ERR_LINK_MALFORMED */
export function decodeInviteHints(bytes: Uint8Array): InviteHints {
  const reader = new CborReader(bytes, 'ERR_LINK_MALFORMED', 'the part of this invitation after the dot')
  if (bytes.byteLength > MAX_INVITE_HINT_BYTES) throw reader.fail('it is too long')
  const count = reader.map()
  if (count > MAX_KEYS) throw reader.fail('it says too much')
  const read: { -readonly [Key in keyof InviteHints]: InviteHints[Key] } = {}
  let publicKey: Uint8Array | undefined
  let previous: string | undefined
  for (let left = count; left > 0; left--) {
    previous = reader.key(previous)
    const key = KEYS.find((known) => known === previous)
    switch (key) {
      case 'a':
        read.addresses = readAddresses(reader)
        break
      case 'e':
        read.expiresAtSeconds = reader.uint()
        break
      case 'n':
        read.name = reader.text(MAX_INVITE_NAME_BYTES)
        break
      case 'p':
        publicKey = publicKeyFromPeerIdBytes(reader.bytes(PEER_ID_BYTES))
        if (publicKey === undefined) throw reader.fail('a peer id is of an unknown kind')
        break
      case 'r':
        read.role = readRole(reader)
        break
      case undefined:
        reader.skip(MAX_UNKNOWN_DEPTH)
    }
  }
  reader.end()
  const suffix = p2pSuffix(publicKey)
  if (publicKey !== undefined) read.peerId = peerIdFromPublicKey(publicKey)
  if (read.addresses !== undefined) read.addresses = read.addresses.map((it) => withSuffix(it, suffix))
  return read
}

function readAddresses(reader: CborReader): Uint8Array[] {
  const count = reader.array()
  if (count > MAX_INVITE_ADDRESSES) throw reader.fail('it has too many addresses')
  const addresses: Uint8Array[] = []
  for (let left = count; left > 0; left--) addresses.push(reader.bytes(MAX_INVITE_ADDRESS_BYTES).slice())
  return addresses
}

function readRole(reader: CborReader): InviteRole {
  const text = reader.text(16)
  const role = INVITE_ROLES.find((known) => known === text)
  if (role === undefined) throw reader.fail('it is for an unknown role')
  return role
}
