/** Looking at what a link names, before anything of it is fetched. */
import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { linkWithWrongKey } from '../helpers/links.ts'
import { clientOf, folderOf, startNode, temporaryFolder } from '../helpers/nodes.ts'

describe.each([
  ['sealed', true],
  ['public', false],
] as const)('%s', (_form, sealed) => {
  const options = { public: !sealed }

  test('a folder, a folder in it, and a file', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const folder = await folderOf('Holiday', {
      'day 1/sea.bin': Buffer.alloc(3_000_000, 7),
      'day 1/small': 'x',
      // Of the same name as the folder, and so not the folder.
      Holiday: 'one',
      empty: null,
    })
    await utimes(join(folder, 'Holiday'), 1_000_000_000, 1_000_000_000)
    const { link, root } = await alice.share(folder, options)
    expect(await bob.stat(link)).toEqual({
      root,
      path: '',
      name: 'Holiday',
      kind: 'folder',
      bytes: 3_000_004,
      entries: 5,
      mtime: null,
      sealed,
    })
    expect(await bob.stat(link, { path: './day 1/' })).toEqual({
      root,
      path: 'day 1',
      name: 'day 1',
      kind: 'folder',
      bytes: 3_000_001,
      entries: 2,
      mtime: null,
      sealed,
    })
    expect(await bob.stat(link, { path: 'empty' })).toMatchObject({ kind: 'folder', bytes: 0, entries: 0 })
    expect(await bob.stat(link, { path: 'Holiday' })).toEqual({
      root,
      path: 'Holiday',
      name: 'Holiday',
      kind: 'file',
      bytes: 3,
      entries: 1,
      mtime: sealed ? 1_000_000_000_000 : null,
      sealed,
    })
    await expect(bob.stat(link, { path: 'day' })).rejects.toMatchObject({ code: 'ERR_NOT_IN_SHARE' })
  })

  test.each([0, 5, 3_000_000])('a share that is a file of %i bytes', async (bytes) => {
    const [alice, bob] = [await startNode(), await startNode()]
    const file = join(await temporaryFolder(), 'talk.txt')
    await writeFile(file, Buffer.alloc(bytes))
    await utimes(file, 1_000_000_000, 1_000_000_000)
    const { link, root } = await alice.share(file, options)
    const whole = { root, name: 'talk.txt', kind: 'file', bytes, entries: 1, sealed }
    const mtime = sealed ? 1_000_000_000_000 : null
    expect(await bob.stat(link)).toEqual({ ...whole, path: '', mtime })
    expect(await bob.stat(link, { path: 'talk.txt' })).toEqual({ ...whole, path: 'talk.txt', mtime })
  })
})

test('a client of the control API is told the same, and why not', async () => {
  const [alice, bob] = [await startNode(), await startNode()]
  const { link } = await alice.share(await folderOf('Holiday', { a: 'one' }))
  const client = await clientOf(bob)
  const { signal } = new AbortController()
  expect(await client.stat({ link }, signal)).toEqual({ type: 'stat', ...(await bob.stat(link)) })
  const { wrong } = await linkWithWrongKey(alice)
  await expect(client.stat({ link: wrong }, signal)).rejects.toMatchObject({
    code: 'ERR_WRONG_KEY',
  })
  await expect(bob.stat(link, { path: 'b' })).rejects.toMatchObject({ code: 'ERR_NOT_IN_SHARE' })
  await expect(client.stat({ link, path: 'b' }, signal)).rejects.toMatchObject({ code: 'ERR_NOT_IN_SHARE' })
  const gone = AbortSignal.abort(new Error('enough'))
  await expect(client.stat({ link }, gone)).rejects.toThrow('enough')
})
