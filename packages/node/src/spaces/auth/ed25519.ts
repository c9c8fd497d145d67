/**
 * Ed25519 (RFC 8032) so strict that all implementations agree on what is valid: the equation without cofactor that
 * OpenSSL and BoringSSL check, and before it that S is below the group's order, that the key is a canonical encoding,
 * and that it is not one of the points of small order, under which one signature fits many messages
 * (Chalkias, Garillot, Nikolaenko: Taming the many EdDSAs, 2020).
 */
import { verify } from 'node:crypto'

/** Bytes of a public key. */
export const KEY_BYTES = 32
export const SIGNATURE_BYTES = 64
const SCALAR_BYTES = 32
const SIGN_BIT = 0x80

/** L = 2^252 + 27742317777372353535851937790883648493, little-endian. */
const ORDER = Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex')
/** p = 2^255 - 19, little-endian. */
const FIELD = Buffer.from('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'hex')
/** The y of all eight points of small order. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
])

/** Does nothing about this key make signatures under it ambiguous? It may still be no point of the curve. */
export function isUsableKey(key: Uint8Array): boolean {
  if (key.byteLength !== KEY_BYTES) return false
  const y = Buffer.from(key)
  y[KEY_BYTES - 1] = (y[KEY_BYTES - 1] as number) & ~SIGN_BIT
  return isBelow(y, FIELD) && !SMALL_ORDER.has(y.toString('hex'))
}

/** Is this the signature of `message` under `key`? False too for a key or signature that is not canonical. */
export function verifyStrictly(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.byteLength !== SIGNATURE_BYTES || !isUsableKey(key)) return false
  if (!isBelow(signature.subarray(SCALAR_BYTES), ORDER)) return false
  const x = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('base64url')
  try {
    return verify(null, message, { key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }, signature)
  } catch {
    // A key that is no point: some builds refuse to load it, others say that nothing verifies under it.
    return false
  }
}

/** Little-endian numbers of equal length. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = a.byteLength - 1; i >= 0; i--) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference < 0
  }
  return false
}
