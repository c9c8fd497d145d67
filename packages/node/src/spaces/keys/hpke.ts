/**
 * HPKE, RFC 9180, in base mode and for one message: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.
 * The sealed form is the encapsulated key (32 bytes), then the ciphertext with its tag of 16 bytes.
 *
 * Base mode proves nothing about who sealed: callers bind the announcing author into `info`, and check what comes out
 * against an id that commits to it.
 */
import { Chacha20Poly1305 } from '@hpke/chacha20poly1305'
import { CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { ShoalError } from '../../errors.ts'
import type { Random } from '../../util/seams.ts'
import { KEY_BYTES } from './derive.ts'
import type { SealingKey } from './device-keys.ts'

/** Bytes that sealing adds. */
export const SEALED_OVERHEAD_BYTES: number = KEY_BYTES + 16

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Chacha20Poly1305(),
})

/** What a sealed message belongs to; it opens only where both are the same. */
export interface SealBinding {
  readonly info: Uint8Array
  readonly aad: Uint8Array
}

/**
 * Seals `plain` to the holder of a sealing key.
 *
 * @returns undefined when `recipient` is no key that anything can be sealed to: another length, or a point of low order,
 *   whose shared secret everybody knows (RFC 9180, 7.1.4)
 */
export async function seal(
  recipient: Uint8Array,
  plain: Uint8Array,
  { info, aad }: SealBinding,
  random: Random,
): Promise<Uint8Array | undefined> {
  // DeriveKeyPair of fresh random bytes (RFC 9180, 4.1), so that these come through the seam.
  const ekm = random.bytes(KEY_BYTES)
  let sealed: { enc: ArrayBuffer; ct: ArrayBuffer }
  try {
    const recipientPublicKey = await suite.kem.deserializePublicKey(copyOf(recipient))
    sealed = await suite.seal({ recipientPublicKey, info, ekm }, plain, aad)
  } catch {
    return undefined
  }
  return new Uint8Array(Buffer.concat([new Uint8Array(sealed.enc), new Uint8Array(sealed.ct)]))
}

/** Can anything be sealed to this key? Asked before a device is admitted. */
export async function isSealingKey(recipient: Uint8Array, random: Random): Promise<boolean> {
  const nothing = new Uint8Array()
  return (await seal(recipient, nothing, { info: nothing, aad: nothing }, random)) !== undefined
}

/** @throws ShoalError ERR_CONTENT_INVALID when it does not open: altered, for another device, or bound to something else */
export async function open(
  device: SealingKey,
  sealed: Uint8Array,
  { info, aad }: SealBinding,
): Promise<Uint8Array> {
  const enc = copyOf(sealed.subarray(0, KEY_BYTES))
  try {
    const recipientKey = await suite.kem.deserializePrivateKey(copyOf(device.privateKey))
    return new Uint8Array(await suite.open({ recipientKey, enc, info }, sealed.subarray(KEY_BYTES), aad))
  } catch {
    // Without its cause, which says nothing that helps.
    throw new ShoalError('ERR_CONTENT_INVALID', 'what was sealed for this device does not open')
  }
}

/** The library takes whole buffers only. */
function copyOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
