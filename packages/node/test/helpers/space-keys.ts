/** Devices of a space, with keys from a seed. */
import { deviceKeys, type DeviceKeys } from '../../src/spaces/keys/device-keys.ts'
import type { Random } from '../../src/util/seams.ts'
import { seededFloats } from './simulation.ts'

export function seededRandom(seed: number): Random {
  const float = seededFloats(seed)
  return { bytes: (length) => Uint8Array.from({ length }, () => Math.floor(float() * 256)) }
}

export function newDevice(random: Random, space: Uint8Array): DeviceKeys {
  return deviceKeys({ identitySeed: random.bytes(32), instance: random.bytes(32), space })
}

/** The points of low order of Curve25519 (RFC 7748, 6.1), among them those that are not canonical. */
export const LOW_ORDER_X25519: readonly Uint8Array[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')))
