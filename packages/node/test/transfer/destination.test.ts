/** What a fetch does with what stands in its place already, against a model of the rules. */
import { chmod, lstat, mkdir, readFile, readdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compileGlobs, namesOf } from '../../src/content/glob.ts'
import { isShoalError } from '../../src/errors.ts'
import { temporaryFolder, writeTree } from '../helpers/files.ts'
import { InProcess } from '../helpers/in-process.ts'
import { seededFloats } from '../helpers/simulation.ts'

type Tree = Record<string, string | null>

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const FORMS = [
  ['sealed', {}],
  ['public', { isPublic: true }],
  // An empty file is a node and no raw leaf: only the peer's answer tells it.
  ['public with times', { isPublic: true, preserve: true }],
] as const

/** Everything below a folder by path; null for a folder. */
async function treeOf(folder: string, prefix = ''): Promise<Tree> {
  const tree: Tree = {}
  for (const name of (await readdir(folder)).toSorted()) {
    const path = join(folder, name)
    if ((await lstat(path)).isDirectory()) {
      tree[prefix + name] = null
      Object.assign(tree, await treeOf(path, `${prefix}${name}/`))
    } else tree[prefix + name] = await readFile(path, 'latin1')
  }
  return tree
}

/** With the folders that its paths imply. */
function whole(tree: Tree): Tree {
  const all: Tree = { ...tree }
  for (const path of Object.keys(tree)) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) all[path.slice(0, at)] ??= null
  }
  return Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function kindOf(value: string | null): 'file' | 'folder' {
  return value === null ? 'folder' : 'file'
}

/** What is to stand there afterwards; `refused` when the fetch is to end and change nothing. */
function expected(
  shared: Tree,
  there: Tree,
  only: readonly string[],
  overwrite: boolean,
): Tree | 'refused' | 'nothing' {
  const globs = compileGlobs(only, 'only')
  const source = whole(shared)
  const chosen = Object.entries(source).filter(
    ([path, value]) => only.length === 0 || globs.some((glob) => glob.covers(namesOf(path), kindOf(value))),
  )
  if (only.length > 0 && chosen.length === 0) return 'nothing'
  const result = whole(there)
  for (const [path, value] of Object.entries(whole(Object.fromEntries(chosen)))) {
    const old = result[path]
    if (old !== undefined && kindOf(old) !== kindOf(value)) return 'refused'
    if (old !== undefined && old !== value && !overwrite) return 'refused'
    result[path] = value
  }
  return whole(result)
}

describe.each(FORMS)('%s', (_form, options) => {
  test(`a random destination becomes what the rules say (seed ${SEED})`, async () => {
    const float = seededFloats(SEED)
    const pick = <T>(from: readonly T[]): T => from[Math.floor(float() * from.length)] as T
    const content = (): string => {
      const length = pick([0, 1, 5, 700, 5_000, 400_000, 1_048_560, 1_300_000])
      return pick(['x', 'y', 'z']).repeat(length)
    }
    const here = new InProcess()
    const outcomes = { done: 0, refused: 0, nothing: 0 }
    for (let round = 0; round < 60; round++) {
      const work = await temporaryFolder()
      const names = ['a', 'a-b', 'b', 'c']
      const shared: Tree = {}
      for (let i = 0; i < 1 + float() * 8; i++) {
        const path = float() < 0.5 ? pick(names) : `${pick(['d', 'e', 'd/f'])}/${pick(names)}`
        shared[path] = float() < 0.1 && !path.startsWith('d') ? null : content()
      }
      for (const path of Object.keys(shared)) {
        // A file must not be a folder as well.
        if (Object.keys(shared).some((other) => other.startsWith(`${path}/`))) delete shared[path]
      }
      const there: Tree = {}
      for (const [path, value] of Object.entries(shared)) {
        const fate = float()
        if (fate < 0.4) there[path] = value
        else if (fate < 0.5) there[path] = value === null ? 'now a file' : value.replace(/.$/, 'q')
        else if (fate < 0.55) there[path] = value === null ? null : `${value}longer`
        else if (fate < 0.57 && value !== null) there[path] = null
      }
      if (float() < 0.5) there['own'] = 'mine'
      const only = float() < 0.5 ? [] : [pick(['a', 'd', 'd/**', '*-b', 'e/a', 'nothing'])]
      const overwrite = float() < 0.4
      await writeTree(join(work, 'Set'), { '.': null, ...shared })
      const isThere = float() < 0.8
      if (isThere) await writeTree(join(work, 'out/Set'), { '.': null, ...there })
      const before = isThere ? await treeOf(join(work, 'out')) : {}
      const link = await here.share(join(work, 'Set'), options)
      const rule = expected(shared, isThere ? there : {}, only, overwrite)
      const told = `round ${round}: ${JSON.stringify({ only, overwrite, isThere })}`
      let outcome: keyof typeof outcomes = 'done'
      try {
        await here.fetch(link, join(work, 'out'), { only, overwrite })
      } catch (error) {
        if (isShoalError(error, 'ERR_DESTINATION_EXISTS')) outcome = 'refused'
        else if (isShoalError(error, 'ERR_NOT_IN_SHARE')) outcome = 'nothing'
        else throw error
      }
      outcomes[outcome]++
      expect(outcome, told).toBe(typeof rule === 'string' ? rule : 'done')
      if (outcome === 'nothing') continue
      const after = await treeOf(join(work, 'out'))
      if (typeof rule === 'string') expect(after, told).toEqual(before)
      else expect(after, told).toEqual(whole({ Set: null, ...prefixed(rule) }))
    }
    // Each outcome was seen, or the cases prove nothing.
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(2)
  })

  test('what is there already is not fetched, but for blocks that it shares with something missing', async () => {
    const here = new InProcess()
    const work = await temporaryFolder()
    const big = Buffer.alloc(3_500_000, 7)
    await writeTree(join(work, 'Set'), { a: 'first', big, z: 'last' })
    const link = await here.share(join(work, 'Set'), options)
    await writeTree(join(work, 'out/Set'), { a: 'first', big })
    const { bytes, bytesReused, bytesFetched } = await here.fetch(link, join(work, 'out'))
    expect({ bytes, bytesReused }).toEqual({ bytes: 3_500_009, bytesReused: 3_500_005 })
    expect(bytesFetched).toBeLessThan(1_100_000)
    expect(await readFile(join(work, 'out/Set/z'), 'latin1')).toBe('last')
    const again = await here.fetch(link, join(work, 'out'))
    expect(again.bytesReused).toBe(bytes)
  })

  test('the same bytes with another time or mode stay as they are', async () => {
    const here = new InProcess()
    const work = await temporaryFolder()
    await writeTree(join(work, 'Set'), { a: 'same' })
    const link = await here.share(join(work, 'Set'), options)
    await writeTree(join(work, 'out/Set'), { a: 'same' })
    await utimes(join(work, 'out/Set/a'), 1_000, 1_000)
    await chmod(join(work, 'out/Set/a'), 0o600)
    await here.fetch(link, join(work, 'out'), { overwrite: true })
    const { mtimeMs, mode } = await lstat(join(work, 'out/Set/a'))
    expect([mtimeMs, mode & 0o777]).toEqual([1_000_000, 0o600])
  })

  test('a file is replaced whole, and only when that was asked for', async () => {
    const here = new InProcess()
    const work = await temporaryFolder()
    await writeTree(work, { talk: 'their words', 'out/talk': 'mine, my own' })
    const link = await here.share(join(work, 'talk'), options)
    await expect(here.fetch(link, join(work, 'out'))).rejects.toMatchObject({
      code: 'ERR_DESTINATION_EXISTS',
      message: `${join(work, 'out/talk')} is there already, with other content`,
      hint: 'Choose another folder with -o, or replace such files with --overwrite.',
    })
    expect(await treeOf(join(work, 'out'))).toEqual({ talk: 'mine, my own' })
    await here.fetch(link, join(work, 'out'), { overwrite: true })
    expect(await treeOf(join(work, 'out'))).toEqual({ talk: 'their words' })
  })

  test.each([
    ['a folder where a file is to stand', async (path: string) => mkdir(path)],
    ['a link to the very same bytes', async (path: string) => symlink('../../Set/a', path)],
  ])('%s is never replaced', async (_what, make) => {
    const here = new InProcess()
    const work = await temporaryFolder()
    await writeTree(join(work, 'Set'), { a: 'bytes', b: 'more' })
    const link = await here.share(join(work, 'Set'), options)
    await mkdir(join(work, 'out/Set'), { recursive: true })
    await make(join(work, 'out/Set/a'))
    await expect(here.fetch(link, join(work, 'out'), { overwrite: true })).rejects.toMatchObject({
      code: 'ERR_DESTINATION_EXISTS',
      message: `${join(work, 'out/Set/a')} is there already, and not what this share has there`,
    })
    expect(await readdir(join(work, 'out'))).toEqual(['Set'])
    expect(await readdir(join(work, 'out/Set'))).toEqual(['a'])
  })

  test('a link to a folder is not followed into', async () => {
    const here = new InProcess()
    const work = await temporaryFolder()
    await writeTree(work, { 'Set/d/a': 'bytes', 'elsewhere/own': 'mine' })
    const link = await here.share(join(work, 'Set'), options)
    await mkdir(join(work, 'out/Set'), { recursive: true })
    await symlink(join(work, 'elsewhere'), join(work, 'out/Set/d'))
    await expect(here.fetch(link, join(work, 'out'), { overwrite: true })).rejects.toMatchObject({
      code: 'ERR_DESTINATION_EXISTS',
    })
    expect(await readdir(join(work, 'elsewhere'))).toEqual(['own'])
  })
})

test('a neighbour in the same block that turns out different ends the fetch before the rest is asked for', async () => {
  const here = new InProcess()
  const work = await temporaryFolder()
  await writeTree(join(work, 'Set'), { a: 'first', big: Buffer.alloc(9_000_000, 1), z: 'last' })
  const link = await here.share(join(work, 'Set'))
  await writeTree(join(work, 'out/Set'), { a: 'FIRST' })
  await expect(here.fetch(link, join(work, 'out'))).rejects.toMatchObject({ code: 'ERR_DESTINATION_EXISTS' })
  // The manifest and the one block in which they stand.
  expect(here.sent(link)).toBeLessThan(2_200_000)
  await here.fetch(link, join(work, 'out'), { overwrite: true })
  expect(await readFile(join(work, 'out/Set/a'), 'latin1')).toBe('first')
})

function prefixed(tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([path, value]) => [`Set/${path}`, value]))
}

test('what lies there and is no text does not matter', async () => {
  const here = new InProcess()
  const work = await temporaryFolder()
  await writeTree(join(work, 'Set'), { a: 'x' })
  const link = await here.share(join(work, 'Set'))
  await mkdir(join(work, 'out/Set'), { recursive: true })
  await writeFile(Buffer.concat([Buffer.from(join(work, 'out/Set/')), Uint8Array.of(0xff)]), '')
  await here.fetch(link, join(work, 'out'))
  expect((await readdir(join(work, 'out/Set'))).length).toBe(2)
})
