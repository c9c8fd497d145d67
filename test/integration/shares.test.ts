/** Shares over restarts: the link stays, and what became of the files is found out and told. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { KnownShare, Share, ShareEvent, ShoalNode } from '@shoal/node'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { BlockWorkers } from '../../packages/node/src/store/block-workers.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const FORMS = [
  ['sealed', { public: false }],
  ['public', { public: true }],
] as const

afterEach(() => vi.restoreAllMocks())

async function known(node: ShoalNode, activeOnly = false): Promise<KnownShare[]> {
  const shares: KnownShare[] = []
  for await (const share of node.shares({ activeOnly })) shares.push(share)
  return shares
}

async function holiday(): Promise<{ work: string; folder: string; home: string }> {
  const work = await temporaryFolder()
  const folder = join(work, 'Holiday')
  await mkdir(join(folder, 'day 1'), { recursive: true })
  await writeFile(join(folder, 'day 1', 'sea.bin'), randomBytes(3_000_000))
  await writeFile(join(folder, 'note.txt'), 'note')
  return { work, folder, home: join(work, 'home') }
}

const keyAndRoot = (link: string): string => link.split('.')[0] ?? ''

describe.each(FORMS)('%s', (_form, options) => {
  test('after a restart it is served again by its root alone, without looking at its files', async () => {
    const { work, folder, home } = await holiday()
    const first = await startNode({ home })
    const before = await first.share(folder, options)
    await first.stop()
    const second = await startNode({ home })
    await expect(second.serve(`${before.root}x`)).rejects.toMatchObject({ code: 'ERR_NOT_SHARED' })
    const read = vi.spyOn(BlockWorkers.prototype, 'read')
    const events: ShareEvent[] = []
    const again = await second.serve(before.root, { onEvent: (event) => events.push(event), up: 0, down: 0 })
    expect([again.link, read.mock.calls.length]).toEqual([before.link, 0])
    expect(events.map(({ type }) => type)).toEqual(['ready'])
    expect(await known(second)).toMatchObject([{ state: 'serving' }])
    const bob = await startNode()
    const { path } = await bob.fetch(before.link, { directory: join(work, 'out') })
    expect(await readFile(join(path, 'note.txt'), 'utf8')).toBe('note')
    // Twice is one share for two callers, and it ends with the last of them.
    const twice = await second.serve(before.root, { times: 1 })
    const stop = new AbortController()
    const thrice = await second.serve(before.root, { signal: stop.signal })
    await again.stop()
    stop.abort()
    expect(await thrice.ended).toBe('stopped')
    expect(await known(second, true)).toHaveLength(1)
    await second.unshare(before.root)
    expect(await twice.ended).toBe('removed')
    await expect(second.serve(before.root)).rejects.toMatchObject({ code: 'ERR_NOT_SHARED' })
  })

  test('after a restart the same path has the same link, served again without reading a file', async () => {
    const { work, folder, home } = await holiday()
    const first = await startNode({ home })
    const before = await first.share(folder, options)
    expect(await known(first)).toMatchObject([{ link: before.link, state: 'serving' }])
    await first.stop()

    const second = await startNode({ home })
    expect(await known(second)).toMatchObject([{ root: before.root, name: 'Holiday', state: 'stopped' }])
    const read = vi.spyOn(BlockWorkers.prototype, 'read')
    const hash = vi.spyOn(BlockWorkers.prototype, 'hash')
    const events: ShareEvent[] = []
    const after = await second.share(folder, { ...options, onEvent: (event) => events.push(event) })
    expect(after.link).toBe(before.link)
    expect(read).not.toHaveBeenCalled()
    expect(hash).not.toHaveBeenCalled()
    expect(events.map(({ type }) => type)).toEqual(['ready'])

    const bob = await startNode()
    const { path } = await bob.fetch(before.link, { directory: join(work, 'out') })
    expect(
      (await readFile(join(path, 'day 1', 'sea.bin'))).equals(readFileSync(join(folder, 'day 1', 'sea.bin'))),
    ).toBe(true)
    expect(read).toHaveBeenCalled()
  })

  test('several at once share one path under one link, and each stops by itself', async () => {
    const { work, folder, home } = await holiday()
    const [alice, bob] = [await startNode({ home }), await startNode()]
    const shares = await Promise.all([1, 2, 3].map(() => alice.share(folder, options)))
    expect(new Set(shares.map(({ link }) => link)).size).toBe(1)
    expect((await known(alice)).length).toBe(1)
    const [first, second, third] = shares as [Share, Share, Share]
    await first.stop()
    await second.stop()
    await bob.fetch(third.link, { directory: join(work, 'out') })
    await third.stop()
    expect(await known(alice)).toMatchObject([{ state: 'stopped' }])
    const again = { directory: join(work, 'again'), waitMs: 1_000 }
    await expect(bob.fetch(third.link, again)).rejects.toMatchObject({
      code: 'ERR_CONTENT_GONE',
    })
  })

  test('bytes that changed behind size and time are never sent; the share is stale, and heals when they are back', async () => {
    const { work, folder, home } = await holiday()
    const [alice, bob] = [await startNode({ home }), await startNode()]
    const events: ShareEvent[] = []
    const share = await alice.share(folder, { ...options, onEvent: (event) => events.push(event) })
    const path = join(folder, 'day 1', 'sea.bin')
    const { atime, mtime } = await stat(path)
    const bytes = await readFile(path)
    const changed = Buffer.from(bytes)
    changed.fill(0, 2_500_000)
    await writeFile(path, changed)
    await utimes(path, atime, mtime)

    const out = join(work, 'out')
    await expect(bob.fetch(share.link, { directory: out })).rejects.toMatchObject({
      code: 'ERR_CONTENT_GONE',
    })
    expect((await readdir(out)).filter((name) => !name.startsWith('.shoal-'))).toEqual([])
    const warnings = (): ShareEvent[] => events.filter(({ type }) => type === 'warning')
    await vi.waitFor(() => expect(warnings()).toHaveLength(1))
    expect(warnings()).toMatchObject([
      { code: 'WARN_SHARE_STALE', message: expect.stringContaining('day 1/sea.bin') as string },
    ])
    await vi.waitFor(async () => expect(await known(alice, true)).toMatchObject([{ state: 'stale' }]))

    await writeFile(path, bytes)
    await bob.fetch(share.link, { directory: out })
    await vi.waitFor(async () => expect(await known(alice)).toMatchObject([{ state: 'serving' }]))
    expect(warnings()).toHaveLength(1)
  })

  test('a file that is gone is told, the rest is served, and what is shared stale stays stale over a restart', async () => {
    const { work, folder, home } = await holiday()
    const [alice, bob] = [await startNode({ home }), await startNode()]
    const events: ShareEvent[] = []
    const share = await alice.share(folder, { ...options, onEvent: (event) => events.push(event) })
    await rm(join(folder, 'day 1', 'sea.bin'))
    await expect(bob.fetch(share.link, { directory: join(work, 'out') })).rejects.toMatchObject({
      code: 'ERR_CONTENT_GONE',
    })
    await vi.waitFor(() =>
      expect(events.find(({ type }) => type === 'warning')).toMatchObject({
        code: 'WARN_SHARE_STALE',
        message: expect.stringContaining('sea.bin cannot be read') as string,
      }),
    )
    await alice.stop()
    const again = await startNode({ home })
    expect(await known(again, true)).toMatchObject([{ root: share.root, state: 'stale' }])
  })
})

test('what changed and is shared again has a new link; the old share is stale until it is unshared', async () => {
  const { folder, home } = await holiday()
  const alice = await startNode({ home })
  const events: ShareEvent[] = []
  const first = await alice.share(folder, { onEvent: (event) => events.push(event) })
  appendFileSync(join(folder, 'note.txt'), ' more')
  const second = await alice.share(folder)
  expect(keyAndRoot(second.link)).not.toBe(keyAndRoot(first.link))
  expect(events.at(-1)).toMatchObject({ type: 'warning', code: 'WARN_SHARE_STALE' })
  expect((await known(alice)).map(({ root, state }) => [root, state])).toEqual([
    [first.root, 'stale'],
    [second.root, 'serving'],
  ])
  expect(await alice.unshare(first.root)).toMatchObject([{ root: first.root }])
  expect(await first.ended).toBe('removed')
  expect(events.at(-1)).toMatchObject({ type: 'warning', code: 'WARN_UNSHARED' })
  expect(await known(alice)).toMatchObject([{ root: second.root, state: 'serving' }])
  expect((await readdir(join(home, 'shares'))).length).toBe(1)
  await expect(alice.unshare(first.root)).rejects.toMatchObject({ code: 'ERR_NOT_SHARED' })
  expect(readFileSync(join(folder, 'note.txt'), 'utf8')).toBe('note more')
})

test('a fresh share has another key each time', async () => {
  const { folder, home } = await holiday()
  const alice = await startNode({ home })
  const roots = new Set<string>()
  for (const fresh of [false, true, true]) roots.add((await alice.share(folder, { fresh })).root)
  expect(roots.size).toBe(3)
  expect((await known(alice)).map(({ state }) => state)).toEqual(['serving', 'serving', 'serving'])
})

test('an index that was lost is told to the first who shares, once', async () => {
  const { folder, home } = await holiday()
  const first = await startNode({ home })
  const { link } = await first.share(folder)
  await first.stop()
  writeFileSync(join(home, 'index.db'), 'nonsense'.repeat(1_000))
  const second = await startNode({ home })
  const codes: string[][] = []
  for (const turn of [0, 1]) {
    codes[turn] = []
    const onEvent = (event: ShareEvent): void => {
      if (event.type === 'warning') codes[turn]?.push(event.code)
    }
    expect((await second.share(folder, { onEvent })).link).toBe(link)
  }
  expect(codes).toEqual([['WARN_INDEX_REBUILT'], []])
})
