import { encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isShoalError } from '../../../src/errors.ts'
import { decodeBatch, encodeBatch, type BatchFields } from '../../../src/spaces/catalogue/batch.ts'
import { compareRefs } from '../../../src/spaces/catalogue/operation-codec.ts'
import type { Operation } from '../../../src/spaces/catalogue/operations.ts'
import { author, content, digest, SPACE } from '../../helpers/catalogue.ts'

const alice = author('alice')
const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 7)
const SIGNATURE_BYTES = 64

function fields(more: Partial<BatchFields> = {}): BatchFields {
  const operations: Operation[] = [{ kind: 'put', path: 'a/b.txt', content: content('b') }]
  return { space: SPACE, author: alice.key, lamport: 1, parents: [], authHeads: [], operations, ...more }
}

function frameOf(more: Partial<BatchFields>): Uint8Array {
  return encodeBatch(fields(more), alice.sign)
}

/** The signed map with other values in it, as somebody with a key could sign it. */
function forged(more: Record<string, unknown>, body: unknown = [[7, new Uint8Array(33), 'n']]): Uint8Array {
  const whole = {
    v: 1,
    tag: 'shoal/space/batch',
    space: SPACE,
    author: alice.key,
    lamport: 1,
    parents: [],
    authHeads: [],
  }
  return Uint8Array.from([...new Uint8Array(SIGNATURE_BYTES), ...encode({ ...whole, body, ...more })])
}

const ids = fc
  .uniqueArray(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 4, selector: (id) => id.join() })
  .map((found) => found.toSorted((a, b) => Buffer.compare(a, b)))
const ref = fc.uint8Array({ minLength: 33, maxLength: 33 })
const refs = fc
  .uniqueArray(ref, { maxLength: 3, selector: (id) => id.join() })
  .map((all) => all.toSorted(compareRefs))
const path = fc.constantFrom('a', 'b/c', 'ä/ö.txt', 'a b', '.hidden')
const contents = fc
  .record({ inner: fc.constantFrom('', 'in/side'), bytes: fc.nat(), modifiedMs: fc.integer() })
  .map((more) => content('x', more))
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), path, content: contents }),
  fc.record({
    kind: fc.constantFrom('edit' as const, 'restore' as const),
    entry: ref,
    replaced: refs,
    path,
    content: contents,
  }),
  fc.record({ kind: fc.constantFrom('delete' as const, 'untag' as const), entry: ref, replaced: refs }),
  fc.record({ kind: fc.constant('move' as const), entry: ref, path }),
  fc.record({
    kind: fc.constant('tag' as const),
    entry: ref,
    tag: fc.constantFrom('x', 'two words', 'ä'),
    replaced: refs,
  }),
  fc.record({
    kind: fc.constant('note' as const),
    entry: ref,
    text: fc.constantFrom('', 'line\nline', '😀'),
  }),
  fc.record({
    kind: fc.constant('title' as const),
    entry: fc.option(ref, { nil: undefined }),
    text: fc.constantFrom('', 't'),
  }),
)
const batch = fc
  .record({
    parents: ids,
    authHeads: ids,
    operations: fc.array(operation, { minLength: 1, maxLength: 8 }),
    lamport: fc.integer({ min: 2, max: 1e9 }),
  })
  .map((more) => fields(more.parents.length === 0 ? { ...more, lamport: 1 } : more))

test(`what is written is read back the same, seed ${SEED}`, () => {
  fc.assert(
    fc.property(batch, (written) => {
      const frame = encodeBatch(written, alice.sign)
      const { id, signature, signed, ...read } = decodeBatch(frame)
      expect(read).toEqual(written)
      expect(id).toHaveLength(32)
      expect([...signature, ...signed]).toEqual([...frame])
    }),
    { seed: SEED },
  )
})

test(`one byte more, less or changed is refused or another batch, and never something else, seed ${SEED}`, () => {
  fc.assert(
    fc.property(
      batch,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.nat({ max: 2 }),
      (written, at, change, how) => {
        const frame = encodeBatch(written, alice.sign)
        const place = SIGNATURE_BYTES + (at % (frame.length - SIGNATURE_BYTES))
        const bytes = [...frame]
        if (how === 0) bytes[place] = (bytes[place] as number) ^ change
        else if (how === 1) bytes.splice(place, 1)
        else bytes.splice(place, 0, change)
        try {
          const read = decodeBatch(Uint8Array.from(bytes))
          // Strict: what is read is written as it was.
          if (read.operations.every(({ kind }) => kind !== 'unknown')) {
            expect([...encodeBatch(read, () => read.signature)]).toEqual(bytes)
          }
        } catch (error) {
          if (!isShoalError(error)) throw error
          expect(['ERR_PROTOCOL', 'ERR_UNSAFE_NAME', 'ERR_LIMIT', 'ERR_CONTENT_INVALID']).toContain(
            error.code,
          )
        }
      },
    ),
    { seed: SEED, numRuns: 3_000 },
  )
})

test.each<[string, Uint8Array]>([
  ['nothing', new Uint8Array(0)],
  ['another version', forged({ v: 2 })],
  ['another tag', forged({ tag: 'shoal/space/other' })],
  ['one field more', forged({ more: 1 })],
  ['no operation', forged({}, [])],
  [
    '257 operations',
    forged(
      {},
      Array.from({ length: 257 }, () => [7, new Uint8Array(33), '']),
    ),
  ],
  [
    'parents out of order',
    forged({ lamport: 2, parents: [digest('b'), digest('a')].toSorted((a, b) => Buffer.compare(b, a)) }),
  ],
  ['a parent twice', forged({ lamport: 2, parents: [digest('b'), digest('b')] })],
  [
    '65 parents',
    forged({
      lamport: 2,
      parents: Array.from({ length: 65 }, (_, i) => digest(`${i}`)).toSorted((a, b) => Buffer.compare(a, b)),
    }),
  ],
  ['a lamport of 0', forged({ lamport: 0 })],
  ['a far lamport without parents', forged({ lamport: 2_999 })],
  ['a name of a later operation', forged({}, [[7, 0, 'itself']])],
  ['a control character in a note', forged({}, [[7, new Uint8Array(33), 'a\u0007b']])],
  ['a tag that is blank', forged({}, [[5, new Uint8Array(33), ' ', []]])],
  [
    'a key without an epoch',
    forged({}, [[0, 'p', [content('x').root, '', new Uint8Array(8), new Uint8Array(0), 1, '', 1]]]),
  ],
  [
    'a root of another kind',
    forged({}, [[0, 'p', [new Uint8Array(36), '', new Uint8Array(0), new Uint8Array(0), 1, '', 1]]]),
  ],
])('%s is refused', (_, frame) => {
  expect(() => decodeBatch(frame)).toThrow(expect.objectContaining({ name: 'ShoalError' }))
})

test.each([
  '../x',
  '/x',
  'a//b',
  '',
  'a/./b',
  'a\\b',
  'nul\0',
  'turned\u202etxt',
  'x'.repeat(256),
  `${'a/'.repeat(70)}b`,
  `${`${'x'.repeat(200)}/`.repeat(4)}${'y'.repeat(200)}`,
  '...',
  'a/. . /b',
  'x (conflict of 0123abcd)/y',
  '\ud800',
])('the path %j is refused', (bad) => {
  const codes = ['ERR_UNSAFE_NAME', 'ERR_LIMIT', 'ERR_PROTOCOL']
  const frame = forged({}, [
    [
      0,
      bad.toWellFormed() === bad ? bad : 'x\u0000',
      [content('x').root, '', new Uint8Array(0), new Uint8Array(0), 1, '', 1],
    ],
  ])
  expect(() => decodeBatch(frame)).toThrow(
    expect.toSatisfy((error: unknown) => codes.some((code) => isShoalError(error, code as never))),
  )
})

test('an operation of a later version is read over, and what stands beside it is read', () => {
  const read = decodeBatch(
    forged({}, [
      [99, { what: [1, 'ever'] }],
      [7, new Uint8Array(33), 'n'],
    ]),
  )
  expect(read.operations.map(({ kind }) => kind)).toEqual(['unknown', 'note'])
})

test('a batch over 64 KiB is refused before it is read, and not written', () => {
  expect(() => decodeBatch(new Uint8Array(65_537))).toThrow(expect.objectContaining({ code: 'ERR_LIMIT' }))
  const operations = Array.from({ length: 200 }, (_, i): Operation => ({
    kind: 'put',
    path: `${'d'.repeat(200)}/${i}`,
    content: content(`${i}`),
  }))
  expect(() => frameOf({ operations })).toThrow(expect.objectContaining({ code: 'ERR_LIMIT' }))
})
