import { mkdirSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Within, closeAnchor, openAnchor, openFolder, type Anchor } from '../../src/store/anchor.ts'
import { runStagingJob, type SurveyResult } from '../../src/store/staging-jobs.ts'
import { temporaryFolder, writeTree } from '../helpers/files.ts'

test('a folder that was made a link is not gone through', async () => {
  const work = await temporaryFolder()
  await writeTree(work, { 'in/a/b/file': 'x', 'out/b/file': 'canary' })
  const anchor = openAnchor(join(work, 'in'))
  using within = new Within(anchor)
  writeFileSync(within.at('a/b/file'), 'one')
  renameSync(join(work, 'in/a'), join(work, 'in/moved'))
  symlinkSync(join(work, 'out'), join(work, 'in/a'))
  // What was opened before stays what it was; what is opened now is refused.
  writeFileSync(within.at('a/b/other'), 'two')
  expect(readdirSync(join(work, 'in/moved/b'))).toEqual(['file', 'other'])
  using later = new Within(anchor)
  expect(() => later.at('a/b/file')).toThrow('ENOTDIR')
  expect(() => openFolder(anchor, 'a')).toThrow(/ENOTDIR|ELOOP/)
  expect(readdirSync(join(work, 'out/b'))).toEqual(['file'])
  closeAnchor(anchor)
})

test('the folder itself may be moved while it is open', async () => {
  const work = await temporaryFolder()
  await writeTree(work, { 'in/a': null, out: null })
  const anchor = openAnchor(join(work, 'in'))
  renameSync(join(work, 'in'), join(work, 'moved'))
  symlinkSync(join(work, 'out'), join(work, 'in'))
  using within = new Within(anchor)
  writeFileSync(within.at('a/file'), 'x')
  expect(readdirSync(join(work, 'moved/a'))).toEqual(['file'])
  expect(readdirSync(join(work, 'out'))).toEqual([])
  closeAnchor(anchor)
})

test('more folders than are held open at once', async () => {
  const work = await temporaryFolder()
  const names = Array.from({ length: 200 }, (_, i) => `${i}`)
  for (const name of names) mkdirSync(join(work, name))
  const anchor = openAnchor(work)
  using within = new Within(anchor)
  for (const name of names) writeFileSync(within.at(`${name}/file`), name)
  const before = readdirSync('/proc/self/fd').length
  for (const name of names) expect(readdirSync(join(work, name))).toEqual(['file'])
  within[Symbol.dispose]()
  expect(readdirSync('/proc/self/fd').length).toBeLessThan(before)
  closeAnchor(anchor)
})

/** As on systems where files cannot be reached through a descriptor. */
function byPath(path: string): Anchor {
  return { fd: undefined, path }
}

const ways = [
  ['by descriptor', openAnchor],
  ['by path', byPath],
] as const

test.each(ways)('what is removed ends at links, %s', async (_way, open) => {
  const work = await temporaryFolder()
  await writeTree(work, { 'in/staged/a/b/file': 'x', 'in/staged/empty': null, 'out/file': 'canary' })
  symlinkSync(join(work, 'out'), join(work, 'in/staged/a/link'))
  const anchor = open(join(work, 'in'))
  await runStagingJob({ type: 'remove', within: anchor, path: 'staged' })
  await runStagingJob({ type: 'remove', within: anchor, path: 'staged' })
  expect(readdirSync(join(work, 'in'))).toEqual([])
  expect(readdirSync(join(work, 'out'))).toEqual(['file'])
  closeAnchor(anchor)
})

test.each(ways)('a new file never takes the place of another, %s', async (_way, open) => {
  const work = await temporaryFolder()
  await writeTree(work, { 'from/file': 'new', 'to/file': 'old' })
  const [from, to] = [open(join(work, 'from')), open(join(work, 'to'))]
  const move = { type: 'move', from, to } as const
  const moves = (kind: 'new-file' | 'replacing-file') => [{ from: 'file', to: 'file', kind }]
  expect(() => runStagingJob({ ...move, moves: moves('new-file') })).toThrow('EEXIST')
  await runStagingJob({ ...move, moves: moves('replacing-file') })
  expect(readdirSync(join(work, 'from'))).toEqual([])
  closeAnchor(from)
  closeAnchor(to)
})

test('by path, a link on the way is refused, and so is one in place of the folder', async () => {
  const work = await temporaryFolder()
  await writeTree(work, { 'in/a/b/file': 'x', 'out/b/file': 'canary' })
  const anchor = byPath(join(work, 'in'))
  using within = new Within(anchor)
  expect(within.at('a/b/file')).toBe(join(work, 'in/a/b/file'))
  renameSync(join(work, 'in/a'), join(work, 'in/moved'))
  symlinkSync(join(work, 'out'), join(work, 'in/a'))
  expect(() => within.at('a/b/file')).toThrow('ENOTDIR')
  expect(() => openFolder(anchor, 'a')).toThrow('ENOTDIR')
  expect(openFolder(anchor, 'moved')).toEqual(byPath(join(work, 'in/moved')))
})

test.each(ways)('files, folders and a survey of them, %s', async (_way, open) => {
  const work = await temporaryFolder()
  const within = open(work)
  await runStagingJob({ type: 'folders', within, paths: ['a', 'a/b'] })
  await runStagingJob({ type: 'folders', within, paths: ['a', 'a/b'] })
  const files = Array.from({ length: 20 }, (_, i) => ({ path: `a/b/${i}`, size: i, mtimeMs: 5_000 }))
  await runStagingJob({ type: 'finish', within, files })
  await runStagingJob({ type: 'sync', within, paths: ['a/b/3'] })
  await runStagingJob({ type: 'replace', within, path: 'record', bytes: Buffer.from('new') })
  await runStagingJob({
    type: 'finish-folders',
    within,
    folders: [{ path: 'a/b', mtimeMs: 7_000 }, { path: 'a' }],
  })
  const paths = ['a', 'a/b/7', 'record', 'none', 'record/below']
  const looked = await runStagingJob({ type: 'survey', within, paths })
  expect(looked).toMatchObject({ kinds: ['folder', 'file', 'file', 'none', 'blocked'] })
  expect([...(looked as SurveyResult).sizes.subarray(1, 3)]).toEqual([7, 3])
  expect(statSync(join(work, 'a/b')).mtimeMs).toBe(7_000)
  expect(statSync(join(work, 'a/b/7'))).toMatchObject({ mtimeMs: 5_000 })
  closeAnchor(within)
})
