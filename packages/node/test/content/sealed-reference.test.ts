import { readFileSync } from 'node:fs'
import { decode } from '@ipld/dag-cbor'
import { describe, expect, it } from 'vitest'
import { comparePaths } from '../../src/content/entry.ts'
import type { SealedVectors } from './make-sealed-vectors.ts'
import { answer, vectorInput } from './make-sealed-vectors.ts'
import type { ReferenceEntry, ReferenceSealed, ReferenceShare } from './sealed-reference.ts'
import { digestPages, openReference, padme, sealReference } from './sealed-reference.ts'

const { vectors } = JSON.parse(
  readFileSync(new URL('sealed-vectors.json', import.meta.url), 'utf8'),
) as SealedVectors

const MIB = 1_048_576
const key = Buffer.alloc(32, 7)

function entry(path: string, text: string, more: Partial<ReferenceEntry> = {}): ReferenceEntry {
  const content = Buffer.from(text)
  return { path, kind: 'file', size: content.length, mtimeMs: 5, executable: false, content, ...more }
}

function vector(id: string): ReferenceShare & { key: Uint8Array } {
  const found = vectors.find((one) => one.id === id)
  if (found === undefined) throw new Error(`no vector ${id}`)
  return vectorInput(found)
}

const lengths = (sealed: ReferenceSealed): number[] => sealed.blocks.map((block) => block.length)

/** Compares content as buffers: element by element, vitest takes seconds for a mebibyte. */
function expectSame(opened: ReferenceShare, input: ReferenceShare): void {
  expect(opened.name).toBe(input.name)
  expect(opened.kind).toBe(input.kind)
  const told = (one: ReferenceEntry): object => ({ ...one, content: undefined })
  expect(opened.entries.map(told)).toEqual(input.entries.map(told))
  const differing = input.entries.filter(
    (one, i) => !Buffer.from(one.content).equals(opened.entries[i]!.content),
  )
  expect(differing.map((one) => one.path)).toEqual([])
}

describe('Padmé', () => {
  it('rounds as the table worked out by hand from the paper says', () => {
    // L, E = floor(log2 L), S = floor(log2 E) + 1, unit = 2^(E-S)
    const table: [number, number][] = [
      [2, 2], // E 1, S 1, unit 1
      [7, 7], // E 2, S 2, unit 1
      [8, 8], // E 3, S 2, unit 2
      [9, 10],
      [15, 16],
      [16, 16], // E 4, S 3, unit 2
      [17, 18],
      [100, 104], // E 6, S 3, unit 8
      [1000, 1024], // E 9, S 4, unit 32
      [4097, 4352], // E 12, S 4, unit 256
      [5000, 5120],
      [1_048_560, MIB], // E 19, S 5, unit 16,384
      [MIB + 1, MIB + 32_768], // E 20, S 5, unit 32,768
      [2 ** 40 + 1, 2 ** 40 + 2 ** 34], // E 40, S 6
      [2 ** 53 - 1, 2 ** 53], // E 52, S 6
    ]
    expect(table.map(([length]) => [length, padme(length)])).toEqual(table)
  })

  it('adds less than 12 percent and keeps a padded length as it is', () => {
    for (let length = 2; length < 70_000; length++) {
      const padded = padme(length)
      if (padded < length || padded > length * 1.12 || padme(padded) !== padded) {
        expect.fail(`padme(${length}) = ${padded}`)
      }
    }
  })

  it('never leaves a last block too short for a length prefix', () => {
    for (let length = 4096; length < 40_000_000; length += 255) {
      const rest = padme(length) % 1_048_560
      if (rest > 0 && rest < 16) expect.fail(`padme(${length}) leaves ${rest}`)
    }
  })
})

describe('the reference', () => {
  it('opens what it seals', () => {
    const share: ReferenceShare = {
      name: 'things',
      kind: 'folder',
      entries: [
        entry('a', '', { kind: 'folder' }),
        entry('a/b', 'hello', { executable: true, mtimeMs: -12 }),
        entry('a-b', 'x'.repeat(MIB)),
      ],
    }
    const { root, pages, blocks } = sealReference({ key, ...share })
    expectSame(openReference(key, root, pages, blocks), share)
  })

  it('sorts entries as comparePaths does', () => {
    const paths = ['～', '🐟', 'a-b', 'a/b', 'a', 'a/b/c', 'a/b c', 'B', 'a.b', 'é', 'ab', 'a/ü', 'a!']
    const { root, pages, blocks } = sealReference({
      key,
      name: 'sorted',
      kind: 'folder',
      entries: paths.map((path) => entry(path, path)),
    })
    const opened = openReference(key, root, pages, blocks)
    expect(opened.entries.map((one) => one.path)).toEqual(paths.toSorted(comparePaths))
    expect(opened.entries.map((one) => Buffer.from(one.content).toString())).toEqual(
      paths.toSorted(comparePaths),
    )
  })

  it('tells a wrong key before it opens anything', () => {
    const { root, pages } = sealReference({ key, name: 'x', kind: 'file', entries: [entry('', 'secret')] })
    expect(() => openReference(Buffer.alloc(32, 8), root, pages, [])).toThrow('wrong key')
  })

  it('refuses a block whose bytes, place or number differ', () => {
    const { root, pages, blocks } = sealReference(vector('three-million'))
    const { key: right } = vector('three-million')
    const flipped = Buffer.from(blocks[1]!)
    flipped[500]! ^= 1
    for (const wrong of [
      blocks.with(1, flipped),
      blocks.with(0, blocks[1]!).with(1, blocks[0]!),
      blocks.slice(1),
    ]) {
      expect(() => openReference(right, root, pages, wrong)).toThrow('block digests')
    }
  })

  it('cuts digests into pages of 32,768', () => {
    const digests = Array.from({ length: 32_769 }, (_, i) => Buffer.alloc(32, i % 251))
    const pages = digestPages(digests)
    expect(pages.map((page) => page.length)).toEqual([MIB, 32])
    expect(Buffer.concat(pages).equals(Buffer.concat(digests))).toBe(true)
    expect(digestPages(digests.slice(1)).length).toBe(1)
  })
})

describe('the sizes of sealed blocks', () => {
  it.each([
    ['empty-file', [4112, 4112]],
    ['ten-bytes', [4112, 4112]],
    ['padded-5000', [5136, 4112]],
    ['empty-folder', [4112, 4112]],
    ['one-block', [MIB, 32, 4112]],
    ['one-block-and-a-byte', [MIB, 32, 4112]],
    // Padmé(3,000,000): E 21, S 5, unit 65,536: 3,014,656
    ['three-million', [MIB, MIB, 3_014_656 - 2 * 1_048_560 + 16, 4112]],
    // Padmé(67,108,865): E 26, S 5, unit 2 MiB: 69,206,016 = 66 blocks and 1,056 bytes
    ['whole-padding-blocks', [...Array.from({ length: 66 }, () => MIB), 1072, 4112]],
  ])('of %s are as worked out by hand', (id, expected) => {
    expect(lengths(sealReference(vector(id)))).toEqual(expected)
  })

  it('never exceed 1 MiB', () => {
    for (const one of vectors) {
      const { blocks, pages, root } = sealReference(vectorInput(one))
      expect(Math.max(...[...blocks, ...pages, root].map((block) => block.length))).toBeLessThanOrEqual(MIB)
    }
  })
})

describe('the manifest', () => {
  it('that fills its page to the last byte has one block of padding after it', () => {
    const full = sealReference(vector('page-full'))
    expect(lengths(full).slice(-2)).toEqual([MIB, 32])
    // One byte more is a second page, 4 + some 300 bytes: Padmé(1,048,560 + ...) is one unit of 32,768 above 1 MiB.
    const over = sealReference(vector('page-over'))
    expect(lengths(over).slice(-2)).toEqual([MIB, MIB + 32_768 - 1_048_560 + 16])
  })

  it('of 12,000 entries with long paths spans two pages', () => {
    const found = vectors.find((one) => one.id === 'two-pages')!
    expect(vectorInput(found).entries.length).toBe(12_000)
    expect(found.m).toBe(2)
  })
})

describe('the vectors', () => {
  it.each(vectors.map((one) => [one.id, one] as const))('hold the answer for %s', (_, one) => {
    expect(answer(one)).toEqual(one)
  })

  it.each(vectors.map((one) => [one.id, one] as const))('open again: %s', (_, one) => {
    const input = vectorInput(one)
    const { root, pages, blocks } = sealReference(input)
    expectSame(openReference(input.key, root, pages, blocks), input)
    expect(decode<{ bytes: number[] }>(root).bytes.reduce((a, b) => a + b)).toBe(
      blocks.reduce((total, block) => total + block.length, 0),
    )
  })

  it('stand in manifest order', () => {
    for (const one of vectors) {
      const paths = vectorInput(one).entries.map((two) => two.path)
      expect(paths).toEqual(paths.toSorted(comparePaths))
    }
  })
})
