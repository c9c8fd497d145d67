/**
 * The address book as a file: JSON, so that its owner can read it. It was written by this program, and is still read as
 * if by a stranger: a home is copied between machines and edited by hand.
 */
import { publicKeyFromPeerId } from '../identity/peer-id.ts'
import { ADDRESS_BOOK_LIMITS as LIMITS } from './limits.ts'
import { encodeAddress } from './multiaddrs.ts'

/** A device with which a transfer worked. */
export interface KnownDevice {
  readonly peerId: string
  /** Multiaddrs with the peer id that were dialled with success, the last first. */
  readonly addresses: readonly string[]
  /** Milliseconds since 1970. */
  readonly seenMs: number
  /** Provider keys that it served to us, base64url of 32 bytes each, the last first. */
  readonly served: readonly string[]
}

const VERSION = 1
/** 32 bytes in base64url. */
const KEY = /^[\w-]{43}$/

export function encodeBook(devices: readonly KnownDevice[]): Uint8Array {
  return Buffer.from(`${JSON.stringify({ version: VERSION, devices }, undefined, 1)}\n`)
}

/** Devices of a file, those that are malformed left out. Undefined when the whole is none that this version wrote. */
export function decodeBook(bytes: Uint8Array): KnownDevice[] | undefined {
  let root: unknown
  try {
    root = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
  if (!isRecord(root) || root['version'] !== VERSION || !Array.isArray(root['devices'])) return undefined
  const devices: KnownDevice[] = []
  for (const item of root['devices'].slice(0, LIMITS.maxDevices)) {
    const device = readDevice(item)
    if (device !== undefined) devices.push(device)
  }
  return devices
}

/** A multiaddr that ends in the peer id, of bounded length. */
export function isAddressOf(peerId: string, address: unknown): address is string {
  if (typeof address !== 'string' || address.length > LIMITS.maxAddressBytes) return false
  if (!address.endsWith(`/p2p/${peerId}`)) return false
  try {
    return encodeAddress(address).byteLength > 0
  } catch {
    return false
  }
}

function readDevice(item: unknown): KnownDevice | undefined {
  if (!isRecord(item)) return undefined
  const { peerId, addresses, seenMs, served } = item
  if (typeof peerId !== 'string' || publicKeyFromPeerId(peerId) === undefined) return undefined
  if (typeof seenMs !== 'number' || !Number.isSafeInteger(seenMs) || seenMs < 0) return undefined
  if (!Array.isArray(addresses) || !Array.isArray(served)) return undefined
  return {
    peerId,
    addresses: addresses
      .slice(0, LIMITS.maxAddresses)
      .filter((address): address is string => isAddressOf(peerId, address)),
    seenMs,
    served: served
      .slice(0, LIMITS.maxServed)
      .filter((key): key is string => typeof key === 'string' && KEY.test(key)),
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
