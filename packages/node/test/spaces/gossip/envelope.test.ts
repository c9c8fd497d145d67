import fc from 'fast-check'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { expect, test } from 'vitest'
import { PUBSUB_LIMITS } from '../../../src/network/pubsub/limits.ts'
import {
  fitsGossip,
  gossipSeal,
  MAX_SEALED_GOSSIP_BYTES,
  openGossip,
  sealGossip,
  type GossipMessage,
} from '../../../src/spaces/gossip/envelope.ts'
import { MAX_GOSSIP_FRAME_BYTES } from '../../../src/spaces/gossip/limits.ts'
import { Mutator } from '../../helpers/mutate.ts'
import { seededRandom } from '../../helpers/space-keys.ts'

const SEED = 20_261_123
const space = new Uint8Array(32).fill(1)
const epochKey = new Uint8Array(32).fill(2)
const TOPIC = '/shoal/space/1/x'
const seal = gossipSeal(space, epochKey, TOPIC)
const random = seededRandom(SEED)

function batch(bytes: number): GossipMessage {
  return { kind: 'batch', frames: [new Uint8Array(bytes).fill(7)] }
}

/** What a member can make that no version seals. */
function sealPlain(plain: Uint8Array): Uint8Array {
  const nonce = random.bytes(24)
  return new Uint8Array(Buffer.concat([nonce, xchacha20poly1305(seal.key, nonce, seal.aad).encrypt(plain)]))
}

test('what was sealed opens as it was, whatever its kind and size', () => {
  const bytes = fc.uint8Array({ maxLength: 3_000 })
  const message = fc.oneof(
    bytes.map((frame): GossipMessage => ({ kind: 'batch', frames: [frame] })),
    fc
      .array(bytes, { minLength: 1, maxLength: 16 })
      .map((frames): GossipMessage => ({ kind: 'auth', frames })),
  )
  fc.assert(
    fc.property(message, (given) => {
      expect(openGossip(seal, sealGossip(seal, given, random))).toEqual(given)
    }),
    { seed: SEED, numRuns: 200 },
  )
})

test('a message as it travels stays what it is', () => {
  const fixed = { bytes: (length: number) => new Uint8Array(length).fill(3) }
  const sealed = sealGossip(seal, { kind: 'batch', frames: [Buffer.from('here')] }, fixed)
  expect(Buffer.from(seal.key).toString('hex')).toBe(
    '07bcac7441ad2c20e88dd5ea852d96a600310d529ecb7397708b79faf90c18d7',
  )
  expect(Buffer.from(sealed.subarray(0, 64)).toString('hex')).toBe(
    '030303030303030303030303030303030303030303030303b0324d9856245018609036c8ed0d10676a863fbc7b9861805d703ed18dcff4a2f20ba596e1ccae90',
  )
  expect(sealed).toHaveLength(24 + 512 + 16)
})

test('the largest batch fits, and one byte more does not', () => {
  const largest = batch(MAX_GOSSIP_FRAME_BYTES)
  expect(openGossip(seal, sealGossip(seal, largest, random))).toEqual(largest)
  expect(MAX_SEALED_GOSSIP_BYTES).toBeLessThanOrEqual(PUBSUB_LIMITS.maxMessageBytes)
  expect(() => sealGossip(seal, batch(MAX_GOSSIP_FRAME_BYTES + 1), random)).toThrow(/65536 bytes/)
  const frames = Array.from({ length: 17 }, () => new Uint8Array(1))
  const refused: GossipMessage[] = [
    { kind: 'auth', frames },
    { kind: 'auth', frames: [] },
    { kind: 'batch', frames: frames.slice(0, 2) },
  ]
  expect(refused.map(fitsGossip)).toEqual([false, false, false])
})

test('of small messages all have one length, and of others little is told by theirs', () => {
  const lengths = (from: number, to: number): Set<number> =>
    new Set(Array.from({ length: to - from }, (_, i) => sealGossip(seal, batch(from + i), random).byteLength))
  expect(lengths(1, 500).size).toBe(1)
  expect(lengths(60_000, 60_400).size).toBeLessThanOrEqual(2)
})

test('a message opens under its key, in its space and under its name only', () => {
  const sealed = sealGossip(seal, batch(10), random)
  const other = new Uint8Array(32).fill(9)
  expect(openGossip(gossipSeal(other, epochKey, TOPIC), sealed)).toBeUndefined()
  expect(openGossip(gossipSeal(space, other, TOPIC), sealed)).toBeUndefined()
  expect(openGossip(gossipSeal(space, epochKey, `${TOPIC}y`), sealed)).toBeUndefined()
  expect(openGossip({ key: seal.key, aad: gossipSeal(other, epochKey, TOPIC).aad }, sealed)).toBeUndefined()
})

test('no altered message opens, and none makes the reader fail', () => {
  const sealed = sealGossip(seal, batch(700), random)
  const mutator = new Mutator(SEED)
  for (let i = 0; i < 2_000; i++) {
    const altered = mutator.mutate([sealed])
    if (Buffer.compare(altered, sealed) !== 0) expect(openGossip(seal, altered)).toBeUndefined()
  }
})

test('whatever a member seals is read as a message, unknown or malformed', () => {
  const results = new Set<string>()
  const plain = new Uint8Array(512)
  plain.set([2, 2, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 1, 9])
  const mutator = new Mutator(SEED)
  for (let i = 0; i < 5_000; i++) {
    const altered = mutator.mutate([plain, plain.subarray(0, 14)])
    if (altered.byteLength < 512) continue
    const opened = openGossip(seal, sealPlain(altered))
    results.add(typeof opened === 'string' ? opened : opened === undefined ? 'undefined' : opened.kind)
  }
  expect([...results].toSorted()).toEqual(['auth', 'malformed', 'unknown'])
})

test.each([
  ['a frame that is longer than what there is', [1, 1, 255, 255, 255, 255]],
  ['more frames than its kind has', [1, 2, 0, 0, 0, 1, 5, 0, 0, 0, 1, 5]],
  ['no frame', [1, 0]],
  ['padding that is not empty', [1, 1, 0, 0, 0, 1, 5, 1]],
])('%s is malformed', (_, head) => {
  const plain = new Uint8Array(512)
  plain.set(head)
  expect(openGossip(seal, sealPlain(plain))).toBe('malformed')
})

test('more padding than it takes is malformed', () => {
  const plain = new Uint8Array(1_024)
  plain.set([1, 1, 0, 0, 0, 1, 5])
  expect(openGossip(seal, sealPlain(plain))).toBe('malformed')
})
