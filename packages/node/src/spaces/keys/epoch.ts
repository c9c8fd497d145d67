/**
 * An epoch: the time during which a space uses one key, 32 random bytes. Its announcement is an opaque body of the auth
 * log, whose signature covers it: canonical dag-cbor
 * `{d: depth, e: id, p: [[predecessor's id, its key wrapped]...], s: [[sealing key, sealed key]...], v: 1}`.
 *
 * The id commits to the key and to space, author, depth and predecessors, so that nobody can give two devices different
 * keys under one id, nor use an announcement again elsewhere. Keys of predecessors are wrapped by the new key (empty where
 * the announcer had none): who gets the newest key reads back to the first, and nobody reads forward.
 */
import { encode } from '@ipld/dag-cbor'
import { CborReader } from '../../content/cbor.ts'
import { ShoalError } from '../../errors.ts'
import type { Random } from '../../util/seams.ts'
import { bind, derive, KEY_BYTES } from './derive.ts'
import type { SealingKey } from './device-keys.ts'
import { MAX_PREDECESSORS } from './limits.ts'
import {
  hexOf,
  openForDevice,
  readExactly,
  readPairs,
  sealToAll,
  type SealedPair,
  type SealToAllInit,
} from './sealed-map.ts'
import { unwrap, wrap, WRAPPED_BYTES } from './wrapping.ts'

const VERSION = 1
const LABEL = 'shoal/epoch/1'
const WHAT = 'the announcement of a space key'

/** What the id of an epoch commits to, beside its key. */
export interface EpochFacts {
  /** Id of the space, 32 bytes. */
  readonly space: Uint8Array
  /** Author key of the device that announced it, 32 bytes. */
  readonly author: Uint8Array
  /** One more than the deepest predecessor's; 0 for the first. */
  readonly depth: number
  /** Ids of the epochs that it follows, in order of their bytes. */
  readonly predecessors: readonly Uint8Array[]
}

export interface Announcement extends EpochFacts {
  readonly id: Uint8Array
  /** The keys of the predecessors, in their order; undefined where the announcer had none. */
  readonly wrapped: readonly (Uint8Array | undefined)[]
  readonly pairs: readonly SealedPair[]
}

/** An epoch that another can follow. */
export interface HeldEpoch {
  readonly id: Uint8Array
  readonly depth: number
  /** Undefined where this device has not got it. */
  readonly key: Uint8Array | undefined
}

export interface AnnounceInit {
  readonly space: Uint8Array
  readonly author: Uint8Array
  /** Heads of the epochs so far. */
  readonly predecessors: readonly HeldEpoch[]
  /** Sealing keys of all devices that may read, the announcer's own among them. */
  readonly recipients: readonly Uint8Array[]
  readonly random: Random
}

export interface NewEpoch {
  /** The announcement, as it goes into the auth log. */
  readonly bytes: Uint8Array
  readonly id: Uint8Array
  readonly key: Uint8Array
  /** Sealing keys that nothing can be sealed to. */
  readonly leftOut: readonly Uint8Array[]
}

/** Makes a new epoch. @throws ShoalError ERR_LIMIT for too many predecessors or recipients */
export async function announceEpoch(init: AnnounceInit): Promise<NewEpoch> {
  const { space, author, random } = init
  const held = [...init.predecessors].sort((a, b) => Buffer.compare(a.id, b.id))
  if (held.length > MAX_PREDECESSORS) {
    throw new ShoalError('ERR_LIMIT', `a space key follows at most ${MAX_PREDECESSORS} others`)
  }
  const depth = held.reduce((deepest, epoch) => Math.max(deepest, epoch.depth + 1), 0)
  const facts: EpochFacts = { space, author, depth, predecessors: held.map(({ id }) => id) }
  const key = random.bytes(KEY_BYTES)
  const id = epochId(facts, key)
  const sealing: SealToAllInit = {
    secret: key,
    epoch: id,
    info: infoOf(facts),
    recipients: init.recipients,
    random,
  }
  const { pairs, leftOut } = await sealToAll(sealing)
  const wrapped = held.map((epoch) =>
    epoch.key === undefined
      ? new Uint8Array()
      : wrap(chainKey(key), epoch.key, chainAad(space, id, epoch.id), random),
  )
  const p = held.map((epoch, index) => [epoch.id, wrapped[index]])
  return { bytes: encode({ d: depth, e: id, p, s: pairs, v: VERSION }), id, key, leftOut }
}

/**
 * Reads an announcement; nothing is opened. What it says of its id and its place holds only once a key proves it.
 *
 * @throws ShoalError ERR_CONTENT_INVALID
 */
export function readAnnouncement(bytes: Uint8Array, space: Uint8Array, author: Uint8Array): Announcement {
  const reader = new CborReader(bytes, 'ERR_CONTENT_INVALID', WHAT)
  if (reader.map() !== 5) throw reader.fail('expected five fields')
  expectKey(reader, 'd')
  const depth = reader.uint()
  expectKey(reader, 'e')
  const id = readExactly(reader, KEY_BYTES)
  expectKey(reader, 'p')
  const { predecessors, wrapped } = readPredecessors(reader)
  if ((depth === 0) !== (predecessors.length === 0)) throw reader.fail('its depth is not that of its place')
  expectKey(reader, 's')
  const pairs = readPairs(reader)
  expectKey(reader, 'v')
  if (reader.uint() !== VERSION) throw reader.fail('it is of a newer version')
  reader.end()
  return { space, author, depth, predecessors, wrapped, id, pairs }
}

/**
 * The key that an announcement has for `device`; undefined when none was sealed to it.
 *
 * @throws ShoalError ERR_CONTENT_INVALID when what was sealed to it does not open, or is not the key that the id names
 */
export async function openAnnouncement(
  announcement: Announcement,
  device: SealingKey,
): Promise<Uint8Array | undefined> {
  const { id: epoch, pairs } = announcement
  const key = await openForDevice(device, { epoch, info: infoOf(announcement), pairs })
  if (key !== undefined && !isKeyOf(announcement, epoch, key)) {
    throw new ShoalError('ERR_CONTENT_INVALID', 'the space key that was sealed is not the one announced')
  }
  return key
}

/** Key of the predecessor at `index`, out of the announcement that follows it; undefined when it has none that opens. */
export function unwrapPredecessor(
  announcement: Announcement,
  index: number,
  key: Uint8Array,
): Uint8Array | undefined {
  const wrapped = announcement.wrapped[index]
  const predecessor = announcement.predecessors[index]
  if (wrapped === undefined || predecessor === undefined) return undefined
  return unwrap(chainKey(key), wrapped, chainAad(announcement.space, announcement.id, predecessor))
}

/** Is `key` the one that the id of this epoch commits to? */
export function isKeyOf(facts: EpochFacts, id: Uint8Array, key: Uint8Array): boolean {
  return key.byteLength === KEY_BYTES && Buffer.compare(epochId(facts, key), id) === 0
}

export function expectKey(reader: CborReader, name: string): void {
  if (reader.text(1) !== name) throw reader.fail(`expected field ${name}`)
}

function readPredecessors(reader: CborReader): Pick<Announcement, 'predecessors' | 'wrapped'> {
  const count = reader.array()
  if (count > MAX_PREDECESSORS) throw reader.fail('it follows too many others')
  const predecessors: Uint8Array[] = []
  const wrapped: (Uint8Array | undefined)[] = []
  for (let left = count; left > 0; left--) {
    if (reader.array() !== 2) throw reader.fail('expected an epoch and its key')
    const id = readExactly(reader, KEY_BYTES)
    const before = predecessors.at(-1)
    if (before !== undefined && Buffer.compare(before, id) >= 0) throw reader.fail('epochs are out of order')
    const key = reader.bytes(WRAPPED_BYTES)
    if (key.byteLength !== 0 && key.byteLength !== WRAPPED_BYTES) throw reader.fail('a key is cut short')
    predecessors.push(id)
    wrapped.push(key.byteLength === 0 ? undefined : key.slice())
  }
  return { predecessors, wrapped }
}

function epochId({ space, author, depth, predecessors }: EpochFacts, key: Uint8Array): Uint8Array {
  return derive(key, LABEL, 'id', space, author, depth, ...predecessors)
}

function infoOf({ space, author, depth, predecessors }: EpochFacts): Uint8Array {
  return bind(LABEL, 'seal', space, author, depth, ...predecessors)
}

function chainKey(key: Uint8Array): Uint8Array {
  return derive(key, LABEL, 'chain')
}

function chainAad(space: Uint8Array, id: Uint8Array, predecessor: Uint8Array): Uint8Array {
  return bind(LABEL, 'chain', space, id, predecessor)
}

/** Names an epoch in messages: the first 8 digits of its id. */
export function shortId(id: Uint8Array): string {
  return hexOf(id.subarray(0, 4))
}
