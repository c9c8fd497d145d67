import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemDisk, type Disk } from '../../src/store/disk.ts'
import { locatorOf, sharedPaths } from '../../src/store/shared-paths.ts'
import type { WalkWarning } from '../../src/store/walk-facts.ts'
import { walk } from '../../src/store/walk.ts'
import { temporaryFolder, writeTree } from '../helpers/files.ts'

async function several(): Promise<{ work: string; paths: string[] }> {
  const work = await temporaryFolder()
  await writeTree(work, {
    'one/docs/a.txt': '1',
    'one/docs/sub/b.tmp': '22',
    'one/docs/.shoalignore': '/secret\n',
    'one/docs/secret': 'x',
    'one/docs/sub/secret': 'y',
    'two/note.txt': '333',
    'two/empty': null,
    'two/skip.tmp': '',
  })
  const paths = ['one/docs', 'two/note.txt', 'two/empty', 'two/skip.tmp'].map((path) => join(work, path))
  return { work, paths }
}

test('each path is an entry under its own name, and lies where it lay', async () => {
  const { paths } = await several()
  const { kind, entries } = await walk(sharedPaths(paths), { disk: systemDisk })
  expect(kind).toBe('folder')
  expect(entries.map((entry) => [entry.path, entry.kind, entry.size])).toEqual([
    ['docs', 'folder', 0],
    ['docs/.shoalignore', 'file', 8],
    ['docs/a.txt', 'file', 1],
    ['docs/sub', 'folder', 0],
    ['docs/sub/b.tmp', 'file', 2],
    ['docs/sub/secret', 'file', 1],
    ['empty', 'folder', 0],
    ['note.txt', 'file', 3],
    ['skip.tmp', 'file', 0],
  ])
  const locationOf = locatorOf(sharedPaths(paths))
  for (const { path, source, below } of entries) expect({ source, below }).toEqual(locationOf(path))
})

test('patterns are relative to the folder that holds them all, and can name a path itself', async () => {
  const { paths } = await several()
  const warnings: WalkWarning[] = []
  const { entries } = await walk(sharedPaths(paths), {
    disk: systemDisk,
    exclude: ['*.tmp', 'docs/a.txt', 'a.doc'],
    onWarning: (warning) => warnings.push(warning),
  })
  expect(entries.map(({ path }) => path)).toEqual([
    'docs',
    'docs/.shoalignore',
    'docs/sub',
    'docs/sub/secret',
    'empty',
    'note.txt',
  ])
  expect(warnings).toMatchObject([{ code: 'WARN_EXCLUDE_UNUSED' }])
})

test('one that is missing, or a link, ends it; one that cannot be read is left out where that was asked for', async () => {
  const { work, paths } = await several()
  await symlink('one', join(work, 'link'))
  await expect(walk([...paths, join(work, 'gone')], { disk: systemDisk })).rejects.toMatchObject({
    code: 'ERR_SOURCE_MISSING',
  })
  await expect(walk([...paths, join(work, 'link')], { disk: systemDisk })).rejects.toMatchObject({
    code: 'ERR_USAGE',
  })
  const disk: Disk = { ...systemDisk, isReadable: async (path) => path !== paths[1] }
  const warnings: WalkWarning[] = []
  const { entries } = await walk(paths, {
    disk,
    skipUnreadable: true,
    onWarning: (warning) => warnings.push(warning),
  })
  expect(entries.map(({ path }) => path)).not.toContain('note.txt')
  expect(warnings).toEqual([
    { code: 'WARN_SKIPPED_UNREADABLE', message: 'left out note.txt: no permission to read it' },
  ])
})

test('the way to a path may lead over links: the user named it', async () => {
  const work = await temporaryFolder()
  await mkdir(join(work, 'real', 'a'), { recursive: true })
  await writeFile(join(work, 'real', 'a', 'x'), '1')
  await writeFile(join(work, 'real', 'b'), '2')
  await symlink('real', join(work, 'way'))
  const { entries } = await walk([join(work, 'way', 'a'), join(work, 'way', 'b')], { disk: systemDisk })
  expect(entries.map(({ path }) => path)).toEqual(['a', 'a/x', 'b'])
})
