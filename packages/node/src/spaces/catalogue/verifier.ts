/**
 * Strict Ed25519: what one implementation takes every other takes too.
 *
 * RFC 8032 leaves open whether keys and nonces of small order and numbers that are not reduced are accepted, and
 * implementations differ (H. de Valence, "It's 255:19AM. Do you know what your validation criteria are?", 2020). A
 * signature that only some replicas take would divide them. So all of these are refused before OpenSSL, which
 * verifies without cofactor, is asked.
 */
import { createPublicKey, verify, type KeyObject } from 'node:crypto'

/** Whose signatures count. A simulation may put a keyed hash in its place. */
export interface Verifier {
  verify: (publicKey: Uint8Array, signed: Uint8Array, signature: Uint8Array) => boolean
}

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** Keys kept ready: parsing one takes as long as a fifth of a verification. */
const MAX_KEYS = 1_024
/** Order of the base point, 2^252 + ..., most significant byte first (RFC 8032, 5.1). */
const ORDER = Buffer.from('1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed', 'hex')
/** 2^255 - 19. */
const PRIME = Buffer.from('7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed', 'hex')
/** The y of the eight points whose order divides 8, most significant byte first. The two of order 8 are negatives. */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000001',
  '7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec',
  '05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826',
  '7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7',
])

/** Is this the encoding, in its only form, of a point whose order is large? Whether it is on the curve is not asked. */
export function isStrictPoint(encoded: Uint8Array): boolean {
  if (encoded.length !== KEY_BYTES) return false
  const y = Buffer.from(encoded.toReversed())
  y[0] = (y[0] as number) & 0x7f
  return Buffer.compare(y, PRIME) < 0 && !SMALL_ORDER_Y.has(y.toString('hex'))
}

function isReduced(scalar: Uint8Array): boolean {
  return Buffer.compare(scalar.toReversed(), ORDER) < 0
}

export class Ed25519Verifier implements Verifier {
  /** By the key in Latin-1; the oldest goes first. Undefined for what is no key. */
  readonly #keys = new Map<string, KeyObject | undefined>()

  verify(publicKey: Uint8Array, signed: Uint8Array, signature: Uint8Array): boolean {
    const key = this.#ready(publicKey, signature)
    return key !== undefined && verify(null, signed, key, signature)
  }

  /** The same on a thread of the pool, so that several run at once and the caller goes on. */
  verifyAside(publicKey: Uint8Array, signed: Uint8Array, signature: Uint8Array): Promise<boolean> {
    const key = this.#ready(publicKey, signature)
    if (key === undefined) return Promise.resolve(false)
    return new Promise((resolve, reject) => {
      verify(null, signed, key, signature, (error, isGood) => {
        if (error === null) resolve(isGood)
        else reject(error)
      })
    })
  }

  #ready(publicKey: Uint8Array, signature: Uint8Array): KeyObject | undefined {
    if (signature.length !== SIGNATURE_BYTES) return undefined
    if (!isReduced(signature.subarray(KEY_BYTES)) || !isStrictPoint(signature.subarray(0, KEY_BYTES)))
      return undefined
    return this.#keyOf(publicKey)
  }

  #keyOf(publicKey: Uint8Array): KeyObject | undefined {
    const name = Buffer.from(publicKey).toString('latin1')
    if (this.#keys.has(name)) return this.#keys.get(name)
    const key = isStrictPoint(publicKey) ? parse(publicKey) : undefined
    if (this.#keys.size >= MAX_KEYS) this.#keys.delete(this.#keys.keys().next().value as string)
    this.#keys.set(name, key)
    return key
  }
}

function parse(publicKey: Uint8Array): KeyObject | undefined {
  try {
    const x = Buffer.from(publicKey).toString('base64url')
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  } catch {
    return undefined
  }
}
