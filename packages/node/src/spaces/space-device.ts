/** This device as a member of one space: what it signs with, and what is sealed to it. */
import { fromHex, toHex } from './auth/action-codec.ts'
import type { Genesis } from './auth/action.ts'
import type { Instances } from '../identity/instance.ts'
import { deviceKeys, type DeviceKeys, type SealingKey, type SigningKey } from './keys/device-keys.ts'

export interface SpaceDevice {
  readonly author: SigningKey
  /** Of this instance first, then of former ones: what was sealed to those opens still. */
  readonly sealings: readonly [SealingKey, ...SealingKey[]]
  /** What former instances signed with, newest first. They name who takes their place, and sign nothing else. */
  readonly formers: readonly SigningKey[]
}

export interface DeviceSecrets {
  /** Seed of the device's Ed25519 identity, 32 bytes. */
  readonly identitySeed: Uint8Array
  readonly instances: Instances
}

/**
 * Who founds a space has to have keys before the space has an id: they are made of the nonce of its first operation instead.
 *
 * @param space id, 32 bytes
 * @param genesis undefined while it is not here
 */
export function spaceDevice(
  { identitySeed, instances }: DeviceSecrets,
  space: Uint8Array,
  genesis?: Pick<Genesis, 'nonce' | 'founders'>,
): SpaceDevice {
  const keysOf = (instance: Uint8Array): DeviceKeys => {
    if (genesis !== undefined) {
      const founding = deviceKeys({ identitySeed, instance, space: fromHex(genesis.nonce) })
      const key = toHex(founding.author.publicKey)
      if (genesis.founders.some((founder) => founder.key === key)) return founding
    }
    return deviceKeys({ identitySeed, instance, space })
  }
  const { author, sealing } = keysOf(instances.current)
  const former = instances.former.map(keysOf)
  return {
    author,
    sealings: [sealing, ...former.map((keys) => keys.sealing)],
    formers: former.map((keys) => keys.author),
  }
}
