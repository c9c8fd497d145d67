import { expect, test } from 'vitest'
import type { Operation } from '../../../src/spaces/catalogue/operations.ts'
import { SpaceReader } from '../../../src/spaces/storage/space-reader.ts'
import { author, content, Folder } from '../../helpers/catalogue.ts'
import { seededFloats } from '../../helpers/simulation.ts'

const alice = author('alice')
const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 11)

interface Given {
  readonly path: string
  readonly tags?: readonly string[]
  readonly title?: string
  readonly note?: string
  readonly type?: string
}

function spaceOf(folder: Folder, given: readonly Given[]): SpaceReader {
  const store = folder.store('a', { members: [alice] })
  const operations: Operation[] = []
  for (const { path, tags = [], title, note, type = '' } of given) {
    const entry = operations.length
    operations.push({ kind: 'put', path, content: content(path, { type }) })
    for (const tag of tags) operations.push({ kind: 'tag', entry, tag, replaced: [] })
    if (title !== undefined) operations.push({ kind: 'title', entry, text: title })
    if (note !== undefined) operations.push({ kind: 'note', entry, text: note })
  }
  store.write(alice, operations, [])
  return folder.closing(new SpaceReader(folder.file('a')))
}

const GIVEN: readonly Given[] = [
  { path: 'photos/summer holiday/beach.jpg', tags: ['sea', 'two words'], type: 'image/jpeg' },
  { path: 'photos/winter/Mountain.png', tags: ['Snow'], type: 'image/png', note: 'seen on holiday' },
  { path: 'docs/report final.pdf', title: 'Annual figures', type: 'application/pdf' },
  { path: 'docs/réunion.txt', note: 'the summer report', type: 'text/plain' },
  { path: 'holiday.txt' },
]

test.each<[query: string, found: string[]]>([
  ['holiday', ['holiday.txt', 'photos/summer holiday/beach.jpg', 'photos/winter/Mountain.png']],
  ['holi', ['holiday.txt', 'photos/summer holiday/beach.jpg', 'photos/winter/Mountain.png']],
  ['HOLIDAY beach', ['photos/summer holiday/beach.jpg']],
  ['"summer holiday"', ['photos/summer holiday/beach.jpg']],
  ['"holiday summer"', []],
  ['"holi"', []],
  ['reunion', ['docs/réunion.txt']],
  ['annual', ['docs/report final.pdf']],
  ['report', ['docs/report final.pdf', 'docs/réunion.txt']],
  ['tag:snow', ['photos/winter/Mountain.png']],
  ['tag:sno', []],
  ['tag:"two words"', ['photos/summer holiday/beach.jpg']],
  ['type:image', ['photos/winter/Mountain.png', 'photos/summer holiday/beach.jpg']],
  ['type:image/png', ['photos/winter/Mountain.png']],
  ['type:imag', []],
  ['type:image holiday tag:sea', ['photos/summer holiday/beach.jpg']],
  ['*ounta*', ['photos/winter/Mountain.png']],
  ['*olid* *each*', ['photos/summer holiday/beach.jpg']],
  ['*zz*', []],
  ['ountain', ['photos/winter/Mountain.png']],
  ['*RÉUN*', ['docs/réunion.txt']],
  ['*ho*', ['holiday.txt', 'photos/summer holiday/beach.jpg', 'photos/winter/Mountain.png']],
  ['nowhere', []],
])('%s finds what it says, best first', (query, found) => {
  using folder = new Folder()
  const reader = spaceOf(folder, GIVEN)
  expect(reader.search(query, { limit: 10 }).entries.map(({ path }) => path)).toEqual(found)
})

test('pages of a search follow each other, and say how many there are', () => {
  using folder = new Folder()
  const reader = spaceOf(
    folder,
    Array.from({ length: 25 }, (_, i) => ({ path: `file ${i}.txt` })),
  )
  const pages = [0, 10, 20, 30].map((offset) => reader.search('file', { limit: 10, offset }))
  expect(pages.map(({ entries }) => entries.length)).toEqual([10, 10, 5, 0])
  expect(new Set(pages.flatMap(({ entries }) => entries.map(({ path }) => path))).size).toBe(25)
  expect(pages[0]).toMatchObject({ total: 25, isCut: false })
})

test('what was changed is found by what it is now, and no more by what it was', () => {
  using folder = new Folder()
  const store = folder.store('a', { members: [alice] })
  store.write(alice, [{ kind: 'put', path: 'before.txt', content: content('x') }], [])
  const reader = folder.closing(new SpaceReader(folder.file('a')))
  const found = reader.search('before', { limit: 1 }).entries[0]
  expect(found).toBeDefined()
  const entry = found?.entry as Uint8Array
  store.write(
    alice,
    [
      { kind: 'move', entry, path: 'after.txt' },
      { kind: 'tag', entry, tag: 'red', replaced: [] },
    ],
    [],
  )
  expect(reader.search('before', { limit: 1 }).entries).toEqual([])
  expect(reader.search('*efor*', { limit: 1 }).entries).toEqual([])
  expect(reader.search('after red', { limit: 1 }).entries).toHaveLength(1)
  store.write(alice, [{ kind: 'delete', entry, replaced: [found?.version as Uint8Array] }], [])
  expect(reader.search('after', { limit: 1 }).entries).toEqual([])
})

test(`no query reaches SQLite as syntax, seed ${SEED}`, () => {
  using folder = new Folder()
  const reader = spaceOf(folder, GIVEN)
  const float = seededFloats(SEED)
  const pieces = [
    '"',
    "'",
    '*',
    '(',
    ')',
    'AND',
    'OR',
    'NOT',
    'NEAR(',
    ':',
    'path:',
    'tag:',
    'type:',
    '^',
    '-',
    '+',
    '{',
    '}',
    '\0',
    ' ',
    'x',
    'é',
    '😀',
    '\ud800',
    '%',
    '_',
    ';',
    '--',
    '\u202e',
    'rank',
    '"*',
  ]
  for (let i = 0; i < 2_000; i++) {
    const query = Array.from(
      { length: 1 + Math.floor(float() * 8) },
      () => pieces[Math.floor(float() * pieces.length)],
    ).join('')
    expect(Array.isArray(reader.search(query, { limit: 5 }).entries), JSON.stringify(query)).toBe(true)
  }
  expect(() => reader.search('x'.repeat(1_025), { limit: 5 })).toThrow(
    expect.objectContaining({ code: 'ERR_LIMIT' }),
  )
  expect(() => reader.search('x '.repeat(33), { limit: 5 })).toThrow(
    expect.objectContaining({ code: 'ERR_LIMIT' }),
  )
  expect(() => reader.search('x', { limit: 1_001 })).toThrow(
    expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }),
  )
  expect(() => reader.ls('', { limit: 0 })).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }))
})

test('a folder is listed in pages, each file and folder once', () => {
  using folder = new Folder()
  const names = ['b/1', 'b/2', 'B/3', 'a', 'b0', 'b-', 'c/d/e', 'z', 'b.txt']
  const reader = spaceOf(
    folder,
    names.map((path) => ({ path })),
  )
  const seen: string[] = []
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = reader.ls('', { limit: 2 }, after)
    seen.push(...page.items.map((item) => (item.kind === 'folder' ? `${item.path}/` : item.entry.path)))
    after = page.next
  }
  expect(seen).toEqual(['a', 'b-', 'b.txt', 'b/', 'b0', 'c/', 'z'])
  expect(reader.ls('c', { limit: 5 }).items).toEqual([{ kind: 'folder', name: 'd', path: 'c/d' }])
  expect(reader.ls('b', { limit: 5 }).items).toHaveLength(3)
  expect(reader.ls('none', { limit: 5 })).toEqual({ items: [], next: undefined })
})
