/** What people do with entries and members, as calls to the thread of the spaces. */
import { expect, test } from 'vitest'
import { MAX_BATCH_OPERATIONS } from '../../../src/spaces/catalogue/limits.ts'
import { added, hostOf, hostWith, letIn, pathsIn, put, rootOf, tell } from '../../helpers/space-hosts.ts'

const code = (wanted: string): unknown => expect.objectContaining({ code: wanted })
const KEY = new Uint8Array(32).fill(7)

test('many files make as few batches as hold them, and are listed page by page', async () => {
  const { host, space } = await hostWith([])
  const paths = Array.from({ length: 1_200 }, (_, i) => `photos/${String(i).padStart(5, '0')}.jpg`)
  const batches = await put(host, space, paths)
  expect(batches.length).toBeGreaterThanOrEqual(Math.ceil(paths.length / MAX_BATCH_OPERATIONS))
  expect(batches.length).toBeLessThan(10)
  expect(await pathsIn(host, space)).toEqual(paths)
  expect(await pathsIn(host, space, 'photos/00007.jpg')).toEqual(['photos/00007.jpg'])
  expect(await pathsIn(host, space, 'photo')).toEqual([])
})

test('long paths are told apart in more batches, since one holds 64 KiB', async () => {
  const { host, space } = await hostWith([])
  const long = Array.from({ length: 200 }, (_, i) => `${'x'.repeat(200)}/${'y'.repeat(200)}/${String(i)}`)
  expect((await put(host, space, long)).length).toBeGreaterThan(1)
  expect((await pathsIn(host, space)).length).toBe(200)
})

test('the same files again change nothing, other bytes at a path take the place of those that were there', async () => {
  const { host, space } = await hostWith(['a', 'b'])
  const again = { space, root: rootOf('a share'), key: KEY, tags: [], files: [added('a'), added('b')] }
  expect(await host.call('add', again)).toEqual({ batches: [], entries: 0 })
  const tagged = await host.call('add', { ...again, tags: ['New'] })
  expect(tagged.entries).toBe(2)
  const other = { ...again, root: rootOf('another'), files: [added('a', { bytes: 99, inner: '' })] }
  expect(await host.call('add', other)).toMatchObject({ entries: 1 })
  const { entries } = await host.call('entries', { space, under: '', after: undefined })
  expect(entries).toMatchObject([
    { path: 'a', bytes: 99, root: rootOf('another'), tags: ['New'] },
    { path: 'b', bytes: 1, root: rootOf('a share'), tags: ['New'] },
  ])
  const [source] = await host.call('sources', { space, paths: ['a'] })
  expect(source).toEqual({ path: 'a', bytes: 99, root: rootOf('another'), inner: '', key: KEY })
})

test('a file, or a folder with all in it, is moved, removed, brought back; and each of it undone', async () => {
  const { host, space } = await hostWith(['a', 'd/b', 'd/e/c', 'dx'])
  expect(await host.call('move', { space, from: 'd', to: 'n/m' })).toMatchObject({ entries: 2 })
  expect(await pathsIn(host, space)).toEqual(['a', 'dx', 'n/m/b', 'n/m/e/c'])
  await host.call('move', { space, from: 'a', to: 'z' })
  await host.call('remove', { space, paths: ['n', 'dx'] })
  expect(await pathsIn(host, space)).toEqual(['z'])
  await expect(host.call('remove', { space, paths: ['n'] })).rejects.toEqual(code('ERR_NOT_IN_SPACE'))
  await host.call('restore', { space, paths: ['n/m'] })
  expect(await pathsIn(host, space)).toEqual(['n/m/b', 'n/m/e/c', 'z'])
  await host.call('undo', { space, batch: undefined })
  expect(await pathsIn(host, space)).toEqual(['z'])
  await expect(host.call('restore', { space, paths: ['q'] })).rejects.toEqual(code('ERR_NOT_IN_SPACE'))
  const events = await host.call('history', { space, path: undefined, limit: 1_000 })
  const move = events.find(({ kind, path }) => kind === 'move' && path === 'z')
  expect(await host.call('undo', { space, batch: move?.batch })).toMatchObject({ entries: 1 })
  expect(await pathsIn(host, space)).toEqual(['a'])
  await expect(host.call('undo', { space, batch: '0'.repeat(64) })).rejects.toEqual(code('ERR_NOT_IN_SPACE'))
})

test('all of a space is moved into a folder, and what is in a folder to the top', async () => {
  const { host, space } = await hostWith(['a', 'd/b'])
  await host.call('move', { space, from: '', to: 'n' })
  expect(await pathsIn(host, space)).toEqual(['n/a', 'n/d/b'])
  await host.call('move', { space, from: 'n', to: '' })
  expect(await pathsIn(host, space)).toEqual(['a', 'd/b'])
  await expect(host.call('move', { space, from: 'a', to: '' })).rejects.toEqual(code('ERR_UNSAFE_NAME'))
})

test('tags, notes and titles are given, searched for and taken away', async () => {
  const { host, space } = await hostWith(['a/one', 'a/two', 'three'])
  await host.call('tag', { space, paths: ['a'], tags: ['Sun', 'sea'] })
  expect(await host.call('tag', { space, paths: ['a'], tags: ['sun'] })).toMatchObject({ entries: 0 })
  await host.call('note', { space, path: 'three', text: 'taken by Ben' })
  await host.call('title', { space, path: 'three', text: 'The third' })
  await host.call('title', { space, path: '', text: 'Our holiday' })
  const found = async (query: string, under = ''): Promise<string[]> => {
    const { entries } = await host.call('search', { space, query, under, limit: 10 })
    return entries.map(({ path }) => path).toSorted()
  }
  expect(await found('tag:sun')).toEqual(['a/one', 'a/two'])
  expect(await found('tag:sea', 'a/two')).toEqual(['a/two'])
  expect(await found('ben')).toEqual(['three'])
  await host.call('untag', { space, paths: ['a/one'], tags: ['SUN'] })
  expect(await found('tag:sun')).toEqual(['a/two'])
  const page = { space, query: '', under: '', limit: 1 }
  expect(await host.call('search', page)).toMatchObject({ total: 3, isCut: false, entries: [{}] })
  expect(await host.call('history', { space, path: 'three', limit: 10 })).toMatchObject([
    { kind: 'title', path: 'three', text: 'The third', counts: true },
    { kind: 'note', path: 'three', text: 'taken by Ben' },
    { kind: 'put', path: 'three', text: null },
  ])
  expect(await host.call('history', { space, path: '', limit: 10 })).toMatchObject([
    { kind: 'title', path: '', text: 'Our holiday' },
  ])
  await expect(host.call('note', { space, path: 'a', text: 'x' })).rejects.toEqual(code('ERR_NOT_IN_SPACE'))
  const many = Array.from({ length: 101 }, (_, i) => `t${i}`)
  await expect(host.call('tag', { space, paths: ['a'], tags: many })).rejects.toEqual(code('ERR_LIMIT'))
  for (const tag of ['', ' a', 'a\nb', 'x'.repeat(101)]) {
    const given = host.call('tag', { space, paths: ['b'], tags: [tag] })
    await expect(given).rejects.toThrow('a tag is one line of 1 to 100 bytes')
  }
  const long = 'x'.repeat(5_000)
  const said = [
    [host.call('note', { space, path: 'b', text: long }), 'a note has at most 4096 bytes'],
    [host.call('title', { space, path: '', text: long }), 'a title has at most 255 bytes'],
    [host.call('found', { name: '' }), 'the name of a space has 1 to 255 bytes'],
    [host.call('found', { name: long }), 'the name of a space has 1 to 255 bytes'],
    [host.call('leave', { space }), 'a space is never without a founder'],
  ] as const
  for (const [call, message] of said) await expect(call).rejects.toThrow(message)
})

test('a device that was let in writes and opens, and no longer once it was demoted or is out', async () => {
  const { host: anna, space } = await hostWith(['a'])
  const ben = await hostOf()
  await letIn(space, anna, ben)
  await put(ben, space, ['b'])
  await tell(space, ben, anna)
  expect(await pathsIn(anna, space)).toEqual(['a', 'b'])
  expect(await ben.call('sources', { space, paths: ['a'] })).toMatchObject([{ key: KEY }])
  const [self, other] = [true, false].map((isSelf) => (it: { isSelf: boolean }) => it.isSelf === isSelf)
  const members = await anna.call('members', { space })
  expect(members.find(self as () => boolean)?.role).toBe('founder')
  const member = members.find(other as () => boolean)?.id as string
  await anna.call('setRole', { space, member: member.slice(0, 16), role: 'read' })
  await tell(space, anna, ben)
  await expect(put(ben, space, ['c'])).rejects.toEqual(code('ERR_SPACE_ROLE'))
  await expect(ben.call('mayWrite', { space })).rejects.toEqual(code('ERR_SPACE_ROLE'))
  await anna.call('setRole', { space, member, role: 'founder' })
  await tell(space, anna, ben)
  await ben.call('mayWrite', { space })
  await expect(anna.call('removeMember', { space, member: 'ffff' })).rejects.toEqual(code('ERR_NOT_IN_SPACE'))
  await ben.call('leave', { space })
  await tell(space, ben, anna)
  expect(await anna.call('members', { space })).toHaveLength(1)
  expect(await ben.call('list', {})).toMatchObject([{ id: space, role: null }])
  await expect(put(ben, space, ['c'])).rejects.toEqual(code('ERR_SPACE_ROLE'))
})

test('who is removed writes nothing more, and what it wrote before stays', async () => {
  const { host: anna, space } = await hostWith(['a'])
  const ben = await hostOf()
  await letIn(space, anna, ben)
  await put(ben, space, ['b'])
  await tell(space, ben, anna)
  const member = (await anna.call('members', { space })).find(({ isSelf }) => !isSelf)?.id as string
  await anna.call('removeMember', { space, member })
  await put(anna, space, ['c'])
  await tell(space, anna, ben)
  expect(await pathsIn(ben, space)).toEqual(['a', 'b', 'c'])
  await expect(ben.call('sources', { space, paths: ['c'] })).rejects.toEqual(code('ERR_NO_SPACE_KEY'))
})

test('an invitation is there until it is ended', async () => {
  const { host, space } = await hostWith([])
  const made = { space, role: 'read', uses: 3, forMs: 60_000, instant: false, whereFound: {} } as const
  const { id, link } = await host.call('invite', made)
  expect(link).toContain(`shoal://join/`)
  const [invitation] = await host.call('invitations', { space })
  expect(invitation).toMatchObject({ id, role: 'read', instant: false, usesLeft: 3 })
  expect(invitation?.expiresMs).toBeGreaterThan(1_700_000_000_000)
  await host.call('revokeInvite', { space, id })
  expect(await host.call('invitations', { space })).toEqual([])
  await expect(host.call('revokeInvite', { space, id: 'no' })).rejects.toEqual(code('ERR_INVITE_OVER'))
})

test('all roots of all spaces are told, each once', async () => {
  const { host, space } = await hostWith(['a', 'b'])
  const other = await host.call('found', { name: 'work' })
  await put(host, other.id, ['c'])
  const more = { root: rootOf('another'), key: undefined, tags: [], files: [added('d')] }
  await host.call('add', { space, ...more })
  const roots = await host.call('roots', {})
  expect(roots.isWhole).toBe(true)
  expect(roots.roots.toSorted()).toEqual([rootOf('a share'), rootOf('another')].toSorted())
})
