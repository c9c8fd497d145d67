import { encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DAG_CBOR, DAG_PB, RAW, cidOf } from '../../../src/content/cid.ts'
import { isShoalError } from '../../../src/errors.ts'
import { FrameDecoder, encodeFrame } from '../../../src/transfer/wire/frames.ts'
import {
  decodeMessage,
  encodeMessage,
  payloadBytes,
  type Message,
} from '../../../src/transfer/wire/messages.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
const number = fc.integer({ min: 0, max: 2 ** 27 - 1 })
const numbers = fc.array(number, { maxLength: 100 })
const cid = fc
  .tuple(fc.constantFrom(RAW, DAG_PB, DAG_CBOR), bytes32)
  .map(([codec, digest]) => cidOf(codec as typeof RAW, digest))
const n = fc.integer({ min: 0, max: 5_000 })

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ t: fc.constant('hello' as const), v: fc.nat(9), pk: bytes32, nonce: bytes32 }),
  fc.record({ t: fc.constant('hello' as const), v: fc.nat(9), pk: bytes32, nonce: bytes32, mac: bytes32 }),
  fc.record({ t: fc.constant('proof' as const), mac: bytes32 }),
  fc.record({ t: fc.constant('have' as const), total: fc.nat(2 ** 27), all: fc.constant(true as const) }),
  fc.record({ t: fc.constant('have' as const), from: number, n }),
  fc.record({ t: fc.constant('have' as const), i: numbers }),
  fc.record({ t: fc.constantFrom('want' as const, 'cancel' as const), i: numbers }),
  fc.record({ t: fc.constant('get' as const), c: fc.array(cid, { maxLength: 64 }) }),
  fc.record({ t: fc.constant('block' as const), i: number, n }),
  fc.record({ t: fc.constant('cid' as const), c: cid, n }),
  fc.record({
    t: fc.constant('no' as const),
    i: number,
    why: fc.constantFrom('missing' as const, 'gone' as const),
  }),
  fc.record({
    t: fc.constant('no' as const),
    c: cid,
    why: fc.constantFrom('changed' as const, 'busy' as const),
    retryMs: fc.nat(600_000),
  }),
  fc.record({
    t: fc.constant('peers' as const),
    p: fc.array(
      fc.record({
        id: fc.uint8Array({ maxLength: 64 }),
        a: fc.array(fc.uint8Array({ maxLength: 256 }), { maxLength: 8 }),
      }),
      { maxLength: 8 },
    ),
  }),
  fc.record({ t: fc.constant('bye' as const), why: fc.constantFrom('unknown' as const, 'done' as const) }),
)

test(`every message survives its encoding (seed ${seed})`, () => {
  fc.assert(
    fc.property(message, (sent) => {
      expect(decodeMessage(Uint8Array.from(encodeMessage(sent)))).toEqual(sent)
    }),
    { seed, numRuns: 2_000 },
  )
})

test(`frames are found again however the stream is cut (seed ${seed})`, () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 12 }),
      fc.integer({ min: 1, max: 700 }),
      (sent, chunkBytes) => {
        const stream = Buffer.concat(
          sent.flatMap((each, i) => [encodeFrame(each), Buffer.alloc(payloadBytes(each), i)]),
        )
        const got: [Message, Uint8Array | undefined][] = []
        const decoder = new FrameDecoder({
          onHeader: (header) => new Uint8Array(payloadBytes(header) + 3),
          onFrame: (header, payload) => got.push([header, payload?.slice()]),
        })
        for (let at = 0; at < stream.byteLength; at += chunkBytes)
          decoder.push(stream.subarray(at, at + chunkBytes))
        expect(got.map(([header]) => header)).toEqual(sent)
        got.forEach(([header, payload], i) => {
          expect(payload).toEqual(new Uint8Array(payloadBytes(header)).fill(i))
        })
      },
    ),
    { seed, numRuns: 300 },
  )
})

describe('a header that breaks a bound is a protocol error', () => {
  const someCid = cidOf(RAW, new Uint8Array(32))
  test.each<[string, object]>([
    ['no type', { i: 1 }],
    ['a payload over 1 MiB', { t: 'block', i: 1, n: 1_048_577 }],
    ['a negative number', { t: 'block', i: -1, n: 1 }],
    ['a fraction', { t: 'block', i: 1.5, n: 1 }],
    ['a block number over 2^27', { t: 'block', i: 2 ** 27, n: 1 }],
    ['too many numbers', { t: 'want', i: Array.from({ length: 4_097 }, () => 1) }],
    ['a number where a list belongs', { t: 'want', i: 1 }],
    ['a list where a number belongs', { t: 'block', i: [1], n: 1 }],
    ['too many CIDs', { t: 'get', c: Array.from({ length: 65 }, () => someCid) }],
    ['a short nonce', { t: 'hello', v: 1, pk: new Uint8Array(32), nonce: new Uint8Array(31) }],
    ['a long mac', { t: 'proof', mac: new Uint8Array(33) }],
    ['a missing field', { t: 'proof' }],
    ['text for bytes', { t: 'proof', mac: 'x'.repeat(32) }],
    ['an unknown reason', { t: 'no', i: 1, why: 'because' }],
    ['a refusal of both kinds', { t: 'no', i: 1, c: someCid, why: 'gone' }],
    ['a refusal of nothing', { t: 'no', why: 'gone' }],
    ['a retry time over ten minutes', { t: 'no', i: 1, why: 'busy', retryMs: 600_001 }],
    [
      'too many peers',
      { t: 'peers', p: Array.from({ length: 33 }, () => ({ id: new Uint8Array(1), a: [] })) },
    ],
    [
      'too many addresses',
      { t: 'peers', p: [{ id: new Uint8Array(1), a: Array.from({ length: 9 }, () => new Uint8Array(1)) }] },
    ],
    [
      'too many fields',
      Object.fromEntries([['t', 'x'], ...Array.from({ length: 16 }, (_, k) => [`k${k}`, 1])]),
    ],
    ['an unknown field nested too deep', { t: 'x', zz: [[[[[[1]]]]]] }],
    ['an unknown field of too many items', { t: 'x', zz: Array.from({ length: 1_024 }, () => 1) }],
  ])('%s', (_name, header) => {
    expect(codeOf(() => decodeMessage(encode(header)))).toBe('ERR_PROTOCOL')
  })

  test('keys out of canonical order', () => {
    // {"why": "done", "t": "bye"} instead of {"t": ..., "why": ...}
    const header = Buffer.from('a2637768796464 6f6e6561746362796 5'.replaceAll(' ', ''), 'hex')
    expect(codeOf(() => decodeMessage(header))).toBe('ERR_PROTOCOL')
  })

  test('an identity CID', () => {
    const header = Buffer.concat([
      Buffer.from('a261638 1d82a4500015500'.replaceAll(' ', ''), 'hex'),
      Buffer.from('6174', 'hex'),
      Buffer.from('63676574', 'hex'),
    ])
    expect(codeOf(() => decodeMessage(header))).toBe('ERR_PROTOCOL')
  })
})

test('a message of a later version is skipped, unknown fields of a known one too', () => {
  expect(decodeMessage(encode({ t: 'sing', n: 7, of: ['arms'] }))).toEqual({ t: 'unknown', n: 7 })
  expect(decodeMessage(encode({ t: 'bye', why: 'done', zzzz: { a: [1, 'b'] } }))).toEqual({
    t: 'bye',
    why: 'done',
  })
})

describe('a frame whose length prefix is no shortest varint of at most 64 KiB is refused', () => {
  test.each([
    ['zero', [0x00]],
    ['a second form of 1', [0x81, 0x00]],
    ['65,537', [0x81, 0x80, 0x04]],
    ['four bytes', [0x80, 0x80, 0x80, 0x01]],
  ])('%s', (_name, prefix) => {
    const decoder = new FrameDecoder({ onHeader: () => undefined, onFrame: () => {} })
    expect(codeOf(() => decoder.push(Uint8Array.from(prefix)))).toBe('ERR_PROTOCOL')
  })
})

function codeOf(work: () => unknown): string | undefined {
  try {
    work()
  } catch (error) {
    return isShoalError(error) ? error.code : String(error)
  }
  return undefined
}
