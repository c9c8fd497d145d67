import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NegotiationGuard } from '../../../src/network/gate/negotiation-guard.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const MOST = 16

function line(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])
}

function guard(): NegotiationGuard {
  return new NegotiationGuard(MOST, (protocol) => protocol === '/noise')
}

const HELLO = line('/multistream/1.0.0\n')

test(`a negotiation ends with a protocol that is spoken, however it is cut; what follows is not read (seed ${seed})`, () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
      fc.uint8Array({ maxLength: 64 }),
      (cuts, rest) => {
        const negotiation = guard()
        const bytes = Buffer.concat([HELLO, line('/tls/1.0.0\n'), line('/noise\n'), rest])
        for (let at = 0, i = 0; at < bytes.byteLength; i++) {
          const cut = cuts[i % cuts.length] as number
          negotiation.inspect(bytes.subarray(at, at + cut))
          at += cut
        }
        expect(negotiation.isOver).toBe(true)
      },
    ),
    { seed, numRuns: 200 },
  )
})

test.each(['ls\n', 'x\n', '\n', '/multistream/1.0.0\n'])('%j without end is refused', (text) => {
  const negotiation = guard()
  for (let i = 1; i < MOST; i++) negotiation.inspect(line(text))
  expect(() => negotiation.inspect(line(text))).toThrow('too many lines')
})

test.each([
  ['nothing', Buffer.from([0])],
  ['more than a line may have', Buffer.from([0x81, 0x08])],
  ['a length without end', Buffer.from([0xff, 0xff, 0xff])],
])('a line of %s is refused', (_, bytes) => {
  expect(() => guard().inspect(bytes)).toThrow('a bad length')
})
