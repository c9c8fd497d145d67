import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameGuard } from '../../../src/network/gate/frame-guard.ts'
import { NETWORK_LIMITS } from '../../../src/network/limits.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const DATA = 0
const WINDOW_UPDATE = 1
const PING = 2
const SYN = 1
const clock = { now: () => 0, monotonic: () => 0 }

function frame(type: number, flags: number, length: number, body = 0): Uint8Array {
  const bytes = new Uint8Array(12 + body)
  const view = new DataView(bytes.buffer)
  view.setUint8(1, type)
  view.setUint16(2, flags)
  view.setUint32(4, 1)
  view.setUint32(8, length)
  return bytes
}

function guard(): FrameGuard {
  return new FrameGuard(clock, NETWORK_LIMITS, () => {})
}

test('a frame longer than any window is refused by its header', () => {
  const most = NETWORK_LIMITS.maxStreamWindowBytes
  expect(() => guard().inspect(frame(DATA, 0, most))).not.toThrow()
  expect(() => guard().inspect(frame(DATA, 0, most + 1))).toThrow('a frame is too long')
  expect(() => guard().inspect(frame(DATA, 0, 0xffff_ffff))).toThrow('a frame is too long')
})

test.each([
  ['pings', frame(PING, SYN, 0), NETWORK_LIMITS.muxerPingsPerSecond * 4],
  ['streams', frame(WINDOW_UPDATE, SYN, 1_000), NETWORK_LIMITS.streamsPerSecond * 4],
  ['small frames', frame(DATA, 0, 1, 1), NETWORK_LIMITS.smallFramesPerSecond],
  ['window updates', frame(WINDOW_UPDATE, 0, 1), NETWORK_LIMITS.windowUpdatesPerSecond],
])('more %s than a burst end the connection', (what, one, most) => {
  const frames = guard()
  for (let i = 0; i < most; i++) frames.inspect(one)
  expect(() => frames.inspect(one)).toThrow(`too many ${what}`)
})

test(`frames are found however they are cut, and bodies are never taken for headers (seed ${seed})`, () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 128, max: 5_000 }), { minLength: 1, maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
      (bodies, cuts) => {
        const frames = guard()
        const bytes = Buffer.concat(
          bodies.map((length) => {
            const one = frame(DATA, 0, length, length)
            // Read as a header this would be refused.
            one.fill(0xff, 12)
            one[12] = 0
            return one
          }),
        )
        for (let at = 0, i = 0; at < bytes.byteLength; i++) {
          const cut = cuts[i % cuts.length] as number
          frames.inspect(bytes.subarray(at, at + cut))
          at += cut
        }
        expect(frames.heldBytes).toBe(0)
        expect(() => frames.inspect(frame(DATA, 0, 0xffff_ffff))).toThrow('a frame is too long')
      },
    ),
    { seed, numRuns: 200 },
  )
})

test('what is held of a frame that is not whole is told', () => {
  const frames = guard()
  frames.inspect(frame(DATA, 0, 1_000, 400))
  expect(frames.heldBytes).toBe(400)
  frames.inspect(new Uint8Array(600))
  expect(frames.heldBytes).toBe(0)
})

test('a window update tells that the peer took something', () => {
  let took = 0
  const frames = new FrameGuard(clock, NETWORK_LIMITS, () => took++)
  frames.inspect(frame(WINDOW_UPDATE, 0, 1_000))
  frames.inspect(frame(WINDOW_UPDATE, SYN, 0))
  expect(took).toBe(1)
})
