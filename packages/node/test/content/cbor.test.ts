import { encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CborReader } from '../../src/content/cbor.ts'
import { RAW, cidOf, decodeCid, sha256 } from '../../src/content/cid.ts'
import { isShoalError } from '../../src/errors.ts'
import { Mutator } from '../helpers/mutate.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const FUZZ_INPUTS = Number(process.env['SHOAL_FUZZ_INPUTS'] ?? 30_000)

const reader = (bytes: Uint8Array): CborReader => new CborReader(bytes, 'ERR_CONTENT_INVALID', 'test')
const hex = (text: string): CborReader => reader(Buffer.from(text.replaceAll(' ', ''), 'hex'))

/** Reads any value by what `peek` says. Floats are skipped: the reader has no method that returns one. */
function readAny(from: CborReader): unknown {
  const kind = from.peek()
  switch (kind) {
    case 'uint':
      return from.uint()
    case 'negative':
      return from.int()
    case 'bytes':
      return Uint8Array.from(from.bytes())
    case 'text':
      return from.text()
    case 'bool':
      return from.bool()
    case 'link':
      return decodeCid(from.link().slice())
    case 'array':
      return Array.from({ length: from.array() }, () => readAny(from))
    case 'map': {
      const map: Record<string, unknown> = Object.create(null)
      let key: string | undefined
      for (let left = from.map(); left > 0; left--) {
        key = from.key(key)
        map[key] = readAny(from)
      }
      return map
    }
    default:
      from.skip(0)
      return kind === 'null' ? null : 0.5
  }
}

const cids = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((digest) => cidOf(RAW, digest))
const { value: values } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.maxSafeInteger(),
    fc.nat(30),
    fc.constantFrom(
      23,
      24,
      255,
      256,
      65_535,
      65_536,
      2 ** 32 - 1,
      2 ** 32,
      Number.MAX_SAFE_INTEGER,
      -24,
      -25,
      Number.MIN_SAFE_INTEGER,
    ),
    fc.boolean(),
    fc.constantFrom(null, 0.5),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('\ufeffbom', 'ascii of some length', 'é', '💥'),
    fc.uint8Array({ maxLength: 300 }),
    cids,
    fc.array(tie('value'), { maxLength: 30 }),
    fc.dictionary(fc.string({ unit: 'binary', maxLength: 6 }), tie('value'), { maxKeys: 30 }),
  ),
}))

test('everything that dag-cbor encodes reads back equal, with nothing left', () => {
  fc.assert(
    fc.property(values, (value) => {
      const bytes = encode(value)
      const from = reader(bytes)
      expect(readAny(from)).toEqual(value)
      from.end()
      const skipping = reader(bytes)
      skipping.skip(64)
      expect(skipping.offset).toBe(bytes.byteLength)
    }),
    { seed: SEED, numRuns: 3_000 },
  )
})

test('reading starts where it is told to and returns views of the input', () => {
  const bytes = encode(['ab', Uint8Array.of(1, 2, 3)])
  const from = new CborReader(bytes, 'ERR_PROTOCOL', 'test', 4)
  const view = from.bytes()
  expect(Buffer.compare(view, Uint8Array.of(1, 2, 3))).toBe(0)
  expect(view.buffer).toBe(bytes.buffer)
  expect(from.isEnd()).toBe(true)
  expect(from.peek()).toBe('end')
})

test('a copy of a view is a copy, also when the input is a Buffer', () => {
  const bytes = Buffer.from(encode(Uint8Array.of(1, 2, 3)))
  const copy = reader(bytes).bytes().slice()
  bytes.fill(0)
  expect(copy).toEqual(Uint8Array.of(1, 2, 3))
})

const refused: [what: string, bytes: string, read: (from: CborReader) => unknown][] = [
  ['an integer below 24 in two bytes', '1817', (it) => it.uint()],
  ['an integer below 256 in three bytes', '1900ff', (it) => it.uint()],
  ['an integer below 65,536 in five bytes', '1a0000ffff', (it) => it.uint()],
  ['an integer below 2^32 in nine bytes', '1b00000000ffffffff', (it) => it.uint()],
  ['an integer over the safe ones', '1b0020000000000000', (it) => it.uint()],
  ['the largest integer', '1bffffffffffffffff', (it) => it.uint()],
  ['a negative integer below the safe ones', '3b001fffffffffffff', (it) => it.int()],
  ['a length in a longer form', '5801ff', (it) => it.bytes()],
  ['bytes of indefinite length', '5f4101ff', (it) => it.bytes()],
  ['a text of indefinite length', '7f6161ff', (it) => it.text()],
  ['an array of indefinite length', '9f01ff', (it) => it.array()],
  ['a map of indefinite length', 'bfff', (it) => it.map()],
  ['a length that uses a reserved value', '5c', (it) => it.bytes()],
  ['bytes that go beyond the input', '4401', (it) => it.bytes()],
  ['bytes of four gigabytes', '5affffffff00', (it) => it.bytes()],
  ['an array longer than the input', '9affffffff00', (it) => it.array()],
  ['a map longer than half the input', 'a2616100', (it) => it.map()],
  ['a number that is cut short', '1901', (it) => it.uint()],
  ['nothing at all', '', (it) => it.uint()],
  ['text in Latin-1', '61e9', (it) => it.text()],
  ['text with an overlong form', '62c0af', (it) => it.text()],
  ['text with half a surrogate pair', '63eda080', (it) => it.text()],
  ['skipped text that is not UTF-8', '61e9', (it) => it.skip(1)],
  ['more text than allowed', '6161', (it) => it.text(0)],
  ['more bytes than allowed', '420102', (it) => it.bytes(1)],
  ['text where bytes are expected', '6161', (it) => it.bytes()],
  ['a negative number where none is expected', '20', (it) => it.uint()],
  ['null where a boolean is expected', 'f6', (it) => it.bool()],
  ['undefined', 'f7', (it) => it.skip(1)],
  ['a simple value', 'f8ff', (it) => it.skip(1)],
  ['a half float', 'f93800', (it) => it.skip(1)],
  ['a single float', 'fa3f000000', (it) => it.skip(1)],
  ['a float that is not a number', 'fb7ff8000000000000', (it) => it.skip(1)],
  ['an infinite float', 'fbfff0000000000000', (it) => it.skip(1)],
  ['a float that is cut short', 'fb3fe000', (it) => it.skip(1)],
  ['another tag', 'c24101', (it) => it.skip(1)],
  ['tag 42 in a longer form', 'd9002a420001', (it) => it.link()],
  ['a link without prefix', 'd82a420155', (it) => it.link()],
  ['an empty link', 'd82a4100', (it) => it.link()],
  ['a link that is text', 'd82a626161', (it) => it.link()],
  ['keys out of order', 'a2616200616100', (it) => it.skip(1)],
  ['a longer key before a shorter one', 'a262616100616200', (it) => it.skip(1)],
  ['a key twice', 'a2616100616100', (it) => it.skip(1)],
  ['a key that is no text', 'a10000', (it) => it.skip(1)],
  ['arrays deeper than allowed', '818100', (it) => it.skip(1)],
  ['bytes after the end', '0000', (it) => (it.uint(), it.end())],
]

test.each(refused)('%s is refused', (_, bytes, read) => {
  expect(() => read(hex(bytes))).toThrow(expect.objectContaining({ code: 'ERR_CONTENT_INVALID' }))
})

test('the code and the subject of an error are those of the reader', () => {
  const from = new CborReader(Uint8Array.of(0x61), 'ERR_PROTOCOL', 'message')
  expect(() => from.text()).toThrow(
    expect.objectContaining({
      code: 'ERR_PROTOCOL',
      message: expect.stringMatching(/^message is malformed: /),
    }),
  )
})

test('a million nested arrays are refused without exhausting the stack', () => {
  expect(() => reader(new Uint8Array(1_000_000).fill(0x81)).skip(64)).toThrow('too deep')
})

test('mutated input is refused or read, and what is read was the canonical form of its value', () => {
  const mutator = new Mutator(SEED)
  const digest = sha256(new Uint8Array())
  const samples = [
    encode({
      a: [1, 2, 300, 70_000, 2 ** 40],
      n: 'name',
      p: digest,
      s: -5,
      l: cidOf(RAW, digest),
      f: 1.5,
      z: null,
    }),
    encode(['path/of/a/file.txt', 'file', 12_345, 1_700_000_000_000, true, { é: ['ü', [[]]] }]),
    encode(Array.from({ length: 30 }, (_, i) => [`p${i}`, i % 2 === 0, new Uint8Array(i)])),
  ]
  let compared = 0
  for (let i = 0; i < FUZZ_INPUTS; i++) {
    const bytes = mutator.mutate(samples)
    const value = readOrRefuse(bytes, readAny, i)
    readOrRefuse(bytes, (it) => it.skip(64), i)
    // The value of a float is not kept.
    if (value === undefined || bytes.includes(0xfb)) continue
    compared++
    expect(Buffer.compare(encode(value), bytes)).toBe(0)
  }
  // Some mutations change only a value: else nothing but refusals would be tested.
  expect(compared).toBeGreaterThan(FUZZ_INPUTS / 100)
})

function readOrRefuse<T>(bytes: Uint8Array, read: (from: CborReader) => T, input: number): T | undefined {
  try {
    const from = reader(bytes)
    const value = read(from)
    from.end()
    return value
  } catch (error) {
    if (!isShoalError(error, 'ERR_CONTENT_INVALID'))
      throw new Error(`seed ${SEED}, input ${input}`, { cause: error })
    return undefined
  }
}
