/** What a client hands in over the control API: resumed over restarts, shared, fetched, and gone when it is unshared. */
import { randomBytes, randomUUID } from 'node:crypto'
import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ShareEvent } from '@shoal/node'
import { expect, test, vi } from 'vitest'
import { clientOf, startNode, temporaryFolder } from '../helpers/nodes.ts'

const NEVER = new AbortController().signal

async function* of(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

test('a folder is handed in over two starts of the node, shared, fetched, and removed with its share', async () => {
  const work = await temporaryFolder()
  const home = join(work, 'home')
  const sea = randomBytes(3_000_000)
  const id = randomUUID()
  const mtime = 1_600_000_000_000

  const first = await startNode({ home, onStopRequest: () => {} })
  const before = await clientOf(first)
  expect(await before.uploads.begin(id, { name: 'Holiday', kind: 'folder' })).toEqual({
    id,
    name: 'Holiday',
    kind: 'folder',
  })
  await before.uploads.append(id, { path: 'Day 1/sea.bin', offset: 0 }, of(sea.subarray(0, 2_000_000)))
  await first.stop()

  const second = await startNode({ home, onStopRequest: () => {} })
  const client = await clientOf(second)
  const offset = await client.uploads.offsetOf(id, 'Day 1/sea.bin')
  expect(offset).toBe(2_000_000)
  const rest = of(sea.subarray(offset))
  expect(await client.uploads.append(id, { path: 'Day 1/sea.bin', offset, mtime }, rest)).toBe(3_000_000)
  await client.uploads.append(id, { path: 'empty.txt', offset: 0 }, of(new Uint8Array()))
  await client.uploads.makeFolder(id, 'Day 2')
  await expect(client.uploads.append(id, { path: 'empty.txt', offset: 5 }, of(sea))).rejects.toMatchObject({
    code: 'ERR_UPLOAD_OFFSET',
  })
  const events: ShareEvent[] = []
  for await (const event of client.uploads.share(id, {}, randomUUID(), NEVER)) events.push(event)
  const ready = events.at(-1)
  if (ready?.type !== 'ready') throw new Error(`it ended with ${String(ready?.type)}`)
  expect(ready).toMatchObject({ name: 'Holiday', kind: 'folder', bytes: 3_000_000, files: 2, sealed: true })
  await expect(client.uploads.makeFolder(id, 'Day 3')).rejects.toMatchObject({ code: 'ERR_NO_UPLOAD' })
  await second.stop()

  const third = await startNode({ home, onStopRequest: () => {} })
  const other = await startNode()
  const peers = third.addresses()
  await vi.waitFor(async () => {
    const shares: unknown[] = []
    for await (const share of third.shares({ activeOnly: true })) shares.push(share)
    expect(shares).toMatchObject([{ root: ready.root, state: 'serving' }])
  })
  const { path } = await other.fetch(ready.link, { directory: join(work, 'out'), peers })
  expect((await readdir(path, { recursive: true })).toSorted()).toEqual([
    'Day 1',
    'Day 1/sea.bin',
    'Day 2',
    'empty.txt',
  ])
  expect((await readFile(join(path, 'Day 1/sea.bin'))).equals(sea)).toBe(true)
  expect((await stat(join(path, 'Day 1/sea.bin'))).mtimeMs).toBe(mtime)
  expect(await readdir(join(home, 'uploads'))).toEqual([id])
  await (await clientOf(third)).unshare(ready.root)
  await vi.waitFor(async () => expect(await readdir(join(home, 'uploads'))).toEqual([]))
})

test('a single file that is given up is gone, and folders are listed for who chooses one', async () => {
  const work = await temporaryFolder()
  const home = join(work, 'home')
  const client = await clientOf(await startNode({ home }))
  const id = randomUUID()
  await client.uploads.begin(id, { name: 'notes.txt', kind: 'file' })
  expect(await client.uploads.append(id, { path: '', offset: 0 }, of(Buffer.from('one')))).toBe(3)
  await client.uploads.drop(id)
  expect(await readdir(join(home, 'uploads'))).toEqual([])
  const { entries, parent } = await client.folder(home)
  expect(parent).toBe(work)
  expect(entries).toContainEqual(expect.objectContaining({ name: 'uploads', kind: 'folder' }))
  await expect(client.folder(join(work, 'nowhere'))).rejects.toMatchObject({ code: 'ERR_SOURCE_MISSING' })
})
