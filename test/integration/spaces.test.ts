/** Spaces of real nodes: what is put in, found, fetched, kept over restarts, and what becomes of a space that is damaged. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import type { ShoalNode, SpaceEntry, SpaceHandle } from '@shoal/node'
import { expect, onTestFinished, test, vi } from 'vitest'
import { letIn, tell } from '../../packages/node/test/helpers/space-hosts.ts'
import { writeTree } from '../../packages/node/test/helpers/files.ts'
import type { RunningSpaces } from '../../packages/node/src/running-spaces.ts'
import type { SpaceHost } from '../../packages/node/src/spaces/host/space-host.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const hostOf = ({ spaces }: ShoalNode): SpaceHost => (spaces as RunningSpaces).service.host

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

async function entriesOf(
  space: SpaceHandle,
  ...options: Parameters<SpaceHandle['list']>
): Promise<SpaceEntry[]> {
  return await all(space.list(...options))
}

async function pathsOf(space: SpaceHandle, ...options: Parameters<SpaceHandle['list']>): Promise<string[]> {
  return (await entriesOf(space, ...options)).map(({ path }) => path)
}

/** A node with a space, in which are a folder and a file. */
async function startFilled(home?: string): Promise<{ node: ShoalNode; space: SpaceHandle; work: string }> {
  const node = await startNode(home === undefined ? {} : { home })
  const work = await temporaryFolder()
  await writeTree(work, {
    'photos/sun.jpg': 'a sun',
    'photos/sea/wave.png': 'a wave',
    'notes.txt': 'some notes',
  })
  const space = await node.spaces.create('Holiday')
  await space.add(join(work, 'photos'), { tags: ['summer'] })
  await space.add([join(work, 'notes.txt')], { at: 'texts/' })
  return { node, space, work }
}

const served = async (node: ShoalNode): Promise<string[]> => {
  const shares = await all(node.shares())
  return shares.filter(({ state }) => state === 'serving').map(({ name }) => name)
}

test('files and folders are put into a space, listed, searched, and fetched on the same node', async () => {
  const { node, space, work } = await startFilled()
  const entries = await entriesOf(space)
  expect(entries.map(({ path }) => path)).toEqual([
    'photos/sea/wave.png',
    'photos/sun.jpg',
    'texts/notes.txt',
  ])
  const [self] = await space.members()
  expect(self).toMatchObject({ role: 'founder', isSelf: true })
  expect(entries[1]).toMatchObject({
    bytes: 5,
    type: 'image/jpeg',
    tags: ['summer'],
    author: self?.id,
    here: true,
    title: '',
    note: '',
  })
  expect(entries[1]?.root).toBe(entries[0]?.root)
  expect(await pathsOf(space, { under: 'photos/', limit: 1 })).toEqual(['photos/sea/wave.png'])
  expect(await pathsOf(space, { query: 'type:image', under: 'photos/sea' })).toEqual(['photos/sea/wave.png'])
  expect(await space.search('tag:summer sun')).toMatchObject({ total: 1, isCut: false })
  expect((await space.search('', { under: 'photos', limit: 1 })).entries).toHaveLength(1)
  const got = await space.get(['photos', 'texts/notes.txt'], { directory: join(work, 'out') })
  expect(got.map(({ path, bytes }) => [path, bytes])).toEqual([
    ['photos/sea/wave.png', 6],
    ['photos/sun.jpg', 5],
    ['texts/notes.txt', 10],
  ])
  expect(await Promise.all(got.map(({ file }) => readFile(file, 'utf8')))).toEqual([
    'a wave',
    'a sun',
    'some notes',
  ])
  expect(await node.spaces.list()).toMatchObject([{ id: space.id, name: 'Holiday', entries: 3, bytes: 21 }])
  expect((await node.spaces.open('Holiday')).id).toBe(space.id)
  await expect(node.spaces.open('Work')).rejects.toMatchObject({ code: 'ERR_SPACE_UNKNOWN' })
})

test('several paths are one share, each under its own name; what is the same is entered once', async () => {
  const { space, work } = await startFilled()
  await writeTree(work, { a: 'a', 'b/c': 'c' })
  const paths = [join(work, 'a'), join(work, 'b')]
  expect(await space.add(paths, { at: 'more' })).toMatchObject({ entries: 2 })
  expect(await pathsOf(space, { under: 'more' })).toEqual(['more/a', 'more/b/c'])
  const events: string[] = []
  const onEvent = ({ type }: { type: string }): void => void events.push(type)
  expect(await space.add(paths, { at: 'more', onEvent })).toEqual({ batches: [], entries: 0 })
  expect(events).toContain('ready')
  await writeFile(join(work, 'a'), 'changed')
  expect(await space.add(paths, { at: 'more' })).toMatchObject({ entries: 2 })
  expect(await entriesOf(space, { under: 'more/a' })).toMatchObject([{ bytes: 7 }])
})

test('another member finds what is in a space, and fetches of it only what it asks for', async () => {
  const { node: anna, space, work } = await startFilled()
  const ben = await startNode()
  await letIn(space.id, hostOf(anna), hostOf(ben))
  const same = await ben.spaces.open(space.id.slice(0, 20))
  expect(same).toMatchObject({ id: space.id, name: 'Holiday' })
  expect(await entriesOf(same)).toMatchObject([{ here: false }, { here: false }, { here: false }])
  const directory = join(work, 'ben')
  const peers = anna.addresses()
  const events: string[] = []
  const onEvent = ({ type }: { type: string }): void => void events.push(type)
  const [sun, ...more] = await same.get('photos/sun.jpg', { directory, peers, onEvent })
  expect(more).toEqual([])
  expect(await readFile(sun?.file as string, 'utf8')).toBe('a sun')
  await expect(readFile(join(directory, 'photos/sea/wave.png'))).rejects.toMatchObject({ code: 'ENOENT' })
  expect(events).toContain('done')
  await writeFile(join(directory, 'notes.txt'), 'other notes')
  const fetched = same.get('texts', { directory, peers })
  await expect(fetched).rejects.toMatchObject({ code: 'ERR_DESTINATION_EXISTS' })
  await same.get('texts', { directory, peers, seed: true, overwrite: true })
  expect(await readFile(join(directory, 'notes.txt'), 'utf8')).toBe('some notes')
  expect((await entriesOf(same)).map(({ here }) => here)).toEqual([false, false, true])
  expect(await served(ben)).toEqual(['notes.txt'])
  await same.get('photos', { directory: join(work, 'all'), peers, seed: true })
  expect((await entriesOf(same)).map(({ here }) => here)).toEqual([true, true, true])
  expect(await served(ben)).toEqual(['notes.txt', 'photos'])
  await ben.spaces.open('Holiday').then((it) => it.note('texts/notes.txt', 'read by Ben'))
  await tell(space.id, hostOf(ben), hostOf(anna))
  expect((await space.search('ben')).entries).toMatchObject([
    { path: 'texts/notes.txt', note: 'read by Ben' },
  ])
})

test('a restart keeps everything, and serves again what is in a space, but not what was taken out until it is back', async () => {
  const home = join(await temporaryFolder(), 'home')
  const { node: first, space, work } = await startFilled(home)
  const before = await entriesOf(space)
  expect(await served(first)).toEqual(['photos', 'notes.txt'])
  await first.stop()
  const second = await startNode({ home })
  await vi.waitFor(async () => expect(await served(second)).toEqual(['photos', 'notes.txt']), 20_000)
  const again = await second.spaces.open('Holiday')
  expect(await entriesOf(again)).toEqual(before)
  expect(await again.check()).toMatchObject({ isSound: true })
  await again.remove('photos')
  await vi.waitFor(async () => expect(await served(second)).toEqual(['notes.txt']), 20_000)
  expect(await readFile(join(work, 'photos/sun.jpg'), 'utf8')).toBe('a sun')
  // Who has it back can get it again.
  await again.undo()
  expect(await served(second)).toEqual(['photos', 'notes.txt'])
  await again.remove('photos')
  await again.restore('photos/sun.jpg')
  expect(await served(second)).toEqual(['photos', 'notes.txt'])
  await again.remove('photos')
  await second.stop()
  const third = await startNode({ home })
  await vi.waitFor(async () => expect(await served(third)).toEqual(['notes.txt']), 20_000)
})

test('what was changed since it was added is no longer here', async () => {
  const { node, space, work } = await startFilled()
  const { link } = (await all(node.shares())).find(({ name }) => name === 'photos') as { link: string }
  await writeFile(join(work, 'photos/sun.jpg'), 'another')
  const ben = await startNode()
  const fetched = ben.fetch(link, { directory: join(work, 'out'), waitMs: 2_000 })
  await expect(fetched).rejects.toMatchObject({ code: 'ERR_CONTENT_GONE' })
  await vi.waitFor(async () => {
    expect((await entriesOf(space)).map(({ here }) => here)).toEqual([false, false, true])
  }, 20_000)
})

test('what is done in a space is told, and taken back', async () => {
  const { space } = await startFilled()
  await space.move('photos', 'pictures')
  await space.tag('pictures/sun.jpg', ['red'])
  await space.untag(['pictures'], ['summer'])
  await space.title('pictures/sun.jpg', 'The sun')
  const [titled] = (await space.search('red')).entries
  expect(titled).toMatchObject({ path: 'pictures/sun.jpg', title: 'The sun', tags: ['red'] })
  expect((await space.history('pictures/sun.jpg', { limit: 2 })).map(({ kind }) => kind)).toEqual([
    'title',
    'untag',
  ])
  const moved = (await space.history()).find(({ kind }) => kind === 'move')
  await space.undo(moved?.batch)
  expect(await pathsOf(space, { under: 'photos' })).toHaveLength(2)
  const { batches } = await space.remove(['photos', 'texts'])
  expect(batches).toHaveLength(1)
  expect(await pathsOf(space)).toEqual([])
  await space.restore('texts')
  await space.undo(batches[0])
  expect(await pathsOf(space)).toHaveLength(3)
  await expect(space.tag('texts', ['\n'])).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
  await expect(space.move('texts', '../x')).rejects.toMatchObject({ code: 'ERR_UNSAFE_NAME' })
})

test('a live query tells what is found now, and again after each change that makes a difference', async () => {
  const { node, space } = await startFilled()
  const end = new AbortController()
  const live = space.watch('tag:red', { under: 'photos', limit: 10, signal: end.signal })
  const next = async (): Promise<string[]> => {
    const { value } = (await live.next()) as { value: { entries: SpaceEntry[] } }
    return value.entries.map(({ path }) => path)
  }
  expect(await next()).toEqual([])
  const found = next()
  await space.tag('texts/notes.txt', ['red'])
  await space.tag('photos/sun.jpg', ['red'])
  expect(await found).toEqual(['photos/sun.jpg'])
  // Whoever does not look meanwhile sees the last.
  await space.tag('photos/sea/wave.png', ['red'])
  await space.move('photos/sun.jpg', 'photos/star.jpg')
  expect((await next()).toSorted()).toEqual(['photos/sea/wave.png', 'photos/star.jpg'])
  const last = live.next()
  end.abort(new Error('enough'))
  await expect(last).rejects.toThrow('enough')
  const other = space.watch('')
  await other.next()
  const stopped = other.next()
  await Promise.all([expect(stopped).rejects.toMatchObject({ code: 'ERR_NODE_STOPPED' }), node.stop()])
})

test('invitations are made and ended, roles are given; a founder alone cannot leave', async () => {
  const { node: anna, space } = await startFilled()
  const ben = await startNode()
  const made = await space.invite({ role: 'read', uses: 2, forMs: 60_000, instant: true })
  expect(await space.invitations()).toMatchObject([{ id: made.id, role: 'read', usesLeft: 2, instant: true }])
  await space.revokeInvite(made.id)
  expect(await space.invitations()).toEqual([])
  for (const wrong of [{ role: 'founder' as 'read' }, { forMs: -1 }, { uses: 0 }])
    await expect(space.invite(wrong), JSON.stringify(wrong)).rejects.toMatchObject({
      code: 'ERR_OPTIONS_INVALID',
    })
  await expect(space.leave()).rejects.toMatchObject({ code: 'ERR_SPACE_ROLE' })
  await letIn(space.id, hostOf(anna), hostOf(ben))
  const member = (await space.members()).find(({ isSelf }) => !isSelf)?.id as string
  await expect(space.setRole(member, 'king' as 'read')).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
  await space.setRole(member, 'read')
  await tell(space.id, hostOf(anna), hostOf(ben))
  const same = await ben.spaces.open('Holiday')
  const work = await temporaryFolder()
  await writeFile(join(work, 'x'), 'x')
  await expect(same.add(join(work, 'x'))).rejects.toMatchObject({ code: 'ERR_SPACE_ROLE' })
  expect(await served(ben)).toEqual([])
  await space.removeMember(member)
  expect(await space.members()).toHaveLength(1)
})

test('a space that is damaged says so, while its node and the other spaces go on', async () => {
  const home = join(await temporaryFolder(), 'home')
  const { node: first, space } = await startFilled(home)
  const other = await first.spaces.create('Work')
  await first.stop()
  const file = join(home, 'spaces', space.id, 'auth.db')
  for (const part of ['-wal', '-shm']) await rm(`${file}${part}`, { force: true })
  await writeFile(file, 'this is no database, and long enough to be taken for one')
  const second = await startNode({ home })
  const fault = { code: 'ERR_HOME_INVALID' }
  expect(await second.spaces.list()).toContainEqual(
    expect.objectContaining({ id: space.id, name: '', fault: expect.objectContaining(fault) }),
  )
  await expect(second.spaces.open(space.id)).rejects.toMatchObject(fault)
  const work = await temporaryFolder()
  await mkdir(join(work, 'empty'))
  await writeFile(join(work, 'x'), 'x')
  const again = await second.spaces.open('Work')
  expect(again.id).toBe(other.id)
  expect(await again.add(join(work, 'empty'))).toEqual({ batches: [], entries: 0 })
  await again.add(join(work, 'x'))
  expect(await entriesOf(again)).toMatchObject([{ path: 'x', here: true }])
})

test('when the thread of the spaces dies, the node goes on, and so do they', async () => {
  const started: Worker[] = []
  const note = (worker: Worker): void => void started.push(worker)
  const node = await startNode()
  process.on('worker', note)
  onTestFinished(() => void process.off('worker', note))
  const space = await node.spaces.create('Holiday')
  const [thread, ...more] = started
  expect(more).toEqual([])
  const lost = space.check()
  await Promise.all([expect(lost).rejects.toMatchObject({ code: 'ERR_INTERNAL' }), thread?.terminate()])
  expect(node.status().peerId).toBe(node.peerId)
  expect(await space.members()).toHaveLength(1)
})

test('an operation that is aborted rejects with the reason; options that are none are refused', async () => {
  const { node, space } = await startFilled()
  const signal = AbortSignal.abort(new Error('no more'))
  await expect(node.spaces.create('Work', { signal })).rejects.toThrow('no more')
  await expect(space.search('', { signal })).rejects.toThrow('no more')
  await expect(all(space.list({ signal }))).rejects.toThrow('no more')
  await expect(space.members({ limit: 1 } as object)).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
  await expect(space.add(join(await temporaryFolder(), 'none'))).rejects.toMatchObject({
    code: 'ERR_SOURCE_MISSING',
  })
  await expect(space.get('none')).rejects.toMatchObject({ code: 'ERR_NOT_IN_SPACE' })
  await expect(all(space.list({ limit: 0 }))).rejects.toMatchObject({
    code: 'ERR_OPTIONS_INVALID',
  })
  expect(await node.spaces.list()).toHaveLength(1)
})
