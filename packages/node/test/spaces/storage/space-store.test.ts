import { expect, test } from 'vitest'
import { decodeBatch, encodeBatch } from '../../../src/spaces/catalogue/batch.ts'
import type { Operation } from '../../../src/spaces/catalogue/operations.ts'
import { SpaceReader } from '../../../src/spaces/storage/space-reader.ts'
import type { Author, SpaceStore } from '../../../src/spaces/storage/space-store.ts'
import { author, content, digest, FakeAuth, Folder, hex, SPACE } from '../../helpers/catalogue.ts'

const alice = author('alice')
const bob = author('bob')
const members = [alice, bob]

/** Writes a batch; what is returned names the operation of each place. */
function write(
  store: SpaceStore,
  who: Author,
  ...operations: Operation[]
): { frame: Uint8Array; at: (place: number) => Uint8Array; id: Uint8Array } {
  const frame = store.write(who, operations, [])
  const { id } = decodeBatch(frame)
  return { frame, id, at: (place) => Uint8Array.from([...id, place]) }
}

function put(path: string, name = path): Operation {
  return { kind: 'put', path, content: content(name) }
}

/** A store of each of two members, and one reader on the first. */
function pair(): { folder: Folder; a: SpaceStore; b: SpaceStore; reader: SpaceReader } & Disposable {
  const folder = new Folder()
  const a = folder.store('a', { members })
  const b = folder.store('b', { members })
  const reader = folder.closing(new SpaceReader(folder.file('a')))
  return { folder, a, b, reader, [Symbol.dispose]: () => folder[Symbol.dispose]() }
}

function paths(reader: SpaceReader): string[] {
  return reader
    .search('', { limit: 1_000 })
    .entries.map(({ path }) => path)
    .toSorted()
}

test('what is put is listed, found and read with all that was said of it', () => {
  using world = pair()
  const { at } = write(world.a, alice, put('docs/report.pdf'), put('docs/notes.txt'), put('photo.jpg'))
  write(
    world.a,
    alice,
    { kind: 'tag', entry: at(0), tag: 'work', replaced: [] },
    { kind: 'note', entry: at(0), text: 'the final one' },
    { kind: 'title', entry: at(0), text: 'Annual report' },
    { kind: 'title', entry: undefined, text: 'Our space' },
  )
  const entry = world.reader.at('docs/report.pdf')
  expect(entry).toMatchObject({
    path: 'docs/report.pdf',
    title: 'Annual report',
    note: 'the final one',
    tags: ['work'],
  })
  expect(entry?.content).toEqual(content('docs/report.pdf'))
  expect(hex(entry?.author as Uint8Array)).toBe(hex(alice.key))
  expect(world.reader.title()).toBe('Our space')
  expect(
    world.reader
      .ls('', { limit: 10 })
      .items.map((item) => (item.kind === 'folder' ? `${item.name}/` : item.entry.path)),
  ).toEqual(['docs/', 'photo.jpg'])
  expect(world.reader.ls('docs', { limit: 10 }).items).toHaveLength(2)
  expect(world.a.check()).toMatchObject({ isSame: true, batches: 2 })
})

test('what two put at one path at the same time is kept twice, under the same names on both sides', () => {
  using world = pair()
  const one = write(world.a, alice, put('a/report.pdf', 'of alice')).frame
  const two = write(world.b, bob, put('a/report.pdf', 'of bob')).frame
  world.a.receive([two])
  world.b.receive([one])
  expect(world.a.stateHash()).toBe(world.b.stateHash())
  const shown = paths(world.reader)
  expect(shown).toHaveLength(2)
  expect(shown).toContain('a/report.pdf')
  expect(shown.find((path) => path !== 'a/report.pdf')).toMatch(
    /^a\/report \(conflict of [0-9a-f]{8}\)\.pdf$/,
  )
})

test('two edits of one entry at the same time are both kept, and a third that saw them replaces them', () => {
  using world = pair()
  const made = write(world.a, alice, put('x.txt'))
  world.b.receive([made.frame])
  const edit = (name: string): Operation => ({
    kind: 'edit',
    entry: made.at(0),
    replaced: [made.at(0)],
    path: 'x.txt',
    content: content(name),
  })
  const one = write(world.a, alice, edit('one'))
  const two = write(world.b, bob, edit('two'))
  world.a.receive([two.frame])
  world.b.receive([one.frame])
  expect(paths(world.reader)).toHaveLength(2)
  const replaced = [one.at(0), two.at(0)].toSorted((a, b) => Buffer.compare(a, b))
  const three = write(world.a, alice, {
    kind: 'edit',
    entry: made.at(0),
    replaced,
    path: 'x.txt',
    content: content('three'),
  })
  world.b.receive([three.frame])
  expect(paths(world.reader)).toEqual(['x.txt'])
  expect(world.a.stateHash()).toBe(world.b.stateHash())
})

test.each(['edit', 'restore'] as const)(
  'a delete beside an %s that it did not see leaves the entry',
  (kind) => {
    using world = pair()
    const made = write(world.a, alice, put('x.txt'))
    world.b.receive([made.frame])
    const deleted = write(world.a, alice, { kind: 'delete', entry: made.at(0), replaced: [made.at(0)] })
    const edited = write(world.b, bob, {
      kind,
      entry: made.at(0),
      replaced: [made.at(0)],
      path: 'x.txt',
      content: content('new'),
    })
    expect(paths(world.reader)).toEqual([])
    world.a.receive([edited.frame])
    world.b.receive([deleted.frame])
    expect(paths(world.reader)).toEqual(['x.txt'])
    expect(world.a.stateHash()).toBe(world.b.stateHash())
  },
)

test('a tag that is given beside its removal stays', () => {
  using world = pair()
  const made = write(world.a, alice, put('x.txt'), { kind: 'tag', entry: 0, tag: 'red', replaced: [] })
  world.b.receive([made.frame])
  const removed = write(world.a, alice, { kind: 'untag', entry: made.at(0), replaced: [made.at(1)] })
  expect(world.reader.at('x.txt')?.tags).toEqual([])
  const again = write(world.b, bob, { kind: 'tag', entry: made.at(0), tag: 'red', replaced: [] })
  world.a.receive([again.frame])
  world.b.receive([removed.frame])
  expect(world.reader.at('x.txt')?.tags).toEqual(['red'])
  expect(world.a.stateHash()).toBe(world.b.stateHash())
})

test('a file gives way to a folder of its name, and gets its name back with the end of that', () => {
  using world = pair()
  write(world.a, alice, put('thing'))
  const below = write(world.a, alice, put('Thing/inside.txt'))
  expect(paths(world.reader)).toEqual(['Thing/inside.txt', expect.stringMatching(/^thing \(conflict of /)])
  write(world.a, alice, { kind: 'delete', entry: below.at(0), replaced: [below.at(0)] })
  expect(paths(world.reader)).toEqual(['thing'])
})

test('a name that looks like that of a conflict is never one, and no two contents share a path', () => {
  using world = pair()
  const who = hex(alice.key.subarray(0, 4))
  const fake = `x (conflict of ${who}).txt`
  write(world.a, alice, put(fake, 'fake'))
  for (let i = 0; i < 4; i++) write(world.a, alice, put('x.txt', `version ${i}`), put('X.TXT', `other ${i}`))
  const shown = paths(world.reader)
  expect(new Set(shown.map((path) => path.toUpperCase())).size).toBe(9)
  expect(shown.filter((path) => path.toUpperCase() === 'X.TXT')).toHaveLength(1)
  expect(world.a.check().isSame).toBe(true)
})

test('moves of a conflict to free paths end it, whichever goes first', () => {
  using world = pair()
  const batches = [0, 1, 2].map((i) => write(world.a, alice, put('x.txt', `version ${i}`)))
  for (const [i, { at }] of batches.entries())
    write(world.a, alice, { kind: 'move', entry: at(0), path: `x${i}.txt` })
  expect(paths(world.reader)).toEqual(['x0.txt', 'x1.txt', 'x2.txt'])
  expect(world.a.check().isSame).toBe(true)
})

test('undo takes back what the batch did and nothing that others did since', () => {
  using world = pair()
  const made = write(world.a, alice, put('x.txt'), put('y.txt'))
  const before = world.reader.at('x.txt')?.content
  const changed = write(
    world.a,
    alice,
    { kind: 'edit', entry: made.at(0), replaced: [made.at(0)], path: 'x.txt', content: content('new') },
    { kind: 'delete', entry: made.at(1), replaced: [made.at(1)] },
    { kind: 'tag', entry: made.at(0), tag: 'red', replaced: [] },
    { kind: 'move', entry: made.at(0), path: 'z.txt' },
    { kind: 'title', entry: undefined, text: 'mine' },
    put('new.txt'),
  )
  write(world.a, bob, { kind: 'note', entry: made.at(0), text: 'by bob' })
  world.a.write(alice, world.reader.undo(changed.id), [])
  expect(paths(world.reader)).toEqual(['x.txt', 'y.txt'])
  expect(world.reader.at('x.txt')).toMatchObject({ content: before, tags: [], note: 'by bob' })
  expect(world.reader.title()).toBe('')
  expect(world.reader.undo(digest('no batch'))).toEqual([])
})

test('undo of an undo brings all of it back', () => {
  using world = pair()
  const made = write(
    world.a,
    alice,
    put('x.txt'),
    { kind: 'tag', entry: 0, tag: 'red', replaced: [] },
    { kind: 'note', entry: 0, text: 'n' },
  )
  const undone = decodeBatch(world.a.write(alice, world.reader.undo(made.id), []))
  expect(paths(world.reader)).toEqual([])
  world.a.write(alice, world.reader.undo(undone.id), [])
  expect(world.reader.at('x.txt')).toMatchObject({ content: content('x.txt'), tags: ['red'], note: 'n' })
})

test('the history of an entry and of the space tells every operation, the last first', () => {
  using world = pair()
  const made = write(world.a, alice, put('x.txt'), put('y.txt'))
  write(world.a, bob, { kind: 'note', entry: made.at(0), text: 'later' })
  const items = world.reader.entryHistory(made.at(0), { limit: 10 })
  expect(items.map(({ operation, author: who }) => [operation.kind, hex(who)])).toEqual([
    ['note', hex(bob.key)],
    ['put', hex(alice.key)],
  ])
  expect(world.reader.history({ limit: 10 }).map((batch) => batch.length)).toEqual([1, 2])
  expect(world.reader.history({ limit: 1, offset: 1 })[0]).toHaveLength(2)
})

test('a batch that comes before its parent waits for it', () => {
  using world = pair()
  const frames = ['x', 'y', 'z'].map((path) => write(world.a, alice, put(path)).frame)
  const [first, ...rest] = frames as [Uint8Array, ...Uint8Array[]]
  expect(world.b.receive(rest.toReversed()).map(({ state }) => state)).toEqual(['waiting', 'waiting'])
  expect(world.b.wanted(10)).toEqual([decodeBatch(first).id])
  expect(world.b.receive([first])).toMatchObject([{ state: 'kept', counts: true }])
  expect(world.b.waiting()).toEqual({ batches: 0, bytes: 0 })
  expect(world.b.stateHash()).toBe(world.a.stateHash())
  expect(world.b.receive(frames).map(({ state }) => state)).toEqual(['known', 'known', 'known'])
})

test('what a removed author did after what the removal pins does not count, whenever it comes', () => {
  using folder = new Folder()
  const auth = new FakeAuth(members)
  const other = new FakeAuth(members)
  const a = folder.store('a', { auth })
  const b = folder.store('b', { auth: other })
  const kept = write(a, bob, put('kept.txt'))
  const late = write(a, bob, put('late.txt'), { kind: 'move', entry: kept.at(0), path: 'moved.txt' })
  const tagged = write(a, alice, { kind: 'tag', entry: late.at(0), tag: 'seen', replaced: [] })
  const reader = folder.closing(new SpaceReader(folder.file('a')))
  expect(paths(reader)).toEqual(['late.txt', 'moved.txt'])
  const removal = digest('removal')
  for (const log of [auth, other]) log.learn(removal, bob.key, new Set([hex(kept.id)]))
  a.judgeAgain()
  expect(paths(reader)).toEqual(['kept.txt'])
  expect(a.counts(late.id)).toBe(false)
  expect(() => a.write(bob, [put('again.txt')], [])).toThrow(
    expect.objectContaining({ code: 'ERR_SPACE_ROLE' }),
  )
  b.receive([tagged.frame, late.frame, kept.frame])
  expect(b.stateHash()).toBe(a.stateHash())
  expect(a.check().isSame).toBe(true)
})

test('after a stop between the two logs all is judged again', () => {
  using folder = new Folder()
  const first = folder.store('a', { members })
  const { id } = write(first, bob, put('x.txt'))
  first.close()
  const auth = new FakeAuth(members)
  auth.learn(digest('removal'), bob.key, new Set())
  auth.takeChanged()
  const again = folder.store('a', { auth })
  expect(again.counts(id)).toBe(false)
})

test('a batch that names an auth operation that is not known waits for it', () => {
  using folder = new Folder()
  const knowing = new FakeAuth(members)
  knowing.learn(digest('removal'), digest('somebody'), new Set())
  const a = folder.store('a', { auth: knowing })
  const frame = a.write(alice, [put('x.txt')], knowing.heads())
  const auth = new FakeAuth(members)
  const b = folder.store('b', { auth })
  expect(b.receive([frame])).toMatchObject([{ state: 'waiting' }])
  auth.learn(digest('removal'), digest('somebody'), new Set())
  b.judgeAgain()
  expect(b.stateHash()).toBe(a.stateHash())
})

test.each(['content', 'tag'])(
  'a %s that somebody replaced before it came here is never seen, in whatever order',
  (what) => {
    using folder = new Folder()
    const maker = folder.store('maker', { members })
    const made = write(maker, alice, put('x.txt'))
    const entry = made.at(0)
    const given: Operation =
      what === 'tag'
        ? { kind: 'tag', entry, tag: 'red', replaced: [] }
        : { kind: 'edit', entry, replaced: [entry], path: 'x.txt', content: content('new') }
    const edited = write(maker, alice, given)
    // Its author names no parents, as if it had seen nothing.
    const lie = { space: SPACE, author: bob.key, lamport: 1, parents: [], authHeads: [] }
    const kind = what === 'tag' ? 'untag' : 'delete'
    const blind = encodeBatch({ ...lie, operations: [{ kind, entry, replaced: [edited.at(0)] }] }, bob.sign)
    const orders = [
      [[made.frame, edited.frame, blind]],
      [[made.frame, blind], [edited.frame]],
      [[made.frame, blind, edited.frame]],
      [[blind], [made.frame], [edited.frame]],
      [[blind, made.frame], [edited.frame]],
    ]
    const states = orders.map((order, i) => {
      const store = folder.store(`${i}`, { members })
      for (const frames of order) store.receive(frames)
      const reader = folder.closing(new SpaceReader(folder.file(`${i}`)))
      expect(paths(reader)).toEqual(what === 'tag' ? ['x.txt'] : [])
      expect(reader.search('tag:red', { limit: 1 }).total).toBe(0)
      return store.stateHash()
    })
    expect(new Set(states).size).toBe(1)
  },
)
