/** Options of the library that no other test gives to it directly. */
import { spawnSync } from 'node:child_process'
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ShareEvent, WarningEvent } from '@shoal/node'
import { expect, test } from 'vitest'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

test('a share has the name that it is given, and leaves out what a pattern names', async () => {
  const [alice, bob] = [await startNode(), await startNode()]
  const work = await temporaryFolder()
  await mkdir(join(work, 'a/node_modules'), { recursive: true })
  await writeFile(join(work, 'a/node_modules/x'), 'x')
  await writeFile(join(work, 'a/notes.txt'), 'keep')
  const share = await alice.share(join(work, 'a'), { name: 'Holiday', exclude: ['node_modules'] })
  expect(share).toMatchObject({ name: 'Holiday', kind: 'folder', files: 1, bytes: 4, sealed: true })
  const { path } = await bob.fetch(share.link, { directory: join(work, 'out') })
  expect(path).toBe(join(work, 'out/Holiday'))
  expect(await readdir(path)).toEqual(['notes.txt'])
})

test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
  'what cannot be read fails a share, or is left out with skipUnreadable (not as root, who reads all)',
  async () => {
    const alice = await startNode()
    const work = await temporaryFolder()
    await mkdir(join(work, 'a'))
    await writeFile(join(work, 'a/secret'), 'x')
    await writeFile(join(work, 'a/open'), 'y')
    await chmod(join(work, 'a/secret'), 0)
    await expect(alice.share(join(work, 'a'))).rejects.toMatchObject({ code: 'ERR_SOURCE_UNREADABLE' })
    const events: ShareEvent[] = []
    const share = await alice.share(join(work, 'a'), {
      skipUnreadable: true,
      onEvent: (event) => events.push(event),
    })
    expect(share.files).toBe(1)
    expect(events).toContainEqual(expect.objectContaining({ code: 'WARN_SKIPPED_UNREADABLE' }))
  },
)

test('a file that differs is replaced with overwrite, and only then', async () => {
  const [alice, bob] = [await startNode(), await startNode()]
  const work = await temporaryFolder()
  await mkdir(join(work, 'out'))
  await writeFile(join(work, 'a'), 'new')
  await writeFile(join(work, 'out/a'), 'old')
  const { link } = await alice.share(join(work, 'a'))
  const directory = join(work, 'out')
  await expect(bob.fetch(link, { directory })).rejects.toMatchObject({ code: 'ERR_DESTINATION_EXISTS' })
  expect(await readFile(join(directory, 'a'), 'utf8')).toBe('old')
  await bob.fetch(link, { directory, overwrite: true })
  expect(await readFile(join(directory, 'a'), 'utf8')).toBe('new')
})

test('a listing of the shares of a home tells what was found out about it', async () => {
  const home = join(await temporaryFolder(), 'home')
  const work = await temporaryFolder()
  await writeFile(join(work, 'a'), 'a')
  const before = await startNode({ home })
  await before.share(join(work, 'a'))
  await before.stop()
  await writeFile(join(home, 'index.db'), 'this is no database, and long enough to be taken for one')
  const after = await startNode({ home })
  const warnings: WarningEvent[] = []
  const names: string[] = []
  for await (const { name } of after.shares({ onEvent: (event) => warnings.push(event) })) names.push(name)
  expect(names).toEqual(['a'])
  expect(warnings).toMatchObject([{ type: 'warning', code: 'WARN_INDEX_REBUILT' }])
})

test('a program that was given as text starts a node, and ends as soon as it was stopped', async () => {
  const home = await temporaryFolder()
  const program = `
    import { createNode } from '@shoal/node'
    const node = await createNode({ home: process.argv[1], network: 'private', listen: ['/ip4/127.0.0.1/tcp/0'] })
    await node.stop()
    console.log(JSON.stringify(process.getActiveResourcesInfo()))
  `
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program, home], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
  })
  expect(ran.stderr).toBe('')
  // A pipe to us is no reason.
  expect((JSON.parse(ran.stdout) as string[]).filter((what) => !what.startsWith('Pipe'))).toEqual([])
})
