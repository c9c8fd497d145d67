/** The text form of an Ed25519 peer id, without loading libp2p: commands that only print or parse it start fast. */
import { base58btc } from 'multiformats/bases/base58'
import { ShoalError } from '../errors.ts'

/** Bytes of an Ed25519 public key. */
export const PUBLIC_KEY_BYTES = 32

/** Identity multihash (code 0, 36 bytes) of a protobuf {1: key type Ed25519 = 1, 2: 32 bytes}. */
const MULTIHASH_PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20)
/** Bytes of a binary peer id of an Ed25519 key. */
export const PEER_ID_BYTES: number = MULTIHASH_PREFIX.byteLength + PUBLIC_KEY_BYTES
/** Base58 of 38 bytes has at most this many characters: the bound before anything is decoded. */
const MAX_TEXT_LENGTH = 53

/** Peer id bytes (a multihash of 38 bytes) of an Ed25519 public key of 32 bytes. Throws ERR_OPTIONS_INVALID. */
export function peerIdBytes(publicKey: Uint8Array): Uint8Array {
  if (publicKey.byteLength !== PUBLIC_KEY_BYTES) {
    throw new ShoalError('ERR_OPTIONS_INVALID', `an Ed25519 public key has ${PUBLIC_KEY_BYTES} bytes`)
  }
  const bytes = new Uint8Array(PEER_ID_BYTES)
  bytes.set(MULTIHASH_PREFIX)
  bytes.set(publicKey, MULTIHASH_PREFIX.byteLength)
  return bytes
}

/** Peer id as libp2p writes it (`12D3KooW...`) of an Ed25519 public key of 32 bytes. Throws ERR_OPTIONS_INVALID. */
export function peerIdFromPublicKey(publicKey: Uint8Array): string {
  return base58btc.baseEncode(peerIdBytes(publicKey))
}

/** The public key (32 bytes) inside an Ed25519 peer id, or undefined when `peerId` is no such peer id. */
export function publicKeyFromPeerId(peerId: string): Uint8Array | undefined {
  if (peerId.length > MAX_TEXT_LENGTH) return undefined
  let bytes: Uint8Array
  try {
    bytes = base58btc.baseDecode(peerId)
  } catch {
    return undefined
  }
  return publicKeyFromPeerIdBytes(bytes)
}

/** The public key (32 bytes) inside a binary Ed25519 peer id, or undefined when `bytes` are no such peer id. */
export function publicKeyFromPeerIdBytes(bytes: Uint8Array): Uint8Array | undefined {
  const isEd25519 =
    bytes.byteLength === PEER_ID_BYTES && MULTIHASH_PREFIX.every((byte, index) => bytes[index] === byte)
  return isEd25519 ? bytes.slice(MULTIHASH_PREFIX.byteLength) : undefined
}

/** The binary form of an Ed25519 peer id that is known to be one. Throws ERR_OPTIONS_INVALID. */
export function peerIdBytesOf(peerId: string): Uint8Array {
  return peerIdBytes(publicKeyFromPeerId(peerId) ?? new Uint8Array())
}
