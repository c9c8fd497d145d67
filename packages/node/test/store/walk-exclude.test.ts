import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MAX_GLOB_LENGTH } from '../../src/content/limits.ts'
import { systemDisk, type Disk } from '../../src/store/disk.ts'
import type { WalkOptions, WalkWarning } from '../../src/store/walk-facts.ts'
import { walk } from '../../src/store/walk.ts'
import { temporaryFolder, writeTree } from '../helpers/files.ts'

type Tree = Readonly<Record<string, string | null>>

/** The paths that are shared of a tree, the folders that were listed, and the codes of warnings. */
async function shared(
  tree: Tree,
  options: Partial<WalkOptions> = {},
): Promise<{ paths: string[]; listed: string[]; warnings: WalkWarning[] }> {
  const folder = await temporaryFolder()
  await writeTree(folder, tree)
  const listed: string[] = []
  const warnings: WalkWarning[] = []
  const disk: Disk = {
    ...systemDisk,
    list: async (path) => {
      listed.push(path.slice(folder.length + 1))
      return await systemDisk.list(path)
    },
  }
  const { entries } = await walk(folder, { disk, onWarning: (w) => warnings.push(w), ...options })
  return { paths: entries.map((entry) => entry.path), listed, warnings }
}

const PROJECT: Tree = {
  'a.txt': '',
  'a.tmp': '',
  'build/x': '',
  'build/deep/y.txt': '',
  'docs/a.tmp': '',
  'docs/build': '',
  'docs/guide.pdf': '',
}

describe('patterns of the options', () => {
  test.each<[string[], string[]]>([
    [
      ['*.tmp'],
      ['a.txt', 'build', 'build/deep', 'build/deep/y.txt', 'build/x', 'docs', 'docs/build', 'docs/guide.pdf'],
    ],
    [['build'], ['a.tmp', 'a.txt', 'docs', 'docs/a.tmp', 'docs/guide.pdf']],
    [['build/'], ['a.tmp', 'a.txt', 'docs', 'docs/a.tmp', 'docs/build', 'docs/guide.pdf']],
    [
      ['/build', 'docs/*'],
      ['a.tmp', 'a.txt', 'docs'],
    ],
    [['build/**', 'docs', 'a.*'], ['build']],
    [['*'], []],
  ])('%j', async (exclude, paths) => {
    const found = await shared(PROJECT, { exclude })
    expect(found.paths).toEqual(paths)
    expect(found.warnings).toEqual([])
  })

  test('a folder that is left out is not even listed', async () => {
    expect((await shared(PROJECT, { exclude: ['build/'] })).listed).toEqual(['', 'docs'])
  })

  test('one that names nothing is told, so that a slip does not publish', async () => {
    const { warnings } = await shared(PROJECT, { exclude: ['*.tmp', 'biuld\u202e/', 'zzz', 'zzz'] })
    expect(warnings).toEqual([
      {
        code: 'WARN_EXCLUDE_UNUSED',
        message: String.raw`nothing was left out by the pattern "biuld\u{202e}/"`,
      },
      { code: 'WARN_EXCLUDE_UNUSED', message: 'nothing was left out by the pattern "zzz"' },
    ])
  })

  test('two that name the same entry are both of use, also where a .shoalignore names it', async () => {
    const tree = { 'x.tmp': '', '.shoalignore': 'x.*\n' }
    const { paths, warnings } = await shared(tree, { exclude: ['*.tmp', 'x*'] })
    expect({ paths, warnings }).toEqual({ paths: ['.shoalignore'], warnings: [] })
  })

  test('a malformed one, and too much of them, ends the walk before the disk is looked at', async () => {
    const invalid = { code: 'ERR_OPTIONS_INVALID', message: expect.stringContaining('"[x"') as string }
    await expect(walk('/nowhere', { disk: systemDisk, exclude: ['a', '[x'] })).rejects.toMatchObject(invalid)
    const much = Array.from({ length: 65 }, () => 'x'.repeat(MAX_GLOB_LENGTH))
    await expect(walk('/nowhere', { disk: systemDisk, exclude: much })).rejects.toMatchObject({
      code: 'ERR_LIMIT',
    })
    await expect(walk('/nowhere', { disk: systemDisk, exclude: much.slice(1) })).rejects.toMatchObject({
      code: 'ERR_SOURCE_MISSING',
    })
  })

  test('nothing can be left out of a file', async () => {
    const folder = await temporaryFolder()
    await writeTree(folder, { a: '', '.shoalignore': 'a' })
    const path = join(folder, 'a')
    await expect(walk(path, { disk: systemDisk, exclude: ['b'] })).rejects.toMatchObject({
      code: 'ERR_USAGE',
    })
    expect((await walk(path, { disk: systemDisk, exclude: [] })).kind).toBe('file')
  })
})

describe('.shoalignore', () => {
  test('holds in its folder and below, relative to it, and is shared itself', async () => {
    const { paths, warnings } = await shared({
      '.shoalignore': '*.log\n/top\nunused\n',
      'x.log': '',
      top: '',
      'sub/.shoalignore': '/top\nin/secret\n',
      'sub/x.log': '',
      'sub/top': '',
      'sub/in/secret': '',
      'sub/in/top': '',
      'in/secret': '',
    })
    expect(paths).toEqual([
      '.shoalignore',
      'in',
      'in/secret',
      'sub',
      'sub/.shoalignore',
      'sub/in',
      'sub/in/top',
    ])
    expect(warnings).toEqual([])
  })

  test('holds for what stands before it in the folder, too', async () => {
    expect((await shared({ '!a': '', '.shoalignore': '*a', za: '' })).paths).toEqual(['.shoalignore'])
  })

  test('holds also when it leaves itself out', async () => {
    expect((await shared({ '.shoalignore': '.shoalignore\nx', x: '', y: '' })).paths).toEqual(['y'])
    const { paths } = await shared({ '.shoalignore': 'x', x: '', y: '' }, { exclude: ['.*'] })
    expect(paths).toEqual(['y'])
  })

  test('in a folder that is left out, it is not read', async () => {
    const tree = { 'd/.shoalignore': '!x', e: '' }
    await expect(shared(tree)).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
    expect((await shared(tree, { exclude: ['d'] })).paths).toEqual(['e'])
  })

  test('of two folders beside each other, neither holds in the other', async () => {
    const tree = { 'a/.shoalignore': 'x', 'a/x': '', 'b/.shoalignore': 'y', 'b/x': '', 'b/y': '' }
    expect((await shared(tree)).paths).toEqual(['a', 'a/.shoalignore', 'b', 'b/.shoalignore', 'b/x'])
  })

  test('that cannot be read ends the walk, also where what cannot be read is left out', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'sub'))
    await writeFile(join(folder, 'rules'), 'secret')
    await symlink('../rules', join(folder, 'sub', '.shoalignore'))
    const disk: Disk = systemDisk
    for (const skipUnreadable of [false, true]) {
      await expect(walk(folder, { disk, skipUnreadable })).rejects.toMatchObject({
        code: 'ERR_SOURCE_UNREADABLE',
        message: expect.stringContaining('sub/.shoalignore') as string,
      })
    }
  })

  test('too much of them for one folder is over a limit, side by side it is not', async () => {
    const half = `${'x'.repeat(1_000)}\n`.repeat(40)
    await expect(shared({ '.shoalignore': half, 'a/.shoalignore': half })).rejects.toMatchObject({
      code: 'ERR_LIMIT',
      message: expect.stringContaining('a/.shoalignore') as string,
    })
    expect((await shared({ 'a/.shoalignore': half, 'b/.shoalignore': half })).paths).toHaveLength(4)
  })
})

test('what is left out needs no warning about a link, and no permission', async () => {
  const folder = await temporaryFolder()
  await writeTree(folder, { 'locked/x': '', gone: '', open: '' })
  await symlink('open', join(folder, 'link'))
  const disk: Disk = {
    ...systemDisk,
    list: async (path) => {
      if (path === join(folder, 'locked')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' })
      return await systemDisk.list(path)
    },
    isReadable: async (path) => path !== join(folder, 'gone'),
  }
  const warnings: WalkWarning[] = []
  const { entries } = await walk(folder, {
    disk,
    skipUnreadable: true,
    exclude: ['locked', 'link'],
    without: new Set([join(folder, 'open')]),
    onWarning: (warning) => warnings.push(warning),
  })
  expect(entries).toEqual([])
  expect(warnings).toMatchObject([{ code: 'WARN_SKIPPED_UNREADABLE' }])
})
