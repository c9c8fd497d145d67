/** One share of several paths: in place, found again, and watched, as a share of one folder is. */
import { randomBytes } from 'node:crypto'
import { cp, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ShareEvent, ShoalNode } from '@shoal/node'
import { describe, expect, test, vi } from 'vitest'
import { BlockWorkers } from '../../packages/node/src/store/block-workers.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const FORMS = [
  ['sealed', { public: false }],
  ['public', { public: true }],
] as const

async function tree(): Promise<{ work: string; paths: string[]; home: string }> {
  const work = await temporaryFolder()
  await mkdir(join(work, 'a', 'photos', 'day 1'), { recursive: true })
  await mkdir(join(work, 'b'), { recursive: true })
  await writeFile(join(work, 'a', 'photos', 'day 1', 'sea.bin'), randomBytes(2_500_000))
  await writeFile(join(work, 'a', 'photos', 'small.txt'), 'small')
  await writeFile(join(work, 'b', 'note.txt'), 'note')
  // The way to a path may lead over a link, as the user's own ways do.
  await symlink('b', join(work, 'way'))
  const paths = [join(work, 'a', 'photos'), join(work, 'way', 'note.txt')]
  return { work, paths, home: join(work, 'home') }
}

async function states(node: ShoalNode): Promise<string[]> {
  const found: string[] = []
  for await (const { state } of node.shares()) found.push(state)
  return found
}

const keyAndRoot = (link: string): string => link.split('.')[0] ?? ''

describe.each(FORMS)('%s', (form, options) => {
  test('each path arrives under its own name, from where it lies', async () => {
    const { work, paths, home } = await tree()
    const [alice, bob] = [await startNode({ home }), await startNode()]
    const share = await alice.share(paths, options)
    expect(share).toMatchObject({ name: 'shared', kind: 'folder', files: 3, bytes: 2_500_009 })
    const { path } = await bob.fetch(share.link, { directory: join(work, 'out') })
    expect((await readdir(path, { recursive: true })).toSorted()).toEqual([
      'note.txt',
      'photos',
      join('photos', 'day 1'),
      join('photos', 'day 1', 'sea.bin'),
      join('photos', 'small.txt'),
    ])
    for (const [name, from] of [
      ['note.txt', join(work, 'b', 'note.txt')],
      ['photos/day 1/sea.bin', join(work, 'a', 'photos', 'day 1', 'sea.bin')],
    ] as const) {
      expect((await readFile(join(path, name))).equals(await readFile(from)), name).toBe(true)
    }
    const copies = (await readdir(home, { recursive: true })).filter((name) => /sea|note/.test(name))
    expect(copies).toEqual([])
    if (form === 'sealed') return
    // A folder that holds the same is the same content.
    await mkdir(join(work, 'shared'))
    await cp(paths[0] as string, join(work, 'shared', 'photos'), { recursive: true })
    await cp(paths[1] as string, join(work, 'shared', 'note.txt'))
    expect((await alice.share(join(work, 'shared'), options)).root).toBe(share.root)
  })

  test('after a restart the same paths in another order have the same link, served without reading a file', async () => {
    const { work, paths, home } = await tree()
    const first = await startNode({ home })
    const before = await first.share(paths, options)
    await first.stop()
    const second = await startNode({ home })
    const read = vi.spyOn(BlockWorkers.prototype, 'read')
    const hash = vi.spyOn(BlockWorkers.prototype, 'hash')
    const after = await second.share([...paths, ...paths].toReversed(), options)
    expect([read.mock.calls.length, hash.mock.calls.length]).toEqual([0, 0])
    vi.restoreAllMocks()
    expect(after.link).toBe(before.link)
    expect((await second.share(paths.slice(0, 1), options)).root).not.toBe(before.root)
    const bob = await startNode()
    const { path } = await bob.fetch(before.link, { directory: join(work, 'out') })
    expect(await readFile(join(path, 'note.txt'), 'utf8')).toBe('note')
  })

  test('a file that changes makes it stale, and the same paths again a new link', async () => {
    const { work, paths, home } = await tree()
    const [alice, bob] = [await startNode({ home }), await startNode()]
    const events: ShareEvent[] = []
    const first = await alice.share(paths, { ...options, onEvent: (event) => events.push(event) })
    await writeFile(join(work, 'b', 'note.txt'), 'NOTE')
    await expect(bob.fetch(first.link, { directory: join(work, 'out') })).rejects.toMatchObject({
      code: 'ERR_CONTENT_GONE',
    })
    await vi.waitFor(() =>
      // Who gets it may be told of after it.
      expect(events.find(({ type }) => type === 'warning')).toMatchObject({
        code: 'WARN_SHARE_STALE',
        message: expect.stringContaining('note.txt changed') as string,
      }),
    )
    const second = await alice.share(paths, options)
    expect(keyAndRoot(second.link)).not.toBe(keyAndRoot(first.link))
    expect(await states(alice)).toEqual(['stale', 'serving'])
  })
})
