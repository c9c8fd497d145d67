/**
 * The hints of a link: canonical dag-cbor {a: addresses, n: name, p: peer id, s: size}, each optional, at most
 * 512 bytes. Whoever passed the link on may have changed them, so everything in them is untrusted: a name is
 * judged before it is created and escaped before it is shown, an address may lead anywhere.
 *
 * `p` holds a binary peer id (38 bytes) of an Ed25519 key, the only kind of key that a node has. Addresses are multiaddr bytes. They travel without their closing
 * `/p2p/<peer id>`, which `p` already says, and are given back with it.
 */
import {
  PEER_ID_BYTES,
  peerIdBytes,
  peerIdFromPublicKey,
  publicKeyFromPeerId,
  publicKeyFromPeerIdBytes,
} from '../identity/peer-id.ts'
import { ShoalError } from '../errors.ts'
import { CborReader } from './cbor.ts'

export interface LinkHints {
  readonly name?: string
  /** Bytes of the content. */
  readonly size?: number
  /** Text form of an Ed25519 peer id. */
  readonly peerId?: string
  /**
   * Binary multiaddrs, at most 4. Bytes and not text, because loading @multiformats/multiaddr takes 40 ms and only
   * who dials needs it.
   */
  readonly addresses?: readonly Uint8Array[]
}

/** Bytes of the encoded hints, before base64url. */
export const MAX_HINT_BYTES = 512
const MAX_HINT_ADDRESSES = 4

/** Containers inside each other in the value of an unknown key. */
const MAX_UNKNOWN_DEPTH = 4
/** Keys in all, known and unknown. */
const MAX_KEYS = 16
/** Multiaddr protocol number of `/p2p/` (421) as varint. */
const P2P_CODE = Uint8Array.of(0xa5, 0x03)

const UINT = 0x00
const BYTES = 0x40
const TEXT = 0x60
const ARRAY = 0x80
const MAP = 0xa0

/**
 * Hints as bytes, at most `MAX_HINT_BYTES`: a name that does not fit is shortened at a code point, then left out,
 * then addresses are dropped from the last on. Throws ERR_OPTIONS_INVALID for a size or peer id that is none.
 */
export function encodeHints(hints: LinkHints): Uint8Array {
  const key = hints.peerId === undefined ? undefined : publicKeyFromPeerId(hints.peerId)
  if (hints.peerId !== undefined && key === undefined) {
    throw new ShoalError('ERR_OPTIONS_INVALID', 'the peer id of a link belongs to an Ed25519 key')
  }
  if (hints.size !== undefined && (!Number.isSafeInteger(hints.size) || hints.size < 0)) {
    throw new ShoalError('ERR_OPTIONS_INVALID', 'the size in a link is a number of bytes')
  }
  const suffix = p2pSuffix(key)
  let addresses = (hints.addresses ?? []).slice(0, MAX_HINT_ADDRESSES).map((it) => withoutSuffix(it, suffix))
  let name: Uint8Array = Buffer.from((hints.name ?? '').toWellFormed())
  let bytes = encodeMap(name, hints.size, key, addresses)
  if (bytes.byteLength > MAX_HINT_BYTES) {
    name = shortened(name, name.byteLength - (bytes.byteLength - MAX_HINT_BYTES))
    bytes = encodeMap(name, hints.size, key, addresses)
  }
  while (bytes.byteLength > MAX_HINT_BYTES) {
    addresses = addresses.slice(0, -1)
    bytes = encodeMap(name, hints.size, key, addresses)
  }
  return bytes
}

/** Hints read from bytes of a link; keys of a later version are read over. Throws ERR_LINK_MALFORMED. */
export function decodeHints(bytes: Uint8Array): LinkHints {
  const reader = new CborReader(bytes, 'ERR_LINK_MALFORMED', 'the part of this link after the dot')
  if (bytes.byteLength > MAX_HINT_BYTES) throw reader.fail('it is too long')
  const count = reader.map()
  if (count > MAX_KEYS) throw reader.fail('it says too much')
  let name: string | undefined
  let size: number | undefined
  let publicKey: Uint8Array | undefined
  let addresses: readonly Uint8Array[] | undefined
  let key: string | undefined
  for (let left = count; left > 0; left--) {
    key = reader.key(key)
    if (key === 'a') addresses = readAddresses(reader)
    else if (key === 'n') name = reader.text()
    else if (key === 'p') publicKey = readPublicKey(reader)
    else if (key === 's') size = reader.uint()
    else reader.skip(MAX_UNKNOWN_DEPTH)
  }
  reader.end()
  const suffix = p2pSuffix(publicKey)
  return {
    ...(name === undefined ? {} : { name }),
    ...(size === undefined ? {} : { size }),
    ...(publicKey === undefined ? {} : { peerId: peerIdFromPublicKey(publicKey) }),
    ...(addresses === undefined ? {} : { addresses: addresses.map((it) => withSuffix(it, suffix)) }),
  }
}

function readAddresses(reader: CborReader): Uint8Array[] {
  const count = reader.array()
  if (count > MAX_HINT_ADDRESSES) throw reader.fail('it has too many addresses')
  const addresses: Uint8Array[] = []
  for (let left = count; left > 0; left--) addresses.push(reader.bytes().slice())
  return addresses
}

function readPublicKey(reader: CborReader): Uint8Array {
  const key = publicKeyFromPeerIdBytes(reader.bytes(PEER_ID_BYTES))
  if (key === undefined) throw reader.fail('a peer id is of an unknown kind')
  return key
}

/** `/p2p/<peer id>` in bytes; empty, so that it changes nothing, when the peer id is not known. */
export function p2pSuffix(publicKey: Uint8Array | undefined): Uint8Array {
  if (publicKey === undefined) return new Uint8Array(0)
  const id = peerIdBytes(publicKey)
  return Uint8Array.of(...P2P_CODE, id.byteLength, ...id)
}

/** An address as it travels: without the peer id that stands elsewhere. */
export function withoutSuffix(address: Uint8Array, suffix: Uint8Array): Uint8Array {
  return endsWith(address, suffix) ? address.subarray(0, address.byteLength - suffix.byteLength) : address
}

/** An address as it is dialled. */
export function withSuffix(address: Uint8Array, suffix: Uint8Array): Uint8Array {
  return endsWith(address, suffix) ? address : Uint8Array.of(...address, ...suffix)
}

function endsWith(bytes: Uint8Array, suffix: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(-suffix.byteLength || bytes.byteLength), suffix) === 0
}

/** The first bytes of `utf8`, at most `maxBytes`, that do not end inside a code point. */
export function shortened(utf8: Uint8Array, maxBytes: number): Uint8Array {
  let end = Math.max(0, maxBytes)
  while (end > 0 && ((utf8[end] as number) & 0xc0) === 0x80) end--
  return utf8.subarray(0, end)
}

/** Written by hand, since a map of four known keys does not pay for loading an encoder into every command. */
function encodeMap(
  name: Uint8Array,
  size: number | undefined,
  publicKey: Uint8Array | undefined,
  addresses: readonly Uint8Array[],
): Uint8Array {
  const pairs: Uint8Array[][] = []
  if (addresses.length > 0) {
    const items = addresses.flatMap((address) => [head(BYTES, address.byteLength), address])
    pairs.push([keyOf('a'), head(ARRAY, addresses.length), ...items])
  }
  if (name.byteLength > 0) pairs.push([keyOf('n'), head(TEXT, name.byteLength), name])
  if (publicKey !== undefined) {
    pairs.push([keyOf('p'), head(BYTES, PEER_ID_BYTES), peerIdBytes(publicKey)])
  }
  if (size !== undefined) pairs.push([keyOf('s'), head(UINT, size)])
  return Buffer.concat([head(MAP, pairs.length), ...pairs.flat()])
}

function keyOf(letter: string): Uint8Array {
  return Uint8Array.of(TEXT | 1, letter.charCodeAt(0))
}

/** First bytes of an item: its major type and the shortest form of its number. */
function head(major: number, value: number): Uint8Array {
  if (value < 24) return Uint8Array.of(major | value)
  const info = value < 0x100 ? 24 : value < 0x1_0000 ? 25 : value < 0x1_0000_0000 ? 26 : 27
  const bytes = new Uint8Array(1 + (1 << (info - 24)))
  bytes[0] = major | info
  for (let i = bytes.length - 1, rest = value; i > 0; i--, rest = Math.floor(rest / 256))
    bytes[i] = rest % 256
  return bytes
}
