import { expect, test } from 'vitest'
import type { Entry } from '../../src/content/entry.ts'
import { compileGlobs } from '../../src/content/glob.ts'
import { select } from '../../src/content/selection.ts'

const ENTRIES: readonly Entry[] = [
  { path: 'docs', kind: 'folder', size: 0 },
  { path: 'docs/a.txt', kind: 'file', size: 1 },
  { path: 'docs/deep', kind: 'folder', size: 0 },
  { path: 'docs/deep/b.txt', kind: 'file', size: 1 },
  { path: 'docs-old', kind: 'file', size: 1 },
  { path: 'empty', kind: 'folder', size: 0 },
]

test.each([
  [['docs'], ['docs', 'docs/a.txt', 'docs/deep', 'docs/deep/b.txt'], []],
  [['b.txt'], ['docs', 'docs/deep', 'docs/deep/b.txt'], []],
  [['docs/*.txt'], ['docs', 'docs/a.txt'], []],
  [['empty/'], ['empty'], []],
  [['docs-old', 'nothing'], ['docs-old'], ['nothing']],
  [['docs-old/'], [], ['docs-old/']],
])('%j', (patterns, paths, unused) => {
  const selection = select(ENTRIES, compileGlobs(patterns, 'only'), 'Set')
  expect(ENTRIES.filter((_entry, i) => selection.isSelected[i] === 1).map(({ path }) => path)).toEqual(paths)
  expect(selection.unused.map(({ pattern }) => pattern)).toEqual(unused)
})

test('a share that is a single file is matched by its name', () => {
  const file: Entry[] = [{ path: '', kind: 'file', size: 1 }]
  expect([...select(file, compileGlobs(['*.mp4'], 'only'), 'talk.mp4').isSelected]).toEqual([1])
  expect([...select(file, compileGlobs(['*.mp3'], 'only'), 'talk.mp4').isSelected]).toEqual([0])
})
