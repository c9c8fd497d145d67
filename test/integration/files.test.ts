/** What a fetch tells of its files, and a share of the devices that get it. */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FetchEvent, FileEvent, ShareEvent } from '@shoal/node'
import { describe, expect, test, vi } from 'vitest'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const FORMS = [
  ['sealed', { public: false }],
  ['public', { public: true }],
] as const
const MIB = 1_048_576
const FILES: Readonly<Record<string, number>> = {
  'day 1/clip.bin': 3 * MIB + 7,
  'day 1/note': 5,
  empty: 0,
  'z.bin': 2 * MIB,
}
const TOTAL = Object.values(FILES).reduce((sum, size) => sum + size, 0)

async function holiday(): Promise<string> {
  const folder = join(await temporaryFolder(), 'Holiday')
  await mkdir(join(folder, 'day 1'), { recursive: true })
  for (const [path, size] of Object.entries(FILES)) await writeFile(join(folder, path), randomBytes(size))
  return folder
}

const sorted = (files: readonly FileEvent[]): Record<string, number> =>
  Object.fromEntries(files.map(({ path, bytes }) => [path, bytes] as const))

describe.each(FORMS)('%s', (_form, options) => {
  test('each file is told of once when it is whole, before anything has its name; also what was here', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const { link, root } = await alice.share(await holiday(), options)
    const directory = await temporaryFolder()
    const events: FetchEvent[] = []
    const files: FileEvent[] = []
    const onEvent = (event: FetchEvent): void => void events.push(event)
    const onFile = async (event: FileEvent): Promise<void> => {
      expect(events.some(({ type }) => type === 'done')).toBe(false)
      expect((await readdir(directory)).filter((name) => !name.startsWith('.'))).toEqual([])
      files.push(event)
    }
    await bob.fetch(link, { directory, onEvent, onFile })
    expect(files).toHaveLength(4)
    expect(sorted(files)).toEqual(FILES)
    expect(events.at(-1)?.type).toBe('done')
    const told = events.filter((event) => event.type === 'files')
    expect(told.at(-1)).toEqual({ type: 'files', root, done: 4, total: 4, waiting: 0, active: [] })
    expect(events.filter((event) => event.type === 'progress').at(-1)).toMatchObject({ bytes: TOTAL })

    const again: FileEvent[] = []
    await bob.fetch(link, { directory, onFile: (event) => void again.push(event) })
    expect(again).toHaveLength(4)
    expect(sorted(again)).toEqual(FILES)
  })

  test('a single file has its name, and there is nothing to say of others', async () => {
    const [alice, bob] = [await startNode(), await startNode()]
    const path = join(await holiday(), 'z.bin')
    const { link } = await alice.share(path, options)
    const types = new Set<string>()
    const files: FileEvent[] = []
    await bob.fetch(link, {
      directory: await temporaryFolder(),
      onEvent: ({ type }) => types.add(type),
      onFile: (event) => void files.push(event),
    })
    expect(files).toEqual([{ type: 'file', path: 'z.bin', bytes: 2 * MIB }])
    expect(types).not.toContain('files')
  })
})

test('of a part only what was asked for is told; a kept file that differs counts once, when it is replaced', async () => {
  const [alice, bob] = [await startNode(), await startNode()]
  const { link } = await alice.share(await holiday())
  const directory = await temporaryFolder()
  // The right sizes: that one differs shows when its first and last block come, which hold bytes of others too.
  await mkdir(join(directory, 'Holiday/day 1'), { recursive: true })
  await writeFile(join(directory, 'Holiday/day 1/note'), 'other')
  await writeFile(join(directory, 'Holiday/z.bin'), randomBytes(2 * MIB))
  const files: FileEvent[] = []
  const events: FetchEvent[] = []
  await bob.fetch(link, {
    directory,
    only: ['day 1', 'z.bin'],
    overwrite: true,
    onEvent: (event) => void events.push(event),
    onFile: (event) => void files.push(event),
  })
  const { empty: _empty, ...asked } = FILES
  expect(files).toHaveLength(3)
  expect(sorted(files)).toEqual(asked)
  for (const event of events) {
    if (event.type === 'progress') expect(event.bytes).toBeLessThanOrEqual(event.total)
  }
  expect(events.filter((event) => event.type === 'files').at(-1)).toMatchObject({ done: 3, total: 3 })
})

test.each([
  [
    'throws',
    (reason: Error) => {
      throw reason
    },
  ],
  ['rejects', (reason: Error) => Promise.reject(reason)],
])('who is told of a file and %s ends the fetch, and nothing gets its name', async (_how, onFile) => {
  const [alice, bob] = [await startNode(), await startNode()]
  const { link } = await alice.share(await holiday())
  const directory = await temporaryFolder()
  const reason = Object.assign(new Error('mine'), { code: 'EIO' })
  await expect(bob.fetch(link, { directory, onFile: () => onFile(reason) })).rejects.toBe(reason)
  expect((await readdir(directory)).filter((name) => !name.startsWith('.'))).toEqual([])
})

test('who takes no more files does not keep a fetch that is aborted', async () => {
  const [alice, bob] = [await startNode(), await startNode()]
  const { link } = await alice.share(await holiday())
  const stop = new AbortController()
  let isTold = false
  const fetch = bob.fetch(link, {
    directory: await temporaryFolder(),
    signal: stop.signal,
    onFile: () => {
      isTold = true
      return new Promise<void>(() => {})
    },
  })
  await vi.waitFor(() => expect(isTold).toBe(true), 20_000)
  stop.abort(new Error('enough'))
  await expect(fetch).rejects.toThrow('enough')
})

test('a share tells who gets it, how much each has, and who has all of it', async () => {
  const [alice, bob, carol] = [await startNode(), await startNode(), await startNode()]
  const events: ShareEvent[] = []
  const { link, root } = await alice.share(await holiday(), { onEvent: (event) => void events.push(event) })
  const receivers = () => events.filter((event) => event.type === 'receivers')
  await bob.fetch(link, { directory: await temporaryFolder() })
  await vi.waitFor(() => expect(receivers().at(-1)).toMatchObject({ root, finished: 1 }), 20_000)
  // A part is not everything, however well it ended.
  const part: ShareEvent[] = events.splice(0)
  await carol.fetch(link, { directory: await temporaryFolder(), only: ['z.bin'] })
  await vi.waitFor(
    () => expect(events.findLast(({ type }) => type === 'served')).toMatchObject({ peers: 0 }),
    20_000,
  )
  await vi.waitFor(
    () => expect(receivers().at(-1)).toMatchObject({ downloading: 0, finished: 1, active: [] }),
    20_000,
  )
  for (const event of [...part, ...events]) {
    if (event.type !== 'receivers') continue
    for (const { id, blocks } of event.active) {
      expect([bob.peerId, carol.peerId]).toContain(id)
      expect(blocks).toBeLessThan(event.blocks)
    }
  }
})
