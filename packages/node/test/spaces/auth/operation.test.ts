import { encode } from '@ipld/dag-cbor'
import { expect, test } from 'vitest'
import { isShoalError, type ErrorCode } from '../../../src/errors.ts'
import type { Action } from '../../../src/spaces/auth/action.ts'
import { verifyStrictly } from '../../../src/spaces/ed25519.ts'
import { MAX_HEADS, MAX_OPERATION_BYTES, MAX_PINNED_HEADS } from '../../../src/spaces/auth/limits.ts'
import {
  decodeKeptOperation,
  decodeOperation,
  encodeBody,
  type Operation,
} from '../../../src/spaces/auth/operation.ts'
import { Device, digestOf, genesisOf } from '../../helpers/auth.ts'
import { Mutator } from '../../helpers/mutate.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)
const FUZZ_INPUTS = Number(process.env['SHOAL_FUZZ_INPUTS'] ?? 5_000)

const anna = new Device('anna')
const ben = new Device('ben')
const link = new Device('link')
const genesis = anna.signed(undefined, [], genesisOf([anna, ben]))
const space = genesis.id
const pins = [digestOf('a'), digestOf('b')].toSorted()
const device = { member: ben.key, sealing: ben.sealing }

const ACTIONS: Action[] = [
  { type: 'admit', role: 'write', invite: undefined, ...device },
  { type: 'admit', role: 'manage', invite: digestOf('invite'), ...device },
  { type: 'role', role: 'pull', member: ben.key, after: pins },
  { type: 'remove', member: ben.key, after: pins },
  { type: 'leave', after: [] },
  { type: 'invite', key: link.key, role: 'write', uses: 3, expiresMs: 1_800_000_000_000, mode: 'instant' },
  { type: 'invite', key: link.key, role: 'manage', uses: 1, expiresMs: 0, mode: 'approval' },
  { type: 'revoke', invite: digestOf('invite') },
  { type: 'epoch', body: new Uint8Array(80).fill(7) },
  { type: 'reseal', body: new Uint8Array(0) },
  { type: 'founder', ...device },
  { type: 'rename', name: 'Fünf' },
]
const redeemed = ben.signed(space, [space], link.redeem(space, digestOf('invite'), ben))
const samples = [genesis, redeemed, ...ACTIONS.map((action) => anna.signed(space, [space], action))]

function refusal(bytes: Uint8Array): ErrorCode {
  try {
    decodeOperation(bytes)
  } catch (error) {
    if (isShoalError(error)) return error.code
    throw error
  }
  throw new Error('accepted')
}

/** Signs any body at all as anna. */
function forged(body: unknown): Uint8Array {
  const bytes = encode(body)
  return Buffer.concat([anna.sign(bytes), bytes])
}

const plainBody = {
  v: 1,
  tag: 'shoal/space/auth/1',
  prev: [Buffer.from(space, 'hex')],
  space: Buffer.from(space, 'hex'),
  action: { t: 'rename', name: 'x' },
  author: Buffer.from(anna.key, 'hex'),
}

test('every kind of operation reads back as it was, and has the hash of its body for an id', () => {
  for (const operation of samples) {
    const { frame } = operation
    expect(decodeOperation(frame)).toEqual(operation)
    expect(decodeKeptOperation(frame)).toEqual(operation)
    expect(operation.id).toBe(digestOf(frame.subarray(64)))
    expect(Buffer.compare(encodeBody(operation), frame.subarray(64))).toBe(0)
  }
  expect(decodeOperation(forged(plainBody)).action).toEqual({ type: 'rename', name: 'x' })
})

test('every flipped bit and every truncation of an operation is refused with ERR_PROTOCOL', () => {
  for (const { frame: bytes } of [genesis, redeemed, samples[3] as Operation]) {
    for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
      const changed = Uint8Array.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(refusal(changed)).toBe('ERR_PROTOCOL')
    }
    for (let length = 0; length < bytes.byteLength; length++)
      expect(refusal(bytes.subarray(0, length))).toBe('ERR_PROTOCOL')
    expect(refusal(Uint8Array.of(...bytes, 0))).toBe('ERR_PROTOCOL')
  }
})

test(`whatever is accepted of ${FUZZ_INPUTS} mutations under a good signature is canonical (seed ${SEED})`, () => {
  const mutator = new Mutator(SEED)
  const bodies = samples.map(({ frame }) => frame.subarray(64))
  let accepted = 0
  for (let i = 0; i < FUZZ_INPUTS; i++) {
    const body = mutator.mutate(bodies)
    try {
      const operation = decodeOperation(Buffer.concat([anna.sign(body), body]))
      accepted++
      expect(Buffer.compare(encodeBody(operation), body)).toBe(0)
    } catch (error) {
      if (!isShoalError(error, 'ERR_PROTOCOL') && !isShoalError(error, 'ERR_LIMIT')) throw error
    }
  }
  expect(accepted).toBeGreaterThan(0)
})

test('an operation signed for another purpose, version or with other fields is refused', () => {
  const bodies = [
    { ...plainBody, tag: 'shoal/space/data/1' },
    { ...plainBody, v: 2 },
    { ...plainBody, more: 1 },
    { ...plainBody, space: new Uint8Array(31) },
    { ...plainBody, space: new Uint8Array(0) },
    { ...plainBody, prev: [] },
    { ...plainBody, prev: [new Uint8Array(31)] },
    { ...plainBody, prev: [plainBody.prev[0], plainBody.prev[0]] },
    { ...plainBody, prev: [new Uint8Array(32).fill(9), new Uint8Array(32).fill(8)] },
    { ...plainBody, prev: Array.from({ length: MAX_HEADS + 1 }, (_, i) => new Uint8Array(32).fill(i)) },
    { ...plainBody, action: { t: 'rename', name: '' } },
    { ...plainBody, action: { t: 'rename', name: 'x'.repeat(256) } },
    { ...plainBody, action: { t: 'rename', name: 'x', more: 1 } },
    { ...plainBody, action: { t: 'rename' } },
    { ...plainBody, action: { t: 'nothing' } },
    {
      ...plainBody,
      action: {
        t: 'leave',
        after: Array.from({ length: MAX_PINNED_HEADS + 1 }, (_, i) => new Uint8Array(32).fill(i)),
      },
    },
    {
      ...plainBody,
      action: {
        t: 'admit',
        role: 4,
        invite: new Uint8Array(0),
        member: plainBody.author,
        sealing: plainBody.author,
      },
    },
    {
      ...plainBody,
      action: {
        t: 'admit',
        role: 1,
        invite: new Uint8Array(5),
        member: plainBody.author,
        sealing: plainBody.author,
      },
    },
    { ...plainBody, action: { t: 'invite', key: plainBody.author, mode: 0, role: 3, uses: 1, expires: 0 } },
    { ...plainBody, action: { t: 'invite', key: plainBody.author, mode: 2, role: 1, uses: 1, expires: 0 } },
    { ...plainBody, action: { t: 'invite', key: plainBody.author, mode: 1, role: 1, uses: 0, expires: 0 } },
    { ...plainBody, action: { t: 'epoch', body: new Uint8Array(122_881) } },
    { ...plainBody, action: { t: 'reseal', body: 'text' } },
    {
      ...plainBody,
      prev: [],
      space: new Uint8Array(0),
      action: {
        t: 'genesis',
        name: 'x',
        nonce: new Uint8Array(32),
        agreement: 1,
        founders: [[Buffer.from(ben.key, 'hex'), new Uint8Array(32)]],
      },
    },
    {
      ...plainBody,
      prev: [],
      space: new Uint8Array(0),
      action: { t: 'genesis', name: 'x', nonce: new Uint8Array(32), agreement: 1, founders: [] },
    },
  ]
  for (const body of bodies) expect(refusal(forged(body))).toBe('ERR_PROTOCOL')
})

test('an operation over its bound is refused with ERR_LIMIT before it is read', () => {
  expect(refusal(new Uint8Array(1_048_576))).toBe('ERR_LIMIT')
  const long = forged({ ...plainBody, action: { t: 'epoch', body: new Uint8Array(10_000) } })
  expect(long.byteLength).toBeGreaterThan(MAX_OPERATION_BYTES)
  expect(decodeOperation(long).action.type).toBe('epoch')
})

test('what no reader would take is not written either', () => {
  const write = (): unknown => anna.signed(space, [], { type: 'rename', name: 'x' })
  expect(write).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }))
})

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
const littleEndian = (value: bigint): Uint8Array =>
  Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toReversed()
const toNumber = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(Uint8Array.from(bytes).toReversed()).toString('hex')}`)

test('a signature whose S is not reduced is refused, so nobody can make a second one of it', () => {
  const { frame: bytes } = genesis
  const s = toNumber(bytes.subarray(32, 64))
  for (let times = 1n; s + times * ORDER < 2n ** 256n; times++) {
    const changed = Uint8Array.from(bytes)
    changed.set(littleEndian(s + times * ORDER), 32)
    expect(refusal(changed)).toBe('ERR_PROTOCOL')
  }
})

test('keys of small order and keys that are not canonical are refused, wherever they stand', () => {
  const P = 2n ** 255n - 19n
  const eighth = toNumber(
    Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex'),
  )
  const small = [0n, 1n, P - 1n, eighth, P - eighth]
  const notCanonical = [P, P + 1n, P + 5n, 2n ** 255n - 1n]
  for (const y of [...small, ...notCanonical]) {
    for (const sign of [0n, 2n ** 255n]) {
      const key = littleEndian(y + sign)
      // Under the neutral element, R = the neutral element and S = 0 is a signature of every message.
      const signature = Uint8Array.of(1, ...new Uint8Array(63))
      expect(verifyStrictly(key, Buffer.from('any'), signature)).toBe(false)
      const author = encode({ ...plainBody, author: key })
      expect(refusal(Buffer.concat([signature, author]))).toBe('ERR_PROTOCOL')
      expect(
        refusal(forged({ ...plainBody, action: { t: 'founder', member: key, sealing: plainBody.author } })),
      ).toBe('ERR_PROTOCOL')
    }
  }
})

test('a proof of an invite is good for one space and one device only', () => {
  const proof = link.redeem(space, digestOf('invite'), ben)
  const carol = new Device('carol')
  const invalid = { code: 'ERR_OPTIONS_INVALID' }
  expect(() => carol.signed(space, [space], proof)).toThrow(expect.objectContaining(invalid))
  expect(() => ben.signed(digestOf('other'), [space], proof)).toThrow(expect.objectContaining(invalid))
  expect(() => ben.signed(space, [space], { ...proof, nonce: digestOf('x') })).toThrow(
    expect.objectContaining(invalid),
  )
})
