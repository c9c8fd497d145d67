/**
 * The keys of one device in one space: an Ed25519 author key that signs, and an X25519 sealing key that epoch keys are
 * sealed to. They are derived from the key of the device, the space, and the *instance*: 32 random bytes of the home that
 * no export carries over as its own. So two spaces show no common key, nothing has to be kept for each space, and a
 * device that was brought back from an export has other author keys than the one it was taken from: it can never continue
 * that one's log from an older state (docs/adr/0052-keys-of-a-space.md).
 */
import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { ShoalError } from '../../errors.ts'
import { derive, KEY_BYTES } from './derive.ts'

/** PKCS#8 of RFC 8410, up to the 32 bytes of the private key. */
const ED25519_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const X25519_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')

export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** An Ed25519 signature of 64 bytes (RFC 8032). */
  readonly sign: (message: Uint8Array) => Uint8Array
}

export interface SealingKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** 32 bytes. Never logged. */
  readonly privateKey: Uint8Array
}

export interface DeviceKeys {
  readonly author: SigningKey
  readonly sealing: SealingKey
}

export interface DeviceKeysInit {
  /** Seed of the device's Ed25519 key, 32 bytes. */
  readonly identitySeed: Uint8Array
  /** 32 bytes, of this home only. */
  readonly instance: Uint8Array
  /** Id of the space, 32 bytes. */
  readonly space: Uint8Array
}

/** @throws ShoalError ERR_OPTIONS_INVALID when one of the three has not 32 bytes */
export function deviceKeys({ identitySeed, instance, space }: DeviceKeysInit): DeviceKeys {
  for (const part of [identitySeed, instance, space]) {
    if (part.byteLength !== KEY_BYTES) {
      throw new ShoalError('ERR_OPTIONS_INVALID', `keys of a space are made of ${KEY_BYTES} bytes each`)
    }
  }
  const privateKey = derive(identitySeed, 'shoal/space-sealing/1', space, instance)
  return {
    author: signingKey(derive(identitySeed, 'shoal/space-author/1', space, instance)),
    sealing: { privateKey, publicKey: publicHalf(keyOf(X25519_PREFIX, privateKey)) },
  }
}

/** The Ed25519 key of a seed of 32 bytes. */
export function signingKey(seed: Uint8Array): SigningKey {
  const key = keyOf(ED25519_PREFIX, seed)
  return {
    publicKey: publicHalf(key),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  }
}

function keyOf(prefix: Uint8Array, secret: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([prefix, secret]), format: 'der', type: 'pkcs8' })
}

function publicHalf(key: KeyObject): Uint8Array {
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return new Uint8Array(Buffer.from(x as string, 'base64url'))
}
