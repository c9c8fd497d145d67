/** One 32-byte secret sealed to many devices: pairs of sealing key and sealed bytes, in order of the keys. */
import type { CborReader } from '../../content/cbor.ts'
import { ShoalError } from '../../errors.ts'
import type { Random } from '../../util/seams.ts'
import { bind, KEY_BYTES } from './derive.ts'
import type { SealingKey } from './device-keys.ts'
import { open, seal, SEALED_OVERHEAD_BYTES } from './hpke.ts'
import { MAX_SEALED_DEVICES } from './limits.ts'

const SEALED_BYTES = KEY_BYTES + SEALED_OVERHEAD_BYTES

/** Sealing key (32 bytes), sealed secret (80 bytes). */
export type SealedPair = readonly [recipient: Uint8Array, sealed: Uint8Array]

export interface SealToAllInit {
  readonly secret: Uint8Array
  /** Id of the epoch that the secret is the key of. */
  readonly epoch: Uint8Array
  /** What all of it is bound to. */
  readonly info: Uint8Array
  readonly recipients: readonly Uint8Array[]
  readonly random: Random
}

export interface SealedToAll {
  readonly pairs: readonly SealedPair[]
  /** Keys that nothing can be sealed to: who holds one only hurts itself, and stops no rotation. */
  readonly leftOut: readonly Uint8Array[]
}

/** @throws ShoalError ERR_LIMIT for more than MAX_SEALED_DEVICES recipients */
export async function sealToAll(init: SealToAllInit): Promise<SealedToAll> {
  const { secret, epoch, info, random } = init
  const recipients = [...new Map(init.recipients.map((key) => [hexOf(key), key])).values()]
  if (recipients.length > MAX_SEALED_DEVICES) {
    throw new ShoalError('ERR_LIMIT', `a space has at most ${MAX_SEALED_DEVICES} devices that can read`)
  }
  recipients.sort((a, b) => Buffer.compare(a, b))
  const pairs: SealedPair[] = []
  const leftOut: Uint8Array[] = []
  for (const recipient of recipients) {
    // oxlint-disable-next-line no-await-in-loop -- In turn, so that one rotation leaves the other threads of crypto free.
    const sealed = await seal(recipient, secret, { info, aad: aadOf(epoch, recipient) }, random)
    if (sealed === undefined) leftOut.push(recipient)
    else pairs.push([recipient, sealed])
  }
  return { pairs, leftOut }
}

/**
 * The secret that was sealed for `device`; undefined when nothing was.
 *
 * @throws ShoalError ERR_CONTENT_INVALID when what was sealed for it does not open
 */
export async function openForDevice(
  device: SealingKey,
  { epoch, info, pairs }: { epoch: Uint8Array; info: Uint8Array; pairs: readonly SealedPair[] },
): Promise<Uint8Array | undefined> {
  const pair = pairs.find(([recipient]) => Buffer.compare(recipient, device.publicKey) === 0)
  if (pair === undefined) return undefined
  return open(device, pair[1], { info, aad: aadOf(epoch, device.publicKey) })
}

/** Reads pairs; each recipient once, in order. */
export function readPairs(reader: CborReader): SealedPair[] {
  const count = reader.array()
  if (count > MAX_SEALED_DEVICES) throw reader.fail('it is sealed to too many devices')
  const pairs: SealedPair[] = []
  for (let left = count; left > 0; left--) {
    if (reader.array() !== 2) throw reader.fail('expected a device and what is sealed to it')
    const recipient = readExactly(reader, KEY_BYTES)
    const before = pairs.at(-1)?.[0]
    if (before !== undefined && Buffer.compare(before, recipient) >= 0) {
      throw reader.fail('devices are out of order')
    }
    pairs.push([recipient, readExactly(reader, SEALED_BYTES)])
  }
  return pairs
}

export function readExactly(reader: CborReader, length: number): Uint8Array {
  const bytes = reader.bytes(length)
  if (bytes.byteLength !== length) throw reader.fail(`expected ${length} bytes`)
  return bytes.slice()
}

/** How a key, id or digest is written where it names an entry of a map. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

function aadOf(epoch: Uint8Array, recipient: Uint8Array): Uint8Array {
  return bind('shoal/sealed-to/1', epoch, recipient)
}
