import { encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMessage, encodeMessage, REASONS, type JoinMessage } from '../../../src/spaces/join/messages.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const key = bytes(32)
const signature = bytes(64)
const frames = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 16 })

const MESSAGE: fc.Arbitrary<JoinMessage> = fc.oneof(
  fc.record({ t: fc.constant('ask' as const), v: fc.nat(), find: key, nonce: key }),
  fc.record({ t: fc.constant('nonce' as const), nonce: key }),
  fc.record({
    t: fc.constant('prove' as const),
    author: key,
    sealing: key,
    byInvite: signature,
    byAuthor: signature,
    commitment: key,
    name: fc.string({ maxLength: 16, unit: 'grapheme-ascii' }),
  }),
  fc.record({ t: fc.constant('compare' as const), author: key, sealing: key, nonce: key }),
  fc.record({ t: fc.constant('reveal' as const), nonce: key }),
  fc.record({ t: fc.constant('no' as const), why: fc.constantFrom(...REASONS) }),
  fc.record({ t: fc.constant('welcome' as const), redeem: fc.boolean() }),
  fc.record({ t: fc.constant('more' as const), from: fc.nat() }),
  fc.record({ t: fc.constant('page' as const), total: fc.nat(), frames }),
  fc.record({ t: fc.constant('redeemed' as const), frames }),
  fc.record({ t: fc.constant('taken' as const) }),
)

const empty = (length: number): Uint8Array[] => Array.from({ length }, () => new Uint8Array())
const SEED = 58

test('what is said is read as it was said', () => {
  fc.assert(
    fc.property(MESSAGE, (message) => {
      expect(decodeMessage(encodeMessage(message))).toEqual(message)
    }),
    { seed: SEED },
  )
})

test('whatever is changed is refused or reads as another message, and nothing else is thrown', () => {
  fc.assert(
    fc.property(MESSAGE, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, at, change) => {
      const changed = encodeMessage(message).slice()
      changed[at % changed.byteLength]! ^= change
      try {
        expect(encodeMessage(decodeMessage(changed))).toEqual(changed)
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_PROTOCOL' })
      }
    }),
    { seed: SEED },
  )
})

test.each([
  ['nothing', Buffer.alloc(0)],
  ['no map', encode([1])],
  ['an unknown kind', encode({ t: 'hello' })],
  ['a kind that every object has', encode({ t: 'toString' })],
  ['no kind', encode({ n: new Uint8Array(32) })],
  ['a field too much', encode({ n: new Uint8Array(32), t: 'nonce', x: 1 })],
  ['another field', encode({ m: new Uint8Array(32), t: 'nonce' })],
  ['a short key', encode({ n: new Uint8Array(31), t: 'nonce' })],
  ['a long key', encode({ n: new Uint8Array(33), t: 'nonce' })],
  ['a reason that there is not', encode({ t: 'no', w: 'because' })],
  ['more operations than are handed back', encode({ f: empty(17), t: 'redeemed' })],
  ['more operations than a page has', encode({ f: empty(4_097), l: 1, t: 'page' })],
  ['a number below 0', encode({ i: -1, t: 'more' })],
  ['a page in a page', encode({ f: [[new Uint8Array()]], l: 1, t: 'page' })],
  ['bytes behind it', Buffer.concat([encode({ t: 'taken' }), Buffer.alloc(1)])],
])('%s is refused', (_what, untrusted) => {
  expect(() => decodeMessage(untrusted)).toThrow(expect.objectContaining({ code: 'ERR_PROTOCOL' }))
})

test('a name has a bound', () => {
  const prove = { author: 32, sealing: 32, byInvite: 64, byAuthor: 64, commitment: 32 }
  const fields = Object.fromEntries(
    Object.entries(prove).map(([name, length]) => [name, new Uint8Array(length)]),
  )
  const named = (name: string): Uint8Array => encodeMessage({ ...fields, t: 'prove', name } as JoinMessage)
  expect(decodeMessage(named('x'.repeat(64)))).toMatchObject({ name: 'x'.repeat(64) })
  expect(() => decodeMessage(named('x'.repeat(65)))).toThrow('malformed')
})
