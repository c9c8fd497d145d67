import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameScanner, refusal } from '../../../src/network/dht/frame-guard.ts'
import { fieldsOf } from '../../../src/network/dht/protobuf.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? Date.now() % 1_000_000)
const LIMITS = { maxBytes: 65_536, maxPeers: 20, maxAddresses: 256 }

function varint(value: number): number[] {
  const bytes: number[] = []
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80)
  return [...bytes, value]
}

function field(number: number, value: Iterable<number>): number[] {
  const bytes = [...value]
  return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes]
}

const peer = (addresses: number): number[] => [
  ...field(1, [0, 4, 1, 2, 3, 4]),
  ...Array.from({ length: addresses }, () => field(2, [4, 127, 0, 0, 1, 6, 0, 80])).flat(),
]
const frame = (message: number[]): Uint8Array => Uint8Array.from([...varint(message.length), ...message])

describe('a message', () => {
  const request = [8, 2, ...field(2, [0x12, 0x20])]

  test('with few peers and addresses may pass', () => {
    const message = Uint8Array.from([...request, ...field(9, peer(16)), ...field(8, peer(16))])
    expect(refusal(message, LIMITS)).toBeUndefined()
  })

  test.each([
    ['too many peers', Array.from({ length: 21 }, () => field(9, [])).flat(), /too many peers/],
    [
      'too many peers in both lists',
      Array.from({ length: 11 }, () => [...field(9, []), ...field(8, [])]).flat(),
      /too many peers/,
    ],
    ['too many addresses of one peer', field(9, peer(257)), /too many addresses/],
    ['too many addresses of several', [...field(9, peer(200)), ...field(8, peer(57))], /too many addresses/],
    ['a field longer than itself', [...varint(9 * 8 + 2), 100, 1], /longer than its message/],
    ['a group', [9 * 8 + 3], /wire type 3/],
    ['a tag that does not end', [0xff, 0xff], /does not end/],
    ['a tag without end', Array.from({ length: 20 }, () => 0xff), /too long/],
  ])('with %s is refused', (_what, bytes, reason) => {
    expect(refusal(Uint8Array.from([...request, ...bytes]), LIMITS)).toMatch(reason)
  })

  test('of a million empty peers is refused at once', () => {
    const bytes = new Uint8Array(2 ** 21)
    for (let i = 0; i < bytes.length; i += 2) bytes.set([9 * 8 + 2, 0], i)
    const startMs = performance.now()
    expect(refusal(bytes, { ...LIMITS, maxBytes: bytes.length })).toMatch(/too many peers/)
    console.log(JSON.stringify({ bench: 'dht-million-peers', ms: performance.now() - startMs }))
  })
})

describe('a stream', () => {
  test(`is judged the same however it is cut (seed ${SEED})`, () => {
    const good = frame([8, 2, ...field(9, peer(3))])
    const bad = frame([8, 2, ...field(9, peer(300))])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), fc.nat(5), (cuts, goods) => {
        const bytes = Buffer.concat([...Array.from({ length: goods }, () => good), bad])
        const scanner = new FrameScanner(LIMITS)
        let reason: string | undefined
        for (let at = 0, i = 0; at < bytes.length && reason === undefined; i++) {
          const length = cuts[i % cuts.length] as number
          reason = scanner.scan(bytes.subarray(at, at + length))
          at += length
          // What comes before the bad message passes.
          if (reason !== undefined) expect(at).toBeGreaterThanOrEqual(bytes.length)
        }
        expect(reason).toMatch(/too many addresses/)
      }),
      { seed: SEED },
    )
  })

  test('is ended at the length of a message that is too long, before it arrives', () => {
    expect(new FrameScanner(LIMITS).scan(Uint8Array.from(varint(65_537)))).toBe('it is too long')
    expect(new FrameScanner(LIMITS).scan(Uint8Array.from([0xff, 0xff, 0xff, 0xff]))).toBe(
      'its length is malformed',
    )
    expect(new FrameScanner(LIMITS).scan(Uint8Array.from([0xff, 0xff]))).toBeUndefined()
  })

  test(`of any bytes never makes it fail (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        new FrameScanner(LIMITS).scan(bytes)
        refusal(bytes, LIMITS)
      }),
      { seed: SEED, numRuns: 2_000 },
    )
  })
})

test('fields are walked without what they hold being copied', () => {
  const bytes = Uint8Array.from([
    8,
    150,
    1,
    ...field(2, [7, 7]),
    5 * 8 + 5,
    1,
    2,
    3,
    4,
    6 * 8 + 1,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
  ])
  expect([...fieldsOf(bytes)].map(({ number, valueStart, end }) => [number, end - valueStart])).toEqual([
    [1, 2],
    [2, 2],
    [5, 4],
    [6, 8],
  ])
})
