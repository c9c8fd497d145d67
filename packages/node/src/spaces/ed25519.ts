/**
 * Strict Ed25519: what one implementation takes every other takes too.
 *
 * RFC 8032 leaves open whether keys and nonces of small order and numbers that are not reduced are accepted, and
 * implementations differ (H. de Valence, "It's 255:19AM. Do you know what your validation criteria are?", 2020; K. Chalkias,
 * F. Garillot, V. Nikolaenko, "Taming the many EdDSAs", 2020). A signature that only some replicas take would divide
 * them, and one under a key of small order fits many messages. So all of these are refused before OpenSSL, which verifies
 * without cofactor, is asked.
 */
import { createPublicKey, verify, type KeyObject } from 'node:crypto'

/** Bytes of a public key. */
export const KEY_BYTES = 32
/** R, 32 bytes, and S, 32 bytes. */
export const SIGNATURE_BYTES = 64
const SIGN_BIT = 0x80

/** Order of the base point, 2^252 + 27742317777372353535851937790883648493, little-endian (RFC 8032, 5.1). */
const ORDER = Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex')
/** p = 2^255 - 19, little-endian. */
const FIELD = Buffer.from('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'hex')
/** The y of the eight points whose order divides 8, little-endian. */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
])

/** Is this the encoding, in its only form, of a point whose order is large? Whether it is on the curve is not asked. */
export function isStrictPoint(encoded: Uint8Array): boolean {
  if (encoded.byteLength !== KEY_BYTES) return false
  const y = Buffer.from(encoded)
  y[KEY_BYTES - 1] = (y[KEY_BYTES - 1] as number) & ~SIGN_BIT
  return isBelow(y, FIELD) && !SMALL_ORDER_Y.has(y.toString('hex'))
}

/** Is this the only form of a signature? Whose it is and of what is not asked. */
export function isStrictSignature(signature: Uint8Array): boolean {
  if (signature.byteLength !== SIGNATURE_BYTES) return false
  return isBelow(signature.subarray(KEY_BYTES), ORDER) && isStrictPoint(signature.subarray(0, KEY_BYTES))
}

/** The key ready to verify with; undefined for what is none. */
export function strictKey(key: Uint8Array): KeyObject | undefined {
  if (!isStrictPoint(key)) return undefined
  const x = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('base64url')
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  } catch {
    // No point of the curve: some builds refuse to load it, others say that nothing verifies under it.
    return undefined
  }
}

/** Is this the signature of `message` under `key`? False too for a key or signature that is not strict. */
export function verifyStrictly(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (!isStrictSignature(signature)) return false
  const ready = strictKey(key)
  return ready !== undefined && verify(null, message, ready, signature)
}

/** Little-endian numbers of equal length. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = a.byteLength - 1; i >= 0; i--) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference < 0
  }
  return false
}
