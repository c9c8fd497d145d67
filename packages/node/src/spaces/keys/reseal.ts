/**
 * A reseal: the key of an epoch that is there already, sealed to devices that it was not sealed to. For who joined, and for
 * who joined while others rotated. Canonical dag-cbor `{e: epoch's id, s: [[sealing key, sealed key]...], v: 1}`, an opaque
 * body of the auth log, bound to the space and to who reseals.
 */
import { encode } from '@ipld/dag-cbor'
import { CborReader } from '../../content/cbor.ts'
import type { Random } from '../../util/seams.ts'
import { bind, KEY_BYTES } from './derive.ts'
import type { SealingKey } from './device-keys.ts'
import { expectKey } from './epoch.ts'
import { openForDevice, readExactly, readPairs, sealToAll, type SealedPair } from './sealed-map.ts'

const VERSION = 1

export interface Reseal {
  readonly space: Uint8Array
  readonly author: Uint8Array
  /** Id of the epoch. */
  readonly epoch: Uint8Array
  readonly pairs: readonly SealedPair[]
}

export interface ResealInit {
  readonly space: Uint8Array
  /** Author key of the device that reseals. */
  readonly author: Uint8Array
  readonly epoch: Uint8Array
  readonly key: Uint8Array
  /** Sealing keys of the devices that are to get it. */
  readonly recipients: readonly Uint8Array[]
  readonly random: Random
}

/** @throws ShoalError ERR_LIMIT for too many recipients */
export async function resealEpoch(
  init: ResealInit,
): Promise<{ bytes: Uint8Array; leftOut: readonly Uint8Array[] }> {
  const { epoch, key: secret, recipients, random } = init
  const { pairs, leftOut } = await sealToAll({ secret, epoch, info: infoOf(init), recipients, random })
  return { bytes: encode({ e: epoch, s: pairs, v: VERSION }), leftOut }
}

/** @throws ShoalError ERR_CONTENT_INVALID */
export function readReseal(bytes: Uint8Array, space: Uint8Array, author: Uint8Array): Reseal {
  const reader = new CborReader(bytes, 'ERR_CONTENT_INVALID', 'a space key for further devices')
  if (reader.map() !== 3) throw reader.fail('expected three fields')
  expectKey(reader, 'e')
  const epoch = readExactly(reader, KEY_BYTES)
  expectKey(reader, 's')
  const pairs = readPairs(reader)
  expectKey(reader, 'v')
  if (reader.uint() !== VERSION) throw reader.fail('it is of a newer version')
  reader.end()
  return { space, author, epoch, pairs }
}

/**
 * What was sealed to `device`; undefined when nothing was. Whoever uses it compares it with the id first.
 *
 * @throws ShoalError ERR_CONTENT_INVALID when it does not open
 */
export function openReseal(reseal: Reseal, device: SealingKey): Promise<Uint8Array | undefined> {
  return openForDevice(device, { epoch: reseal.epoch, info: infoOf(reseal), pairs: reseal.pairs })
}

function infoOf({ space, author, epoch }: Pick<Reseal, 'space' | 'author' | 'epoch'>): Uint8Array {
  return bind('shoal/reseal/1', space, author, epoch)
}
