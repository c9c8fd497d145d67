/**
 * The known-answer vectors of sealed format 1. `npx node packages/node/test/content/make-sealed-vectors.ts`, then
 * oxfmt, writes `sealed-vectors.json`; `vectorInput` turns one of its vectors back into what is to be sealed.
 */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { decode } from '@ipld/dag-cbor'
import type { ReferenceEntry, ReferenceShare } from './sealed-reference.ts'
import { sealReference } from './sealed-reference.ts'

/** [path, kind, size, mtime in ms, executable], in manifest order. */
type VectorEntry = [path: string, kind: 'file' | 'folder', size: number, mtimeMs: number, executable: boolean]

interface LongPaths {
  rule: 'long-paths'
  folders: number
  filesPerFolder: number
  pad: number
  /** Length of one more file's name, at the very end; 0 for none. */
  tail: number
}

interface VectorCase {
  id: string
  about: string
  name: string
  kind: 'file' | 'folder'
  entries: VectorEntry[] | LongPaths
}

export interface SealedVector extends VectorCase {
  /** The share key, hex. */
  key: string
  rootCid: string
  /** The root block, hex. */
  root: string
  /** sha256 of each digest page, hex. */
  pages: string[]
  /** sha256 of each block, hex; only of up to 20 blocks. */
  blocks?: string[]
  /** sha256 of all blocks' digests, one after another, hex. */
  blocksSha256: string
  n: number
  m: number
  d: number
  e: number
}

export interface SealedVectors {
  about: string[]
  vectors: SealedVector[]
}

const LABEL = 'shoal/sealed/1 vector'
const DATE = 1_700_000_000_000

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest()

function contentOf(id: string, path: string, size: number): Uint8Array {
  if (size === 0) return new Uint8Array(0)
  return createHash('shake256', { outputLength: size }).update(`${LABEL} ${id} ${path}`).digest()
}

function longPaths({ folders, filesPerFolder, pad, tail }: LongPaths): VectorEntry[] {
  const entries: VectorEntry[] = []
  const add = (path: string, isFile: boolean): void => {
    const k = entries.length
    entries.push([path, isFile ? 'file' : 'folder', isFile ? k % 4 : 0, DATE + k, isFile && k % 5 === 0])
  }
  for (let i = 0; i < folders; i++) {
    const folder = `f${String(i).padStart(4, '0')}`
    add(folder, false)
    for (let j = 0; j < filesPerFolder; j++) {
      add(`${folder}/n${String(j).padStart(4, '0')}-${'x'.repeat(pad)}`, true)
    }
  }
  if (tail > 0) add('z'.repeat(tail), true)
  return entries
}

/** What a vector says to seal, content included. */
export function vectorInput(vector: VectorCase): ReferenceShare & { key: Uint8Array } {
  const entries = Array.isArray(vector.entries) ? vector.entries : longPaths(vector.entries)
  return {
    key: sha256(`${LABEL} ${vector.id} key`),
    name: vector.name,
    kind: vector.kind,
    entries: entries.map(([path, kind, size, mtimeMs, executable]): ReferenceEntry => ({
      path,
      kind,
      size,
      mtimeMs,
      executable,
      content: contentOf(vector.id, path, size),
    })),
  }
}

const file = (path: string, size: number, mtimeMs: number = DATE, executable = false): VectorEntry => [
  path,
  'file',
  size,
  mtimeMs,
  executable,
]
const folder = (path: string, mtimeMs: number = DATE): VectorEntry => [path, 'folder', 0, mtimeMs, false]
const single = (id: string, name: string, size: number, about: string): VectorCase => ({
  id,
  about,
  name,
  kind: 'file',
  entries: [file('', size)],
})

const CASES: VectorCase[] = [
  single(
    'empty-file',
    'empty.txt',
    0,
    'Nothing but padding: one data and one manifest block of 4,096 bytes.',
  ),
  single('ten-bytes', 'ten.bin', 10, 'The smallest padding.'),
  single('padded-5000', 'five thousand.bin', 5000, 'Padmé of 5,000 is 5,120: more than 4,096.'),
  single(
    'one-block',
    'block.bin',
    1_048_560,
    'A full block, and a second one of 16 bytes that is all padding.',
  ),
  single('one-block-and-a-byte', 'block+1.bin', 1_048_561, 'The last byte opens a second block.'),
  single('three-million', 'three.bin', 3_000_000, 'Three data blocks.'),
  single(
    'whole-padding-blocks',
    'big.bin',
    67_108_865,
    '64 MiB and a byte: two data blocks are all padding.',
  ),
  {
    id: 'empty-folder',
    about: 'No entries: the root folder itself is none.',
    name: 'empty',
    kind: 'folder',
    entries: [],
  },
  {
    id: 'nested',
    about:
      'Order by components and UTF-8 bytes, empty files and folders, executable bit, negative and zero mtime.',
    name: 'Bücher 📚',
    kind: 'folder',
    entries: [
      file('B', 5),
      folder('a', -1),
      file('a/b', 300, 0),
      folder('a/empty', 1_699_999_999_999),
      folder('a/z', -86_400_000),
      file('a/z/run.sh', 1234, -1_234_567_890_123, true),
      file('a-b', 7, 4_294_967_296),
      file('a.txt', 0),
      file('nothing', 0, 1, true),
      folder('ü'),
      folder('ü/日本'),
      file('ü/日本/語.txt', 4097, 13_569_465_600_001),
      file('～.txt', 1),
      file('🐟.txt', 2, -1),
    ],
  },
  {
    id: 'across-blocks',
    about: 'Files that meet inside a block, cross its border, and end exactly on it.',
    name: 'across',
    kind: 'folder',
    entries: [
      file('1', 700_000),
      file('2', 0),
      file('3', 348_560),
      folder('4'),
      file('4/a', 1_048_561),
      file('4/b', 1_048_559),
      file('5', 2_500_000, DATE, true),
      file('6', 1),
    ],
  },
  {
    id: 'two-pages',
    about: '12,000 entries: the manifest spans two pages.',
    name: 'many',
    kind: 'folder',
    entries: { rule: 'long-paths', folders: 12, filesPerFolder: 999, pad: 100, tail: 0 },
  },
  {
    id: 'page-full',
    about:
      'The only manifest page is full to the last byte; the second manifest block is 16 bytes of padding.',
    name: 'full',
    kind: 'folder',
    entries: { rule: 'long-paths', folders: 8, filesPerFolder: 985, pad: 102, tail: 246 },
  },
  {
    id: 'page-over',
    about: 'One byte more: the last entry stands on a second page.',
    name: 'full',
    kind: 'folder',
    entries: { rule: 'long-paths', folders: 8, filesPerFolder: 985, pad: 102, tail: 247 },
  },
]

const ABOUT = [
  'Known answers of sealed format 1, made by make-sealed-vectors.ts with sealed-reference.ts.',
  'key = sha256("shoal/sealed/1 vector " + id + " key"), all text as UTF-8.',
  'Content of a file = the first `size` bytes of SHAKE256("shoal/sealed/1 vector " + id + " " + path).',
  'entries: [path, kind, size, mtime ms, executable], in manifest order; or the rule "long-paths":',
  'for i in 0..folders: a folder "f" + i as 4 digits; in it, for j in 0..filesPerFolder, a file "n" + j as 4 digits',
  '+ "-" + pad times "x"; then, if tail > 0, a file at the top whose name is tail times "z".',
  'With k = the number of entries before it, an entry has mtime 1700000000000 + k, and a file has size k % 4 and is',
  'executable if k % 5 = 0 (a folder has size 0 and is not).',
  'pages: sha256 of each digest page. blocks: sha256 of each block, in order; left out above 20.',
  'blocksSha256: sha256 of all the 32-byte block digests, one after another. All hex.',
  'n: blocks in all; m: of these, manifest blocks; d, e: ciphertext bytes of the data and the manifest part.',
]

/** The vector of a case, as the reference answers it. */
export function answer({ id, about, name, kind, entries }: VectorCase): SealedVector {
  const input = vectorInput({ id, about, name, kind, entries })
  const { root, rootCid, pages, blocks } = sealReference(input)
  const digests = blocks.map(sha256)
  const {
    blocks: n,
    manifest: m,
    bytes,
  } = decode<{ blocks: number; manifest: number; bytes: [number, number] }>(root)
  return {
    id,
    about,
    key: hex(input.key),
    name,
    kind,
    entries,
    rootCid,
    root: hex(root),
    pages: pages.map((page) => hex(sha256(page))),
    ...(blocks.length <= 20 ? { blocks: digests.map(hex) } : {}),
    blocksSha256: hex(sha256(Buffer.concat(digests))),
    n,
    m,
    d: bytes[0],
    e: bytes[1],
  }
}

if (import.meta.main) {
  const vectors: SealedVectors = { about: ABOUT, vectors: CASES.map(answer) }
  writeFileSync(new URL('sealed-vectors.json', import.meta.url), `${JSON.stringify(vectors, null, 2)}\n`)
}
