/** Every decoder that a peer or publisher can feed, with mutated bytes: only our own errors, no stall, no flood. */
import { encode } from '@ipld/dag-cbor'
import { describe, expect, test } from 'vitest'
import { RAW, cidOf, sha256 } from '../../src/content/cid.ts'
import { shapeOf } from '../../src/content/sealed/format.ts'
import { decodePage, encodePages } from '../../src/content/sealed/manifest.ts'
import { decodeRoot, encodeRoot } from '../../src/content/sealed/root.ts'
import { isShoalError } from '../../src/errors.ts'
import { MAX_HEADER_BYTES } from '../../src/transfer/constants.ts'
import { FrameDecoder, encodeFrame } from '../../src/transfer/wire/frames.ts'
import { decodeMessage, encodeMessage, payloadBytes, type Message } from '../../src/transfer/wire/messages.ts'
import { cpuMs } from '../helpers/cpu.ts'
import { Mutator } from '../helpers/mutate.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
/** Inputs for each decoder; with those of the link, CBOR and UnixFS fuzz tests over 100,000 in all. */
const INPUTS = Number(process.env['SHOAL_FUZZ_INPUTS'] ?? 30_000)
/** Most CPU time of one message, in milliseconds. */
const MOST_MS = 5

const cid = cidOf(RAW, sha256(new Uint8Array()))
const messages: Message[] = [
  { t: 'hello', v: 1, pk: new Uint8Array(32), nonce: new Uint8Array(32), mac: new Uint8Array(32) },
  { t: 'proof', mac: new Uint8Array(32) },
  { t: 'have', total: 77, all: true },
  { t: 'have', from: 8, n: 40 },
  { t: 'want', i: [1, 22, 333, 44_444, 5_555_555] },
  { t: 'get', c: [cid, cid] },
  { t: 'block', i: 3, n: 100 },
  { t: 'cid', c: cid, n: 10 },
  { t: 'no', i: 1, why: 'busy', retryMs: 100 },
  { t: 'peers', p: [{ id: new Uint8Array(38), a: [new Uint8Array(8)] }] },
  { t: 'bye', why: 'done' },
]

const digests = new Uint8Array(40_000 * 32).fill(7)
const roots = [
  encodeRoot(shapeOf(10, 10), new Uint8Array(32), digests.subarray(0, 64)).bytes,
  encodeRoot(shapeOf(39_999 * 1_048_560 * 0.9, 10), new Uint8Array(32), digests).bytes,
]
const entries = Array.from({ length: 50 }, (_, i) => ({
  path: `folder/${String(i).padStart(4, '0')} name`,
  kind: 'file' as const,
  size: i,
  mtimeMs: i * 1_000 - 10_000,
  executable: i % 2 === 0,
}))
const pages = [...encodePages('name', 'folder', entries), ...encodePages('n', 'file', [])]

const decoders: [string, Uint8Array[], (bytes: Uint8Array) => void][] = [
  ['headers', messages.map(encodeMessage), (bytes) => void decodeMessage(bytes)],
  ['frames', messages.map((m) => Buffer.concat([encodeFrame(m), Buffer.alloc(payloadBytes(m))])), pushFrames],
  ['roots', roots, (bytes) => void decodeRoot(bytes)],
  ['manifest pages', pages, readPage],
]

function pushFrames(bytes: Uint8Array): void {
  let held = 0
  const decoder = new FrameDecoder({
    onHeader: (message) => {
      held += payloadBytes(message)
      // What a frame may make us hold is bounded before anything is allocated.
      expect(held).toBeLessThanOrEqual(bytes.byteLength + 1_048_576)
      return undefined
    },
    onFrame: (message) => (held -= payloadBytes(message)),
  })
  decoder.push(bytes)
}

function readPage(bytes: Uint8Array): void {
  const page = decodePage(bytes, true)
  for (const entry of page?.entries ?? []) if (entry.size < 0) throw new Error('a negative size')
}

describe(`mutated bytes end in our own errors (seed ${SEED})`, () => {
  test.each(decoders)('%s', { timeout: 300_000 }, (_name, samples, decode) => {
    const mutator = new Mutator(SEED)
    let refused = 0
    let worstMs = 0
    for (let k = 0; k < INPUTS; k++) {
      const input = mutator.mutate(samples)
      const attempt = (): void => {
        try {
          decode(input)
        } catch (error) {
          if (!isShoalError(error)) throw error
          refused++
        }
      }
      worstMs = Math.max(worstMs, cpuMs(attempt, MOST_MS))
    }
    expect(refused).toBeGreaterThan(INPUTS / 10)
    expect(worstMs).toBeLessThan(MOST_MS)
  })
})

describe('the most expensive headers that fit stay under 5 ms', () => {
  const fill = (item: unknown, bytesEach: number): unknown[] =>
    Array.from({ length: Math.floor((MAX_HEADER_BYTES - 40) / bytesEach) }, () => item)
  test.each<[string, Uint8Array]>([
    ['numbers in a want', encode({ t: 'want', i: fill(1, 1).slice(0, 4_096) })],
    ['far too many numbers', encode({ t: 'want', i: fill(1, 1) })],
    ['64 CIDs', encode({ t: 'get', c: Array.from({ length: 64 }, () => cid) })],
    ['an unknown field of lists', encode({ t: 'x', zz: fill([], 1) })],
    ['an unknown field of short texts', encode({ t: 'x', zz: fill('ä', 3) })],
    ['an unknown field of maps', encode({ t: 'x', zz: fill({}, 1) })],
    [
      '32 peers',
      encode({
        t: 'peers',
        p: Array.from({ length: 32 }, () => ({
          id: new Uint8Array(64),
          a: Array.from({ length: 7 }, () => new Uint8Array(250)),
        })),
      }),
    ],
  ])('%s', (_name, header) => {
    const decode = (): void => {
      try {
        decodeMessage(header)
      } catch (error) {
        if (!isShoalError(error)) throw error
      }
    }
    decode()
    expect(cpuMs(decode, MOST_MS)).toBeLessThan(MOST_MS)
  })
})
