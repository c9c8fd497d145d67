/** What one who chooses a folder is shown. */
import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { dirname, join, parse } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { listFolder } from '../../../src/control/folders/folder-list.ts'
import { temporaryFolder } from '../../helpers/files.ts'

test('folders come first, each kind by name, and links as what they lead to', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'b10.txt'), 'ten')
  await writeFile(join(folder, 'b9.txt'), '')
  await utimes(join(folder, 'b10.txt'), 1_000, 1_000)
  await mkdir(join(folder, 'zoo'))
  await mkdir(join(folder, '.hidden'))
  await symlink(join(folder, 'zoo'), join(folder, 'a link'))
  await symlink(join(folder, 'nowhere'), join(folder, 'a dead link'))
  const { path, parent, entries, more } = await listFolder(folder)
  expect({ path, parent, more }).toEqual({ path: folder, parent: dirname(folder), more: false })
  expect(entries.map(({ name }) => name)).toEqual(['.hidden', 'a link', 'zoo', 'b9.txt', 'b10.txt'])
  expect(entries[0]).toMatchObject({ kind: 'folder', bytes: 0, hidden: true })
  expect(entries[1]).toMatchObject({ kind: 'folder', hidden: false })
  expect(entries[4]).toEqual({ name: 'b10.txt', kind: 'file', bytes: 3, mtime: 1_000_000, hidden: false })
})

test.skipIf(process.platform === 'win32')(
  'what is neither file nor folder, or has a name that is no text, is not shown',
  async () => {
    const folder = await temporaryFolder()
    const server = createServer()
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve))
    await writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]), '')
    await writeFile(join(folder, 'plain'), '')
    expect((await listFolder(folder)).entries.map(({ name }) => name)).toEqual(['plain'])
  },
)

test('of too many entries some are told, and that there are more', async () => {
  const folder = await temporaryFolder()
  for (const name of ['a', 'b', 'c']) await writeFile(join(folder, name), '')
  const { entries, more } = await listFolder(folder, 2)
  expect({ names: entries.map(({ name }) => name), more }).toEqual({ names: ['a', 'b'], more: true })
})

test('without a path it is the own folder of the user, and above the highest there is none', async () => {
  expect((await listFolder()).path).toBe(homedir())
  expect((await listFolder(parse(homedir()).root)).parent).toBeNull()
})

test.each(['nothing', 'a file'])('a path to %s is refused', async (kind) => {
  const path = join(await temporaryFolder(), 'x')
  if (kind === 'a file') await writeFile(path, '')
  await expect(listFolder(path)).rejects.toMatchObject({ code: 'ERR_SOURCE_MISSING' })
})
