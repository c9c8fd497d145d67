/**
 * When members were seen last and where, as a file: JSON, so that its owner can read it. It was written by this program, and is
 * still read as if by a stranger.
 */
import { publicKeyFromPeerId } from '../../identity/peer-id.ts'
import { isAddressOf } from '../../network/address-book-file.ts'
import type { Hex } from '../auth/action.ts'
import { MAX_ADDRESSES, MAX_LAST_SEEN } from './limits.ts'

export interface SeenMember {
  readonly member: Hex
  /** Milliseconds since 1970. */
  readonly seenMs: number
  /** Peer id that it had then; undefined where that is not known. */
  readonly peerId: string | undefined
  /** Multiaddrs with the peer id. */
  readonly addresses: readonly string[]
}

const VERSION = 1
const KEY = /^[0-9a-f]{64}$/

export function encodeSeen(members: readonly SeenMember[]): Uint8Array {
  return Buffer.from(`${JSON.stringify({ version: VERSION, members }, undefined, 1)}\n`)
}

/** Members of a file, those that are malformed left out. Undefined when the whole is none that this version wrote. */
export function decodeSeen(bytes: Uint8Array): SeenMember[] | undefined {
  let root: unknown
  try {
    root = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
  if (!isRecord(root) || root['version'] !== VERSION || !Array.isArray(root['members'])) return undefined
  return root['members']
    .slice(0, MAX_LAST_SEEN)
    .map(readMember)
    .filter((member) => member !== undefined)
}

function readMember(item: unknown): SeenMember | undefined {
  if (!isRecord(item)) return undefined
  const { member, seenMs, peerId, addresses } = item
  if (typeof member !== 'string' || !KEY.test(member)) return undefined
  if (typeof seenMs !== 'number' || !Number.isSafeInteger(seenMs) || seenMs < 0) return undefined
  if (typeof peerId !== 'string' || publicKeyFromPeerId(peerId) === undefined || !Array.isArray(addresses))
    return { member, seenMs, peerId: undefined, addresses: [] }
  const known = addresses.filter((address): address is string => isAddressOf(peerId, address))
  return { member, seenMs, peerId, addresses: known.slice(0, MAX_ADDRESSES) }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
