/** The spaces of a node, as a program has them and as a client of its control API has them: both keep the same contract. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JoinEvent, ShoalNode, SpaceHandle, SpaceMatches, SpaceRequest, Spaces } from '@shoal/node'
import { describe, expect, test, vi } from 'vitest'
import type { RunningSpaces } from '../../packages/node/src/running-spaces.ts'
import type { SpaceHost } from '../../packages/node/src/spaces/host/space-host.ts'
import { writeTree } from '../../packages/node/test/helpers/files.ts'
import { letIn, tell } from '../../packages/node/test/helpers/space-hosts.ts'
import { clientOf, startNode, temporaryFolder } from '../helpers/nodes.ts'

const DOORS: readonly (readonly [string, (node: ShoalNode) => Promise<Spaces>])[] = [
  ['in its process', async (node) => node.spaces],
  ['over the control API', async (node) => (await clientOf(node)).spaces],
]

const FILES = { 'photos/sun.jpg': 'a sun', 'photos/sea/wave.png': 'a wave', 'notes.txt': 'some notes' }

const hostOf = ({ spaces }: ShoalNode): SpaceHost => (spaces as RunningSpaces).service.host

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

async function pathsOf(space: SpaceHandle, ...options: Parameters<SpaceHandle['list']>): Promise<string[]> {
  return (await all(space.list(...options))).map(({ path }) => path)
}

async function served(node: ShoalNode): Promise<string[]> {
  const shares = await all(node.shares())
  return shares.filter(({ state }) => state === 'serving').map(({ name }) => name)
}

describe.each(DOORS)('the spaces of a node, %s,', (_name, spacesOf) => {
  interface Filled {
    readonly node: ShoalNode
    readonly spaces: Spaces
    readonly space: SpaceHandle
    readonly work: string
  }

  async function startFilled(): Promise<Filled> {
    const node = await startNode()
    const spaces = await spacesOf(node)
    const work = await temporaryFolder()
    await writeTree(work, FILES)
    const space = await spaces.create('Holiday')
    await space.add(join(work, 'photos'), { tags: ['summer'] })
    await space.add([join(work, 'notes.txt')], { at: 'texts/' })
    return { node, spaces, space, work }
  }

  test('are founded, listed and opened by name, id and the begin of one', async () => {
    const { spaces, space } = await startFilled()
    expect(space).toMatchObject({ name: 'Holiday', id: expect.stringMatching(/^[0-9a-f]{64}$/) })
    const other = await spaces.create('Holiday')
    expect(await spaces.list()).toHaveLength(2)
    expect((await spaces.list()).find(({ id }) => id === space.id)).toEqual({
      id: space.id,
      name: 'Holiday',
      role: 'founder',
      members: 1,
      entries: 3,
      bytes: 21,
      fault: null,
      unwritten: null,
    })
    expect(await spaces.open(other.id)).toMatchObject({ id: other.id, name: 'Holiday' })
    expect(await spaces.open(space.id.slice(0, 20))).toMatchObject({ id: space.id })
    await expect(spaces.open('Holiday')).rejects.toMatchObject({ code: 'ERR_SPACE_AMBIGUOUS' })
    await expect(spaces.open('Work')).rejects.toMatchObject({ code: 'ERR_SPACE_UNKNOWN' })
    await expect(spaces.open('')).rejects.toMatchObject({ code: 'ERR_SPACE_UNKNOWN' })
    await expect(spaces.create('')).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
    await expect(spaces.create('x'.repeat(256))).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
  })

  test('take files and folders, tell how it goes on, and what they are then', async () => {
    const { node, space, work } = await startFilled()
    const [wave, sun, notes] = await all(space.list())
    const [self] = await space.members()
    expect(self).toEqual({ id: expect.stringMatching(/^[0-9a-f]{64}$/), role: 'founder', isSelf: true })
    expect(sun).toEqual({
      path: 'photos/sun.jpg',
      bytes: 5,
      type: 'image/jpeg',
      modifiedMs: expect.any(Number),
      title: '',
      note: '',
      tags: ['summer'],
      author: self?.id,
      root: wave?.root,
      here: true,
    })
    expect(notes).toMatchObject({ path: 'texts/notes.txt', tags: [] })
    expect(await served(node)).toEqual(['photos', 'notes.txt'])
    await writeTree(work, { a: 'a', 'b/c': 'c' })
    const events: string[] = []
    const onEvent = ({ type }: { type: string }): void => void events.push(type)
    const paths = [join(work, 'a'), join(work, 'b')]
    const change = await space.add(paths, { at: 'more', onEvent })
    expect(change).toEqual({ batches: [expect.stringMatching(/^[0-9a-f]{64}$/)], entries: 2 })
    expect(events).toContain('ready')
    expect(events).not.toContain('added')
    expect(await space.add(paths, { at: 'more' })).toEqual({ batches: [], entries: 0 })
    expect(await pathsOf(space, { under: 'more/' })).toEqual(['more/a', 'more/b/c'])
    expect(await pathsOf(space, { limit: 2, query: undefined })).toEqual(['more/a', 'more/b/c'])
    expect(await pathsOf(space, { limit: Infinity, query: 'type:image', under: 'photos/sea' })).toEqual([
      'photos/sea/wave.png',
    ])
    await expect(space.add(join(work, 'none'))).rejects.toMatchObject({ code: 'ERR_SOURCE_MISSING' })
    await expect(space.add([])).rejects.toMatchObject({ code: 'ERR_USAGE' })
    const tags = Array.from({ length: 101 }, (_, i) => `${i}`)
    await expect(space.add(paths, { tags })).rejects.toMatchObject({ code: 'ERR_LIMIT' })
  })

  test('are searched', async () => {
    const { space } = await startFilled()
    expect(await space.search('tag:summer sun')).toMatchObject({
      entries: [{ path: 'photos/sun.jpg', here: true }],
      total: 1,
      isCut: false,
    })
    expect(await space.search('', { under: 'photos/', limit: 1 })).toMatchObject({ total: 2 })
    expect(await space.search('nothing of it')).toEqual({ entries: [], total: 0, isCut: false })
    await expect(space.search('x'.repeat(1_025))).rejects.toMatchObject({ code: 'ERR_LIMIT' })
    await expect(space.search('x'.repeat(100_000))).rejects.toMatchObject({ code: 'ERR_LIMIT' })
    await expect(space.search('x', { limit: 0 })).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
    await expect(all(space.list({ limit: 1.5 }))).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
    await expect(all(space.list({ query: 'x'.repeat(1_025) }))).rejects.toMatchObject({ code: 'ERR_LIMIT' })
  })

  test('are watched until the loop is left, the signal aborts or the node stops', async () => {
    const { node, space } = await startFilled()
    const end = new AbortController()
    const live = space.watch('tag:red', { under: 'photos', limit: 10, signal: end.signal })
    const next = async (): Promise<SpaceMatches> => (await live.next()).value as SpaceMatches
    const until = async (...paths: string[]): Promise<void> => {
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- Whoever is slow may miss those in between, or not.
        const { entries, total } = await next()
        expect(total).toBe(entries.length)
        const found = entries.map(({ path }) => path).toSorted()
        if (JSON.stringify(found) === JSON.stringify(paths)) return
      }
    }
    expect(await next()).toEqual({ entries: [], total: 0, isCut: false })
    await space.tag('texts/notes.txt', ['red'])
    await space.tag('photos/sun.jpg', ['red'])
    await until('photos/sun.jpg')
    await space.tag('photos/sea/wave.png', ['red'])
    await space.move('photos/sun.jpg', 'photos/star.jpg')
    await until('photos/sea/wave.png', 'photos/star.jpg')
    const last = live.next()
    end.abort(new Error('enough'))
    await expect(last).rejects.toThrow('enough')
    for await (const { total } of space.watch('')) {
      expect(total).toBe(3)
      break
    }
    const unknown = space.watch('x'.repeat(1_025))
    await expect(unknown.next()).rejects.toMatchObject({ code: 'ERR_LIMIT' })
    const other = space.watch('')
    await other.next()
    const stopped = other.next()
    await Promise.all([expect(stopped).rejects.toMatchObject({ code: 'ERR_NODE_STOPPED' }), node.stop()])
    await expect(space.members()).rejects.toMatchObject({ code: 'ERR_NODE_STOPPED' })
  })

  test('are edited, tell what was done, and take it back', async () => {
    const { space } = await startFilled()
    expect(await space.move('photos/', 'pictures')).toMatchObject({ entries: 2 })
    await space.tag('pictures/sun.jpg', ['red', 'warm'])
    await space.untag(['pictures'], ['SUMMER', 'warm'])
    await space.title('pictures/sun.jpg', 'The sun')
    await space.note('pictures/sun.jpg', 'over the sea')
    expect((await space.search('red')).entries).toMatchObject([
      { path: 'pictures/sun.jpg', title: 'The sun', note: 'over the sea', tags: ['red'] },
    ])
    const [noted, titled] = await space.history('pictures/sun.jpg', { limit: 2 })
    expect(titled).toMatchObject({ kind: 'title', text: 'The sun', counts: true })
    expect(noted).toEqual({
      batch: expect.stringMatching(/^[0-9a-f]{64}$/),
      author: (await space.members())[0]?.id,
      kind: 'note',
      path: 'pictures/sun.jpg',
      text: 'over the sea',
      counts: true,
    })
    await space.undo()
    expect(await space.search('over')).toMatchObject({ total: 0 })
    const moved = (await space.history()).find(({ kind }) => kind === 'move')
    await space.undo(moved?.batch)
    expect(await pathsOf(space, { under: 'photos' })).toHaveLength(2)
    const { batches } = await space.remove(['photos', 'texts'])
    expect(await pathsOf(space)).toEqual([])
    await space.restore('texts')
    await space.undo(batches[0])
    expect(await pathsOf(space)).toEqual(['photos/sea/wave.png', 'photos/sun.jpg', 'texts/notes.txt'])
    await space.title('', 'Our holiday')
    expect(await space.history('')).toMatchObject([{ kind: 'title', path: '', text: 'Our holiday' }])
    expect(await space.check()).toEqual({ isSound: true, batches: expect.any(Number) })
  })

  test('say what is not there and what may not be', async () => {
    const { space } = await startFilled()
    const notIn = { code: 'ERR_NOT_IN_SPACE' }
    await expect(space.move('none', 'x')).rejects.toMatchObject(notIn)
    await expect(space.remove(['texts', 'none'])).rejects.toMatchObject(notIn)
    await expect(space.restore('texts')).rejects.toMatchObject(notIn)
    await expect(space.tag('none', ['x'])).rejects.toMatchObject(notIn)
    await expect(space.untag('none', ['x'])).rejects.toMatchObject(notIn)
    await expect(space.note('none', 'x')).rejects.toMatchObject(notIn)
    await expect(space.title('none', 'x')).rejects.toMatchObject(notIn)
    await expect(space.history('none')).rejects.toMatchObject(notIn)
    await expect(space.undo('none')).rejects.toMatchObject(notIn)
    await expect(space.get('none')).rejects.toMatchObject(notIn)
    await expect(space.setRole('0000', 'read')).rejects.toMatchObject(notIn)
    await expect(space.removeMember('')).rejects.toMatchObject(notIn)
    await expect(space.revokeInvite('none')).rejects.toMatchObject({ code: 'ERR_INVITE_OVER' })
    await expect(space.move('texts', '../x')).rejects.toMatchObject({ code: 'ERR_UNSAFE_NAME' })
    const wrong = { code: 'ERR_OPTIONS_INVALID' }
    await expect(space.tag('texts', ['\n'])).rejects.toMatchObject(wrong)
    await expect(space.note('texts/notes.txt', 'x'.repeat(5_000))).rejects.toMatchObject(wrong)
    await expect(space.history(undefined, { limit: 1_001 })).rejects.toMatchObject(wrong)
    await expect(space.members({ limit: 1 } as object)).rejects.toMatchObject(wrong)
    await expect(space.remove(3 as unknown as string)).rejects.toMatchObject(wrong)
    await expect(space.setRole('0000', 'king' as 'read')).rejects.toMatchObject(wrong)
    const tags = Array.from({ length: 101 }, (_, i) => `${i}`)
    await expect(space.tag('texts', tags)).rejects.toMatchObject({ code: 'ERR_LIMIT' })
    expect(await pathsOf(space)).toHaveLength(3)
  })

  test('give back what was put in, byte for byte', async () => {
    const { space, work } = await startFilled()
    const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251))
    await writeFile(join(work, 'data.bin'), content)
    await space.add(join(work, 'data.bin'))
    const directory = join(work, 'out')
    const events: string[] = []
    const onEvent = ({ type }: { type: string }): void => void events.push(type)
    const got = await space.get(['photos', 'data.bin'], { directory, onEvent })
    expect(got.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'data.bin', file: join(directory, 'data.bin'), bytes: 300_000 },
      { path: 'photos/sea/wave.png', file: join(directory, 'photos/sea/wave.png'), bytes: 6 },
      { path: 'photos/sun.jpg', file: join(directory, 'photos/sun.jpg'), bytes: 5 },
    ])
    expect(events.filter((type) => type === 'done')).toHaveLength(2)
    expect(await readFile(join(directory, 'data.bin'))).toEqual(content)
    expect(await readFile(join(directory, 'photos/sea/wave.png'), 'utf8')).toBe('a wave')
    await writeFile(join(directory, 'data.bin'), 'another')
    await expect(space.get('data.bin', { directory })).rejects.toMatchObject({
      code: 'ERR_DESTINATION_EXISTS',
    })
    await space.get('data.bin', { directory, overwrite: true })
    expect(await readFile(join(directory, 'data.bin'))).toEqual(content)
  })

  test('are fetched from by another member, and what it has is served until its node stops', async () => {
    const { node: anna, space, work } = await startFilled()
    await writeTree(work, { 'films/a.bin': Buffer.alloc(3_000_000, 1), 'films/b.bin': 'b' })
    await space.add(join(work, 'films'))
    const [ben, carla] = [await startNode(), await startNode()]
    for (const each of [ben, carla]) await letIn(space.id, hostOf(anna), hostOf(each))
    const same = await (await spacesOf(ben)).open('Holiday')
    const directory = join(work, 'ben')
    const [film] = await same.get('films/a.bin', { directory, peers: anna.addresses(), seed: true })
    expect(await readFile(film?.file as string)).toEqual(Buffer.alloc(3_000_000, 1))
    await anna.stop()
    const again = await (await spacesOf(carla)).open('Holiday')
    let bytes = 0
    const fetched = again.get('films/a.bin', {
      directory: join(work, 'carla'),
      peers: ben.addresses(),
      waitMs: 2_000,
      onEvent: (event) => {
        if (event.type === 'progress') bytes = event.bytes
      },
    })
    // Of the block in which the film ends Ben has only the part that is of it.
    await expect(fetched).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
    expect(bytes).toBeGreaterThan(2_000_000)
  })

  test('have members, roles and invitations', async () => {
    const { node: anna, space, work } = await startFilled()
    const made = await space.invite({ role: 'read', uses: 2, forMs: 60_000, instant: true })
    expect(made).toEqual({ id: expect.any(String), link: expect.stringMatching(/^shoal:\/\/join\/\w+#./) })
    expect(await space.invitations()).toEqual([
      { id: made.id, role: 'read', usesLeft: 2, instant: true, expiresMs: expect.any(Number) },
    ])
    await space.revokeInvite(made.id)
    expect(await space.invitations()).toEqual([])
    for (const wrong of [{ role: 'founder' as 'read' }, { forMs: -1 }, { uses: 0 }, { uses: 10_001 }])
      // oxlint-disable-next-line no-await-in-loop -- One after the other.
      await expect(space.invite(wrong), JSON.stringify(wrong)).rejects.toMatchObject({
        code: 'ERR_OPTIONS_INVALID',
      })
    await expect(space.leave()).rejects.toMatchObject({ code: 'ERR_SPACE_ROLE' })
    const ben = await startNode()
    await letIn(space.id, hostOf(anna), hostOf(ben))
    const member = (await space.members()).find(({ isSelf }) => !isSelf)?.id as string
    await space.setRole(member.slice(0, 12), 'read')
    await tell(space.id, hostOf(anna), hostOf(ben))
    const same = await (await spacesOf(ben)).open('Holiday')
    const role = { code: 'ERR_SPACE_ROLE' }
    await expect(same.add(join(work, 'notes.txt'))).rejects.toMatchObject(role)
    await expect(same.tag('texts', ['x'])).rejects.toMatchObject(role)
    await expect(same.invite()).rejects.toMatchObject(role)
    await expect(same.setRole(member, 'manage')).rejects.toMatchObject(role)
    expect(await served(ben)).toEqual([])
    await space.removeMember(member)
    expect(await space.members()).toHaveLength(1)
    await same.leave()
    expect((await same.members()).find(({ isSelf }) => isSelf)).toBeUndefined()
    expect(await pathsOf(same)).toHaveLength(3)
  })

  test('are joined, with approval, at once and not at all', async () => {
    const { space } = await startFilled()
    const ben = await startNode()
    const benSpaces = await spacesOf(ben)
    const { link } = await space.invite({ role: 'read', uses: 2 })
    const events: JoinEvent[] = []
    const codes = (): string[] =>
      events.flatMap((event) => (event.type === 'joining' && event.code !== null ? [event.code] : []))
    const onEvent = (event: JoinEvent): void => void events.push(event)
    const refused = benSpaces.join(link, { name: 'Ben', onEvent })
    refused.catch(() => {})
    const waiting = async (): Promise<SpaceRequest> => {
      await vi.waitFor(async () => expect(await space.requests()).toHaveLength(1))
      return (await space.requests())[0] as SpaceRequest
    }
    const { id } = await waiting()
    expect(await space.refuse(id)).toEqual({ refused: 1, isSuspect: false })
    await expect(refused).rejects.toMatchObject({ code: 'ERR_INVITE_OVER' })
    await expect(space.approve(id)).rejects.toMatchObject({ code: 'ERR_NOT_IN_SPACE' })
    events.length = 0
    const joining = benSpaces.join(link, { name: 'Ben', onEvent })
    const request = await waiting()
    expect(request).toMatchObject({ name: 'Ben', role: 'read', code: expect.stringMatching(/^\d{3} \d{3}$/) })
    await vi.waitFor(() => expect(codes()).toEqual([request.code]))
    await space.approve(request.id.slice(0, 8))
    const joined = await joining
    expect(joined).toMatchObject({ id: space.id, name: 'Holiday' })
    expect(events.at(-1)).toEqual({ type: 'joined', id: space.id, name: 'Holiday', isNew: true })
    for (const each of [space, joined]) expect(await each.members()).toHaveLength(2)
    expect(await space.requests()).toEqual([])
    await benSpaces.join(link, { onEvent })
    expect(events.at(-1)).toMatchObject({ type: 'joined', isNew: false })
    const carol = await spacesOf(await startNode())
    const atOnce = await space.invite({ instant: true })
    expect(await (await carol.join(atOnce.link)).members()).toHaveLength(3)
    const dan = await spacesOf(await startNode())
    await expect(dan.join(atOnce.link)).rejects.toMatchObject({ code: 'ERR_INVITE_OVER' })
    await expect(dan.join('shoal://join/x')).rejects.toMatchObject({ code: 'ERR_LINK_MALFORMED' })
    const ends = new AbortController()
    const given = dan.join(link, { signal: ends.signal, waitMs: 0 })
    given.catch(() => {})
    await waiting()
    ends.abort(new Error('no more'))
    await expect(given).rejects.toThrow('no more')
    await vi.waitFor(async () => expect(await space.requests()).toEqual([]))
    expect(await dan.list()).toEqual([])
  })

  test('end what is done for whoever gives it up, and change nothing by halves', async () => {
    const { node, spaces, space, work } = await startFilled()
    const signal = AbortSignal.abort(new Error('no more'))
    await expect(spaces.create('Work', { signal })).rejects.toThrow('no more')
    await expect(space.search('', { signal })).rejects.toThrow('no more')
    await expect(all(space.list({ signal }))).rejects.toThrow('no more')
    await expect(space.get('texts', { signal })).rejects.toThrow('no more')
    expect(await spaces.list()).toHaveLength(1)
    await writeFile(join(work, 'large.bin'), Buffer.alloc(40_000_000, 1))
    const end = new AbortController()
    const onEvent = (): void => end.abort(new Error('enough'))
    const added = space.add(join(work, 'large.bin'), { onEvent, signal: end.signal })
    await expect(added).rejects.toThrow('enough')
    expect(() => space.list({ unknown: true } as object)).toThrow('unknown option')
    const thrown = space.add(join(work, 'large.bin'), {
      onEvent: () => {
        throw new Error('out of it')
      },
    })
    await expect(thrown).rejects.toThrow('out of it')
    expect(await pathsOf(space, { query: 'large' })).toEqual([])
    expect(await served(node)).toEqual(['photos', 'notes.txt'])
    // And nothing keeps it from being done later.
    expect(await space.add(join(work, 'large.bin'))).toMatchObject({ entries: 1 })
    await vi.waitFor(async () => expect(await served(node)).toContain('large.bin'))
  })
})
