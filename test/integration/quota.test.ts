/** A node that may use only so much of the disk: what it refuses, what it lets go, and what it never touches. */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, readFile, readdir, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ShareEvent, ShoalNode } from '@shoal/node'
import { ControlClient, homePaths } from '@shoal/node/control'
import { describe, expect, test, vi } from 'vitest'
import { UPLOAD_RESTING_MS } from '../../packages/node/src/control/uploads/limits.ts'
import type { ChangeEvent, GapEvent } from '../../packages/node/src/events.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const NEVER = new AbortController().signal
const MB = 1_000_000

async function clientOf(node: ShoalNode): Promise<ControlClient> {
  const { socket, tokenFile } = node.status()
  const client = await ControlClient.connect({ ...homePaths(dirname(tokenFile), {}), socket })
  if (client === undefined) throw new Error('the node does not answer')
  return client
}

async function* of(...pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

async function readyOf(events: AsyncIterable<ShareEvent>): Promise<Extract<ShareEvent, { type: 'ready' }>> {
  const last = (await all(events)).at(-1)
  if (last?.type !== 'ready') throw new Error(`it ended with ${String(last?.type)}`)
  return last
}

/** Shares so many bytes that come, and stops: what came stays. */
async function handIn(node: ShoalNode, bytes: number | Uint8Array): Promise<string> {
  const share = await node.shareInput(of(typeof bytes === 'number' ? randomBytes(bytes) : bytes))
  await share.stop()
  return share.root
}

async function rootsOf(node: ShoalNode): Promise<string[]> {
  return (await all(node.shares())).map(({ root }) => root)
}

/** Bytes of files of content below the home. */
async function usedIn(home: string): Promise<number> {
  let bytes = 0
  for (const folder of ['inputs', 'uploads']) {
    const names = await readdir(join(home, folder), { recursive: true }).catch(() => [])
    for (const name of names.filter((each) => !each.endsWith('upload.json'))) {
      const facts = await stat(join(home, folder, name)).catch(() => undefined)
      bytes += facts?.isFile() === true ? facts.size : 0
    }
  }
  return bytes
}

/** Changes of the log from now on. */
function changesOf(client: ControlClient): { events: (ChangeEvent | GapEvent)[]; stop: () => void } {
  const events: (ChangeEvent | GapEvent)[] = []
  const stop = new AbortController()
  const listening = (async () => {
    for await (const event of client.events(undefined, stop.signal)) events.push(event)
  })()
  listening.catch(() => {})
  return { events, stop: () => stop.abort() }
}

test('exactly as much as may be is taken in, and not a byte more', async () => {
  const home = join(await temporaryFolder(), 'home')
  const node = await startNode({ home, quota: 3 * MB })
  const first = await node.shareInput(of(randomBytes(MB), randomBytes(MB)))
  const second = await node.shareInput(of(randomBytes(MB)))
  const before = await readdir(join(home, 'inputs'))
  await expect(node.shareInput(of(randomBytes(1)))).rejects.toMatchObject({
    code: 'ERR_QUOTA',
    message: 'Shoal may use 3 MB of this disk and 3 MB are used: 1 B do not fit',
  })
  expect(await readdir(join(home, 'inputs'))).toEqual(before)
  expect(await node.storage()).toEqual({
    quota: 3 * MB,
    used: 3 * MB,
    reserved: 0,
    evictable: 0,
    free: 0,
  })
  await first.stop()
  await second.stop()
  expect(await node.storage()).toMatchObject({ used: 3 * MB, evictable: 3 * MB })
})

test('what was used longest ago goes, with its record, its link and what is told of it', async () => {
  const home = join(await temporaryFolder(), 'home')
  const node = await startNode({ home, quota: 3 * MB })
  const client = await clientOf(node)
  const oldest = await handIn(node, MB)
  const second = await handIn(node, MB)
  const third = await handIn(node, MB)
  // Used again, so that the second is the oldest now.
  await (await node.serve(oldest)).stop()
  const { events, stop } = changesOf(client)
  await vi.waitFor(() => expect(events.length).toBeGreaterThan(0))
  const fourth = await handIn(node, MB)
  expect(await rootsOf(node)).toEqual([oldest, third, fourth])
  expect(await usedIn(home)).toBe(3 * MB)
  expect((await readdir(join(home, 'shares'))).length).toBe(3)
  await expect(node.serve(second)).rejects.toMatchObject({ code: 'ERR_NOT_SHARED' })
  await vi.waitFor(() => {
    const told = events.flatMap((each) => (each.type === 'change' ? [each.event] : []))
    expect(told).toContainEqual({ type: 'gone', kind: 'share', id: second, why: 'quota' })
    expect(told).toContainEqual({
      type: 'warning',
      code: 'WARN_EVICTED',
      message: expect.stringContaining('stdin (1 MB) was removed to make room') as string,
    })
  })
  await node.unshare(third)
  await vi.waitFor(() => {
    const told = events.flatMap((each) => (each.type === 'change' ? [each.event] : []))
    expect(told).toContainEqual({ type: 'gone', kind: 'share', id: third })
  })
  stop()
})

describe('it never goes', () => {
  test('while somebody shares it, unless it was said that it need not stay', async () => {
    const node = await startNode({ quota: 2 * MB })
    const shared = await node.shareInput(of(randomBytes(MB)))
    await handIn(node, MB)
    await handIn(node, MB)
    expect(await rootsOf(node)).toContain(shared.root)
    await expect(node.shareInput(of(randomBytes(2 * MB)))).rejects.toMatchObject({ code: 'ERR_QUOTA' })
    await node.setPinned(shared.root, false)
    const big = await handIn(node, 2 * MB)
    expect(await rootsOf(node)).toEqual([big])
    expect(await shared.ended).toBe('removed')
  })

  test('when it is pinned, also after another start', async () => {
    const home = join(await temporaryFolder(), 'home')
    const first = await startNode({ home, quota: 2 * MB })
    const pinned = await handIn(first, MB)
    expect(await (await clientOf(first)).setPinned(pinned, true)).toMatchObject([
      { root: pinned, pinned: true, keptBytes: MB },
    ])
    await first.stop()
    const node = await startNode({ home, quota: 2 * MB })
    const other = await handIn(node, MB)
    const third = await handIn(node, MB)
    expect(await rootsOf(node)).toEqual([pinned, third])
    expect(await rootsOf(node)).not.toContain(other)
    await expect(node.shareInput(of(randomBytes(MB + 1)))).rejects.toMatchObject({ code: 'ERR_QUOTA' })
    await expect(node.setPinned('bafkreigh2akiscaildc', true)).rejects.toMatchObject({
      code: 'ERR_NOT_SHARED',
    })
  })

  test('as long as one of two shares of it is wanted, and it counts once', async () => {
    const node = await startNode({ quota: 2 * MB })
    const bytes = randomBytes(MB)
    const one = await node.shareInput(of(bytes), { name: 'one' })
    const two = await node.shareInput(of(bytes), { name: 'two' })
    expect(await node.storage()).toMatchObject({ used: MB })
    await one.stop()
    await handIn(node, MB)
    await handIn(node, MB)
    expect((await rootsOf(node)).slice(0, 2)).toEqual([one.root, two.root])
    await two.stop()
    await handIn(node, 2 * MB)
    expect((await rootsOf(node)).length).toBe(1)
  })

  test('when a node in the background keeps it up, also for another that runs on the home', async () => {
    const home = join(await temporaryFolder(), 'home')
    const background = await startNode({ home, quota: 2 * MB, onStopRequest: () => {} })
    const client = await clientOf(background)
    const kept = await readyOf(client.keepInput({}, of(randomBytes(MB)), randomUUID(), NEVER))
    await handIn(background, MB)
    await handIn(background, MB)
    expect(await rootsOf(background)).toContain(kept.root)
    await background.stop()
    const command = await startNode({ home, quota: 2 * MB })
    await handIn(command, MB)
    expect(await rootsOf(command)).toContain(kept.root)
    await expect(command.shareInput(of(randomBytes(2 * MB)))).rejects.toMatchObject({ code: 'ERR_QUOTA' })
  })

  test('when it is of the user, even with the same bytes', async () => {
    const work = await temporaryFolder()
    const file = join(work, 'mine.bin')
    const bytes = randomBytes(MB)
    await writeFile(file, bytes)
    const node = await startNode({ quota: MB })
    const mine = await node.share(file, { public: true })
    await mine.stop()
    const handed = await node.shareInput(of(bytes), { public: true })
    await handed.stop()
    expect(handed.root).toBe(mine.root)
    const kept = (await all(node.shares())).map(({ keptBytes }) => keptBytes)
    expect(kept).toEqual([0, MB])
    await handIn(node, MB)
    expect((await readFile(file)).equals(bytes)).toBe(true)
    // What was handed in is gone, what is shared where it lies is not.
    expect((await all(node.shares())).map(({ name }) => name)).toEqual(['mine.bin', 'stdin'])
    const other = await startNode()
    const again = await node.serve(mine.root)
    const result = await other.fetch(again.link, {
      directory: join(work, 'out'),
      peers: node.addresses(),
    })
    expect((await readFile(result.path)).equals(bytes)).toBe(true)
  })
})

test('a share that is fetched at the moment stays, though it need not', async () => {
  const work = await temporaryFolder()
  const node = await startNode({ quota: 3 * MB })
  const shared = await node.shareInput(of(randomBytes(2 * MB)))
  await node.setPinned(shared.root, false)
  const other = await startNode()
  const fetching = other.fetch(shared.link, {
    directory: join(work, 'out'),
    peers: node.addresses(),
    down: 300_000,
  })
  fetching.catch(() => {})
  await vi.waitFor(
    async () => expect((await clientOf(node).then((client) => client.peers())).length).toBeGreaterThan(0),
    { timeout: 10_000 },
  )
  await vi.waitFor(
    async () => {
      const events = await all((await clientOf(node)).receivers())
      expect(events.some(({ downloading }) => downloading > 0)).toBe(true)
    },
    { timeout: 10_000 },
  )
  await expect(node.shareInput(of(randomBytes(2 * MB)))).rejects.toMatchObject({ code: 'ERR_QUOTA' })
  await fetching
})

describe('what is handed in piece by piece', () => {
  test('is refused before it comes, where it says how much that is', async () => {
    const home = join(await temporaryFolder(), 'home')
    const client = await clientOf(await startNode({ home, quota: 2 * MB }))
    const [first, second] = [randomUUID(), randomUUID()]
    await client.uploads.begin(first, { name: 'a', kind: 'file', bytes: 2 * MB })
    await expect(client.uploads.begin(second, { name: 'b', kind: 'file', bytes: 1 })).rejects.toMatchObject({
      code: 'ERR_QUOTA',
      message: 'Shoal may use 2 MB of this disk and 2 MB are used: 1 B do not fit',
    })
    expect(await readdir(join(home, 'uploads'))).toEqual([first])
    expect(await client.storage()).toMatchObject({ used: 0, reserved: 2 * MB, free: 0 })
    expect(await client.uploads.append(first, { path: '', offset: 0 }, of(randomBytes(2 * MB)))).toBe(2 * MB)
    expect(await client.storage()).toMatchObject({ used: 2 * MB, reserved: 0 })
    await client.uploads.drop(first)
    expect(await client.storage()).toMatchObject({ used: 0, reserved: 0, free: 2 * MB })
  })

  test('leaves nothing of a piece that does not fit', async () => {
    const home = join(await temporaryFolder(), 'home')
    const client = await clientOf(await startNode({ home, quota: 2 * MB }))
    const id = randomUUID()
    await client.uploads.begin(id, { name: 'a', kind: 'file' })
    await client.uploads.append(id, { path: '', offset: 0 }, of(randomBytes(MB)))
    const over = of(randomBytes(MB), randomBytes(1))
    await expect(client.uploads.append(id, { path: '', offset: MB }, over)).rejects.toMatchObject({
      code: 'ERR_QUOTA',
    })
    expect(await client.uploads.offsetOf(id, '')).toBe(MB)
    expect(await client.storage()).toMatchObject({ used: MB, reserved: 0 })
    expect(await client.uploads.append(id, { path: '', offset: MB }, of(randomBytes(MB)))).toBe(2 * MB)
  })

  test('goes first when nobody goes on with it, and as a share like any other', async () => {
    const home = join(await temporaryFolder(), 'home')
    const node = await startNode({ home, quota: 3 * MB, onStopRequest: () => {} })
    const client = await clientOf(node)
    const older = await handIn(node, MB)
    const [left, active] = [randomUUID(), randomUUID()]
    for (const id of [left, active]) {
      await client.uploads.begin(id, { name: 'a', kind: 'file' })
      await client.uploads.append(id, { path: '', offset: 0 }, of(randomBytes(MB)))
    }
    const long = new Date(Date.now() - UPLOAD_RESTING_MS - 60_000)
    await utimes(join(home, 'uploads', left, 'upload.json'), long, long)
    const newer = await handIn(node, MB)
    expect(await readdir(join(home, 'uploads'))).toEqual([active])
    expect(await rootsOf(node)).toEqual([older, newer])
    // Shared, kept up, and no longer so.
    const shared = await readyOf(client.uploads.share(active, {}, randomUUID(), NEVER))
    expect((await all(node.shares())).find(({ root }) => root === shared.root)).toMatchObject({
      keptBytes: MB,
      pinned: false,
    })
    await handIn(node, 2 * MB)
    expect(await rootsOf(node)).toContain(shared.root)
    await client.setPinned(shared.root, false)
    await handIn(node, 3 * MB)
    expect(await readdir(join(home, 'uploads'))).toEqual([])
    expect(await usedIn(home)).toBe(3 * MB)
  })
})

test('many writers at once never use more than may be, together', async () => {
  const home = join(await temporaryFolder(), 'home')
  const node = await startNode({ home, quota: 5 * MB })
  const client = await clientOf(node)
  let most = 0
  const watched = new AbortController()
  const watching = (async () => {
    while (!watched.signal.aborted) most = Math.max(most, await usedIn(home))
  })()
  const writers = Array.from({ length: 16 }, async (_, i) => {
    const pieces = Array.from({ length: 10 }, () => randomBytes(100_000))
    if (i % 2 === 0) {
      const share = await node.shareInput(of(...pieces))
      return share.root
    }
    const id = randomUUID()
    await client.uploads.begin(id, { name: 'a', kind: 'file' })
    let offset = 0
    for (const piece of pieces) offset = await client.uploads.append(id, { path: '', offset }, of(piece))
    return id
  })
  const done = await Promise.allSettled(writers)
  watched.abort()
  await watching
  for (const each of done) {
    if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'ERR_QUOTA' })
  }
  expect(done.some(({ status }) => status === 'rejected')).toBe(true)
  expect(most).toBeLessThanOrEqual(5 * MB)
  expect((await node.storage()).used).toBe(await usedIn(home))
})

test('a limit that is lowered lets go what may, and says when that is not enough', async () => {
  const home = join(await temporaryFolder(), 'home')
  const node = await startNode({ home })
  const client = await clientOf(node)
  const pinned = await handIn(node, 2 * MB)
  await node.setPinned(pinned, true)
  await handIn(node, MB)
  expect(await client.configure({ quota: 2 * MB })).toMatchObject({ warnings: [] })
  expect(await rootsOf(node)).toEqual([pinned])
  expect((await client.configure({ quota: MB })).warnings).toMatchObject([{ code: 'WARN_OVER_QUOTA' }])
  expect(await rootsOf(node)).toEqual([pinned])
  await expect(node.shareInput(of(randomBytes(1)))).rejects.toMatchObject({ code: 'ERR_QUOTA' })
  await client.configure({ quota: null })
  await handIn(node, MB)
  expect(await node.setQuota(3 * MB)).toBe(true)
  await expect(node.setQuota(-1)).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
})

test('what a process that died left there is counted, or removed', async () => {
  const home = join(await temporaryFolder(), 'home')
  const first = await startNode({ home })
  const kept = await handIn(first, MB)
  await first.setPinned(kept, true)
  await first.stop()
  // Half of an input, an upload that had begun, and one whose record was never written.
  await writeFile(join(home, 'inputs', `${'ab'.repeat(16)}.part`), randomBytes(MB))
  const id = randomUUID()
  await mkdir(join(home, 'uploads', id, 'content'), { recursive: true })
  await writeFile(join(home, 'uploads', id, 'content', 'a'), randomBytes(MB))
  const record = { name: 'a', kind: 'file', bytes: 2 * MB }
  await writeFile(join(home, 'uploads', id, 'upload.json'), JSON.stringify(record))
  await mkdir(join(home, 'uploads', randomUUID(), 'content'), { recursive: true })
  const node = await startNode({ home, quota: 4 * MB })
  await vi.waitFor(async () => expect(await readdir(join(home, 'uploads'))).toEqual([id]))
  expect(await node.storage()).toMatchObject({ used: 2 * MB, reserved: MB, free: MB })
  await handIn(node, MB)
  await expect(
    (await clientOf(node)).uploads.begin(randomUUID(), { name: 'b', kind: 'file', bytes: 2 * MB }),
  ).rejects.toMatchObject({ code: 'ERR_QUOTA' })
  expect(await usedIn(home)).toBe(3 * MB)
})
