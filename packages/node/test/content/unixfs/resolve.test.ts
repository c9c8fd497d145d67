import { expect, test } from 'vitest'
import { isFileRoot, resolvePath } from '../../../src/content/unixfs/resolve.ts'
import { walkUnixfs } from '../../../src/content/unixfs/walk.ts'
import { getterOf } from '../../helpers/forge.ts'
import { importFile, importTree } from './support.ts'

const CONTENT = Buffer.from('content')

test.each([
  ['plain folders', 3],
  ['sharded folders', 6_000],
])('every path of %s leads to what a walk finds there', { timeout: 60_000 }, async (_name, files) => {
  const tree: Record<string, Uint8Array | null> = { 'deep/er/still': null, 'deep/a file': CONTENT }
  for (let i = 0; i < files; i++) tree[`many/${`${i}`.padStart(60, 'n')}`] = Buffer.from(`${i}`)
  const { root, blocks } = await importTree(tree)
  const get = getterOf(blocks)
  const { entries } = await walkUnixfs(root, get)
  const step = Math.ceil(entries.length / 200)
  for (const { path, kind } of entries.filter((_, i) => i % step === 0)) {
    get.asked.length = 0
    const found = await resolvePath(root, path, get)
    expect(found, path).toBeDefined()
    // One node a name, and for each level of shards.
    expect(get.asked.length).toBeLessThanOrEqual(path.split('/').length + 3)
    if (found === undefined) continue
    expect(await isFileRoot(found, get)).toBe(kind === 'file')
    const below = await walkUnixfs(found, get)
    const expected = entries.filter((entry) => entry.path.startsWith(`${path}/`)).map((entry) => entry.path)
    if (kind === 'folder') expect(below.entries.map((entry) => `${path}/${entry.path}`)).toEqual(expected)
  }
  for (const path of ['x', 'deep/x', 'deep/a file/x', 'many/x', 'many/', '..']) {
    expect(await resolvePath(root, path, get), path).toBeUndefined()
  }
})

test('below a file there is nothing', async () => {
  for (const bytes of [5, 3_000_000]) {
    const { root, blocks } = await importFile(Buffer.alloc(bytes))
    expect(await resolvePath(root, 'x', getterOf(blocks))).toBeUndefined()
    expect(await isFileRoot(root, getterOf(blocks))).toBe(true)
  }
})
