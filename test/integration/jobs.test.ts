/** What a node in the background goes on with by itself, over the control API and over restarts. */
import { randomBytes, randomUUID } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ShareEvent } from '@shoal/node'
import { describe, expect, test, vi } from 'vitest'
import { background, fetchBecomes, fetchesOf } from '../helpers/fetches.ts'
import { clientOf, folderOf, startNode, temporaryFolder } from '../helpers/nodes.ts'

const NEVER = new AbortController().signal

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

async function readyOf(events: AsyncIterable<ShareEvent>): Promise<Extract<ShareEvent, { type: 'ready' }>> {
  let last: ShareEvent | undefined
  for await (const event of events) last = event
  if (last?.type !== 'ready') throw new Error(`it ended with ${String(last?.type)}`)
  return last
}

async function holiday(bytes = 3_000_000): Promise<{ work: string; file: string }> {
  const work = await temporaryFolder()
  const file = join(work, 'sea.bin')
  await writeFile(file, randomBytes(bytes))
  return { work, file }
}

describe('a fetch', () => {
  test('is done by itself, and the same request again is the same fetch', async () => {
    const { work, file } = await holiday()
    const alice = await startNode()
    const { link, root } = await alice.share(file)
    const { client } = await background({ home: join(work, 'home') })
    const key = randomUUID()
    const request = { link, directory: join(work, 'out') }
    const twice = await Promise.all([client.keepFetch(request, key), client.keepFetch(request, key)])
    expect(twice[0]).toMatchObject({ type: 'fetch', root, directory: request.directory, priority: 'normal' })
    expect(twice[1].id).toBe(twice[0].id)
    const done = await fetchBecomes(client, { state: 'done' })
    expect(done).toMatchObject({
      id: twice[0].id,
      name: 'sea.bin',
      bytes: 3_000_000,
      total: 3_000_000,
      reason: null,
    })
    expect(done.path).toBe(join(work, 'out', 'sea.bin'))
    expect((await readFile(file)).equals(await readFile(done.path ?? ''))).toBe(true)
    expect(await client.keepFetch(request, key)).toEqual(done)
    expect(await fetchesOf(client)).toHaveLength(1)
  })

  test('goes on after a restart, waits for whom it needs, and rests while it is paused', async () => {
    const { work, file } = await holiday()
    const provider = join(work, 'provider')
    const alice = await startNode({ home: provider })
    const { link, root } = await alice.share(file)
    await alice.stop()
    const home = join(work, 'home')
    const before = await background({ home })
    const { id } = await before.client.keepFetch({ link, directory: join(work, 'out') }, randomUUID())
    await fetchBecomes(before.client, { state: 'running', reason: 'searching', name: null, total: null })
    await before.node.stop()

    const { client, node } = await background({ home })
    await fetchBecomes(client, { id, state: 'running', reason: 'searching' })
    expect(await client.changeFetch(id, 'pause')).toMatchObject({ state: 'paused', reason: 'paused' })
    await node.stop()

    const after = await background({ home })
    await fetchBecomes(after.client, { id, state: 'paused' })
    const again = await startNode({ home: provider })
    await again.serve(root)
    expect(await after.client.changeFetch(id, { priority: 'high' })).toMatchObject({
      state: 'paused',
      priority: 'high',
    })
    await after.client.changeFetch(id, 'resume')
    const { path } = await fetchBecomes(after.client, { state: 'done' })
    expect((await readFile(file)).equals(await readFile(path ?? ''))).toBe(true)
  })

  test('is cancelled for good', async () => {
    const { work, file } = await holiday()
    const alice = await startNode()
    const { link } = await alice.share(file)
    await alice.stop()
    const home = join(work, 'home')
    const before = await background({ home })
    const { id } = await before.client.keepFetch({ link, directory: join(work, 'out') }, randomUUID())
    expect(await before.client.changeFetch(id, 'cancel')).toMatchObject({ state: 'cancelled' })
    await expect(before.client.changeFetch('nothing', 'cancel')).rejects.toMatchObject({
      code: 'ERR_NO_FETCH',
    })
    await before.node.stop()
    const { client } = await background({ home })
    expect(await fetchesOf(client)).toMatchObject([{ id, state: 'cancelled' }])
  })

  test('that cannot be is refused, or fails for good and says why', async () => {
    const { work, file } = await holiday(10)
    const alice = await startNode()
    const { link } = await alice.share(file)
    const { client } = await background({ home: join(work, 'home') })
    const directory = join(work, 'out')
    await expect(client.keepFetch({ link: 'nonsense', directory }, randomUUID())).rejects.toMatchObject({
      code: 'ERR_LINK_MALFORMED',
    })
    await expect(client.keepFetch({ link, directory }, 'no key')).rejects.toMatchObject({
      code: 'ERR_OPTIONS_INVALID',
    })
    expect(await fetchesOf(client)).toEqual([])
    await writeFile(join(work, 'sea.bin'), 'something else')
    await client.keepFetch({ link, directory: work }, randomUUID())
    await fetchBecomes(client, {
      state: 'failed',
      error: expect.objectContaining({ code: 'ERR_DESTINATION_EXISTS' }) as never,
    })
  })

  test('with seed goes over into a share that is kept up', async () => {
    const { work, file } = await holiday()
    const alice = await startNode()
    const { link, root } = await alice.share(file)
    const home = join(work, 'home')
    const before = await background({ home })
    await before.client.keepFetch({ link, directory: join(work, 'out'), seed: true }, randomUUID())
    await fetchBecomes(before.client, { state: 'done' })
    await alice.stop()
    await before.node.stop()
    const { node } = await background({ home })
    await vi.waitFor(async () => {
      const shares = await all(node.shares({ activeOnly: true }))
      expect(shares).toMatchObject([{ root, state: 'serving' }])
    })
  })

  test('of a part that was to be served on is done, and says that it is not', async () => {
    const work = await temporaryFolder()
    const folder = await folderOf('Holiday', { 'a.txt': 'a', 'b.txt': 'b' })
    const alice = await startNode()
    const { link } = await alice.share(folder)
    const { client, node } = await background({ home: join(work, 'home') })
    const request = { link, directory: join(work, 'out'), only: ['a.txt'], seed: true }
    await client.keepFetch(request, randomUUID())
    await fetchBecomes(client, { state: 'done' })
    const warnings: string[] = []
    await all(node.shares({ onEvent: ({ code }) => warnings.push(code) }))
    expect(warnings).toContain('WARN_SEED_NOT_KEPT')
  })
})

describe('a share', () => {
  test('goes on without who asked for it and over restarts, until it is unshared', async () => {
    const { work, file } = await holiday()
    const home = join(work, 'home')
    const before = await background({ home })
    const ready = await readyOf(before.client.keepShare({ paths: [file] }, randomUUID(), NEVER))
    expect(ready).toMatchObject({ name: 'sea.bin', bytes: 3_000_000, sealed: true })
    await before.node.stop()
    const { client, node } = await background({ home })
    const bob = await startNode()
    const { path } = await bob.fetch(ready.link, { directory: join(work, 'out'), waitMs: 0 })
    expect((await stat(path)).size).toBe(3_000_000)
    await client.unshare(ready.root)
    await node.stop()
    const after = await background({ home })
    expect(await all(after.node.shares())).toEqual([])
  })

  test('that was asked for before, by its key, is the same one', async () => {
    const { work, file } = await holiday(100)
    const home = join(work, 'home')
    const before = await background({ home })
    const key = randomUUID()
    // Without the key each would be a new one.
    const request = { paths: [file], fresh: true }
    const first = await readyOf(before.client.keepShare(request, key, NEVER))
    expect(await readyOf(before.client.keepShare(request, key, NEVER))).toEqual(first)
    await before.node.stop()
    const { client, node } = await background({ home })
    expect((await readyOf(client.keepShare(request, key, NEVER))).root).toBe(first.root)
    expect(await all(node.shares())).toHaveLength(1)
    expect((await readyOf(client.keepShare(request, randomUUID(), NEVER))).root).not.toBe(first.root)
  })

  test('of what comes is kept up too', async () => {
    const { work } = await holiday(1)
    const home = join(work, 'home')
    const before = await background({ home })
    const source = (async function* () {
      yield Buffer.from('what came')
    })()
    const { root } = await readyOf(before.client.keepInput({ name: 'input' }, source, randomUUID(), NEVER))
    await before.node.stop()
    const { node } = await background({ home })
    await vi.waitFor(async () => {
      expect(await all(node.shares({ activeOnly: true }))).toMatchObject([{ root, name: 'input' }])
    })
  })

  test('ends when its time is over or so many have it', async () => {
    const { work, file } = await holiday(100_000)
    const { client, node } = await background({ home: join(work, 'home') })
    const { link } = await readyOf(client.keepShare({ paths: [file], times: 1 }, randomUUID(), NEVER))
    const bob = await startNode()
    await bob.fetch(link, { directory: join(work, 'out') })
    const other = join(work, 'other')
    await writeFile(other, 'x')
    await readyOf(client.keepShare({ paths: [other], forMs: 100 }, randomUUID(), NEVER))
    const active = async (): Promise<number> => (await all(node.shares({ activeOnly: true }))).length
    await vi.waitFor(async () => expect(await active()).toBe(0), { timeout: 20_000 })
  })

  test('that is given up before it is ready leaves nothing', async () => {
    const { work, file } = await holiday(50_000_000)
    const home = join(work, 'home')
    const { client, node } = await background({ home })
    const stop = new AbortController()
    const events = client.keepShare({ paths: [file] }, randomUUID(), stop.signal)
    expect(await events.next()).toMatchObject({ value: { type: 'hashing' } })
    stop.abort()
    for await (const event of events) expect(event.type).toBe('hashing')
    expect(await all(node.shares())).toEqual([])
  })
})

test('a node that is part of another command or program does nothing by itself', async () => {
  const { work, file } = await holiday(1)
  const node = await startNode({ home: join(work, 'home') })
  const client = await clientOf(node)
  const { link } = await node.share(file)
  const refused = { code: 'ERR_NOT_DAEMON' }
  await expect(client.keepFetch({ link, directory: work }, randomUUID())).rejects.toMatchObject(refused)
  await expect(readyOf(client.keepShare({ paths: [file] }, randomUUID(), NEVER))).rejects.toMatchObject(
    refused,
  )
  await expect(client.changeFetch('x', 'pause')).rejects.toMatchObject(refused)
  expect(await fetchesOf(client)).toEqual([])
})
