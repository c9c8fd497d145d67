/** The content identifiers that Shoal accepts and makes: sha2-256 over raw, dag-pb or dag-cbor, nothing else. */
import { hash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { ShoalError } from '../errors.ts'

export const RAW = 0x55
export const DAG_PB = 0x70
export const DAG_CBOR = 0x71
export type Codec = typeof RAW | typeof DAG_PB | typeof DAG_CBOR

const SHA2_256 = 0x12
/** Of a sha2-256. */
export const DIGEST_BYTES = 32
const PROVIDER_KEY_LABEL = Buffer.from('shoal/provide/1')

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const digest = hash(
    'sha256',
    parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts),
    'buffer',
  )
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.byteLength)
}

/** CIDv1 of a sha2-256 digest. */
export function cidOf(codec: Codec, digest: Uint8Array): CID {
  return CID.createV1(codec, Digest.create(SHA2_256, digest))
}

/**
 * The CID if it is one that Shoal accepts; identity CIDs and other hashes are refused.
 *
 * @throws ShoalError ERR_CONTENT_INVALID
 */
export function acceptCid(cid: CID): CID {
  const known = cid.code === RAW || cid.code === DAG_PB || cid.code === DAG_CBOR
  if (!known || cid.multihash.code !== SHA2_256 || cid.multihash.digest.byteLength !== DIGEST_BYTES) {
    throw new ShoalError('ERR_CONTENT_INVALID', `content of an unsupported kind: ${cid.toString()}`)
  }
  return cid
}

/** @throws ShoalError ERR_CONTENT_INVALID when the bytes are no CID that Shoal accepts */
export function decodeCid(bytes: Uint8Array): CID {
  let cid: CID
  try {
    cid = CID.decode(bytes)
  } catch (cause) {
    throw new ShoalError('ERR_CONTENT_INVALID', 'malformed content identifier', { cause })
  }
  return acceptCid(cid)
}

export function digestsEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/**
 * Digest of the key under which providers of a root are found: sha2-256("shoal/provide/1" || root). Who sees it
 * learns no root.
 */
export function providerDigest(root: CID): Uint8Array {
  return sha256(PROVIDER_KEY_LABEL, root.bytes)
}
