import { encode } from '@ipld/dag-cbor'
import { expect, test } from 'vitest'
import { CborReader } from '../../../src/content/cbor.ts'
import { cidOf, DAG_CBOR, RAW, sha256 } from '../../../src/content/cid.ts'
import { decodeBelongings, encodeBelongings } from '../../../src/control/belongings/belongings.ts'
import {
  encodeElsewhere,
  MAX_ELSEWHERE_BYTES,
  MAX_ELSEWHERE_SHARES,
  readElsewhere,
  type ElsewhereShare,
} from '../../../src/store/elsewhere-share.ts'
import { Mutator } from '../../helpers/mutate.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_123)
const digest = (name: string): Uint8Array => sha256(Buffer.from(name))
const sealed = (name: string): ElsewhereShare => {
  return { root: cidOf(DAG_CBOR, digest(name)).toString(), key: digest(`key of ${name}`), name, bytes: 7 }
}
const open = (name: string): ElsewhereShare => {
  return { root: cidOf(RAW, digest(name)).toString(), key: null, name, bytes: 2 ** 50 }
}
const listOf = (...shares: readonly ElsewhereShare[]): Uint8Array =>
  Buffer.concat(shares.map((share) => encodeElsewhere(share)))
const spaceOf = (name: string): { id: string; name: string } => {
  return { id: Buffer.from(digest(name)).toString('hex'), name }
}
const refused = expect.objectContaining({ code: 'ERR_CONTENT_INVALID' }) as Error
const head = (count: number): Uint8Array =>
  Uint8Array.of(0x9a, 0, count >> 16, (count >> 8) & 255, count & 255)

test('spaces and shares come back as they went, in their order', () => {
  const spaces = [spaceOf('Studio'), spaceOf('Familie Möwe'), { ...spaceOf('x'), name: '' }]
  const shares = [sealed('Holiday'), open('talk.txt'), sealed('')]
  const read = decodeBelongings(encodeBelongings({ spaces, list: listOf(...shares) }))
  expect(read.spaces).toEqual(spaces)
  expect(read.shares).toBe(3)
  expect(readElsewhere(new CborReader(read.list, 'ERR_CONTENT_INVALID', ''))).toEqual(shares)
  expect(decodeBelongings(encodeBelongings({ spaces: [], list: new Uint8Array() }))).toMatchObject({
    spaces: [],
    shares: 0,
  })
})

test('a name that no reader takes is shortened, so that the file can always be read', () => {
  for (const [name, short] of [
    ['ö'.repeat(200), 'ö'.repeat(127)],
    ['x'.repeat(300), 'x'.repeat(255)],
    ['a\ud800', 'a\ufffd'],
  ] as const) {
    const list = encodeElsewhere({ ...open('a'), name })
    const read = decodeBelongings(encodeBelongings({ spaces: [], list }))
    expect(readElsewhere(new CborReader(read.list, 'ERR_CONTENT_INVALID', ''))).toEqual([
      { ...open('a'), name: short },
    ])
  }
})

test('as many go along as fit, and more are refused', () => {
  const many = Array.from({ length: MAX_ELSEWHERE_SHARES }, (_, i) => open(`${i}`))
  const list = listOf(...many)
  expect(list.byteLength).toBeLessThan(MAX_ELSEWHERE_BYTES)
  expect(decodeBelongings(encodeBelongings({ spaces: [], list })).shares).toBe(MAX_ELSEWHERE_SHARES)
  const one = encodeElsewhere(open('one more'))
  expect(() => decodeBelongings(encodeBelongings({ spaces: [], list: Buffer.concat([list, one]) }))).toThrow(
    refused,
  )
  const spaces = Array.from({ length: 128 }, (_, i) => spaceOf(`${i}`))
  expect(decodeBelongings(encodeBelongings({ spaces, list: one })).spaces).toHaveLength(128)
  expect(() =>
    decodeBelongings(encodeBelongings({ spaces: [...spaces, spaceOf('more')], list: one })),
  ).toThrow(/too many spaces/)
})

test('counts that nothing stands behind are refused', () => {
  const list = listOf(sealed('a'))
  for (const hostile of [
    // Spaces, fields of a space, fields of a share.
    Uint8Array.of(0x9b, 0, 0x1f, 255, 255, 255, 255, 255, 255),
    head(16_777_215),
    Buffer.concat([head(129), new Uint8Array(1_000)]),
    Buffer.concat([Uint8Array.of(0x81), head(1_000_000)]),
    Buffer.concat([Uint8Array.of(0x80), head(1_000_000), list]),
    Buffer.concat([Uint8Array.of(0x80), list, Uint8Array.of(0x84, 0x5a, 255, 255, 255, 255)]),
    Buffer.concat([Uint8Array.of(0x80), new Uint8Array(MAX_ELSEWHERE_BYTES + 1).fill(0x84)]),
  ]) {
    expect(() => decodeBelongings(hostile)).toThrow(refused)
  }
})

test('what is malformed in one place is refused', () => {
  const [root, key] = [cidOf(DAG_CBOR, digest('a')).bytes, digest('k')]
  const raw = cidOf(RAW, digest('a')).bytes
  const identity = Uint8Array.of(1, 0x55, 0, 1, 7)
  for (const share of [
    [root, new Uint8Array(), 'a', 1],
    [root, key.subarray(1), 'a', 1],
    [raw, key, 'a', 1],
    [identity, new Uint8Array(), 'a', 1],
    [root, key, 'x'.repeat(256), 1],
    [root, key, 'ö'.repeat(128), 1],
    [root, key, 'a', -1],
    [root, key, 'a', 1.5],
    [root, key, 'a'],
    [root, key, 'a', 1, 1],
    ['root', key, 'a', 1],
    [new Uint8Array(100), key, 'a', 1],
  ]) {
    expect(
      () => decodeBelongings(encodeBelongings({ spaces: [], list: encode(share) })),
      JSON.stringify(share),
    ).toThrow(refused)
  }
  const twice = listOf(sealed('a'), sealed('a'))
  expect(() => decodeBelongings(encodeBelongings({ spaces: [], list: twice }))).toThrow(/twice/)
  for (const spaces of [
    [spaceOf('a'), spaceOf('a')],
    [{ id: '00'.repeat(31), name: '' }],
    [{ id: '00'.repeat(33), name: '' }],
    [{ id: '00'.repeat(32), name: 'x'.repeat(256) }],
  ]) {
    expect(() => decodeBelongings(encodeBelongings({ spaces, list: new Uint8Array() }))).toThrow(refused)
  }
})

test(`whatever the bytes are, they are read or refused (seed ${SEED})`, () => {
  const mutator = new Mutator(SEED)
  const sample = Buffer.from(
    encodeBelongings({ spaces: [spaceOf('a'), spaceOf('b')], list: listOf(sealed('a'), open('b')) }),
  )
  let refusals = 0
  for (let round = 0; round < 5_000; round++) {
    try {
      decodeBelongings(new Uint8Array(mutator.mutate([sample])))
    } catch (error) {
      expect(error).toEqual(refused)
      refusals++
    }
  }
  expect(refusals).toBeGreaterThan(1_000)
})
