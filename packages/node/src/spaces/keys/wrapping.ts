/**
 * Wrapping of one 32-byte key by another: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), `nonce (24) || ciphertext (32)
 * || tag (16)`. Nonces are random, which their 192 bits allow without any count of uses.
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import type { Random } from '../../util/seams.ts'
import { KEY_BYTES } from './derive.ts'

const NONCE_BYTES = 24

/** Bytes of a wrapped key. */
export const WRAPPED_BYTES: number = NONCE_BYTES + KEY_BYTES + 16

/** @param aad what the wrapped key belongs to */
export function wrap(by: Uint8Array, key: Uint8Array, aad: Uint8Array, random: Random): Uint8Array {
  const nonce = random.bytes(NONCE_BYTES)
  const sealed = xchacha20poly1305(by, nonce, aad).encrypt(key)
  return new Uint8Array(Buffer.concat([nonce, sealed]))
}

/** The key inside, or undefined when it was altered, wrapped by another key, or belongs to something else. */
export function unwrap(by: Uint8Array, wrapped: Uint8Array, aad: Uint8Array): Uint8Array | undefined {
  if (wrapped.byteLength !== WRAPPED_BYTES) return undefined
  const nonce = wrapped.subarray(0, NONCE_BYTES)
  try {
    return xchacha20poly1305(by, nonce, aad).decrypt(wrapped.subarray(NONCE_BYTES))
  } catch {
    return undefined
  }
}
