import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { decodeBatch, encodeBatch } from '../../../src/spaces/catalogue/batch.ts'
import type { Operation } from '../../../src/spaces/catalogue/operations.ts'
import { AUTHOR_QUOTA, ORPHAN_LIMITS, VOID_LIMITS } from '../../../src/spaces/storage/limits.ts'
import { SpaceReader } from '../../../src/spaces/storage/space-reader.ts'
import type { Author } from '../../../src/spaces/storage/space-store.ts'
import { author, content, digest, Folder, hex, SPACE } from '../../helpers/catalogue.ts'

const alice = author('alice')
const bob = author('bob')
const members = [alice, bob]

function put(path: string): Operation {
  return { kind: 'put', path, content: content(path) }
}

interface Link {
  readonly frame: Uint8Array
  readonly id: Uint8Array
  readonly lamport: number
}

function batch(who: Author, parents: readonly Link[], ...operations: Operation[]): Link {
  const lamport = 1 + Math.max(0, ...parents.map((parent) => parent.lamport))
  const ids = parents.map(({ id }) => id).toSorted((a, b) => Buffer.compare(a, b))
  const fields = { space: SPACE, author: who.key, lamport, parents: ids, authHeads: [], operations }
  const frame = encodeBatch(fields, who.sign)
  return { frame, id: decodeBatch(frame).id, lamport }
}

/** Batches of one author, each after the one before. */
function chain(who: Author, length: number): Link[] {
  const links: Link[] = []
  for (let i = 0; i < length; i++)
    links.push(batch(who, links.slice(-1), put(`${hex(who.key).slice(0, 4)} ${i}`)))
  return links
}

function frames(links: readonly Link[]): Uint8Array[] {
  return links.map(({ frame }) => frame)
}

test.each([
  ['batches', { ...AUTHOR_QUOTA, batches: 3 }],
  ['entries', { ...AUTHOR_QUOTA, entries: 3 }],
  ['bytes', { ...AUTHOR_QUOTA, bytes: 3 * (chain(alice, 3)[2] as Link).frame.length + 20 }],
])('what an author has too much of in %s does not count, on whatever replica it came first', (_, quota) => {
  using folder = new Folder()
  const links = chain(alice, 8)
  const a = folder.store('a', { members, limits: { quota } })
  const b = folder.store('b', { members, limits: { quota } })
  a.receive(frames(links))
  for (const frame of frames(links).toReversed()) b.receive([frame])
  expect(links.map(({ id }) => a.counts(id))).toEqual([true, true, true, false, false, false, false, false])
  expect(a.stateHash()).toBe(b.stateHash())
  expect(() => a.write(alice, [put('more')], [])).toThrow(expect.objectContaining({ code: 'ERR_QUOTA' }))
  expect(a.receive([batch(bob, [], put('of bob')).frame])).toMatchObject([{ counts: true }])
})

test('of two branches of one author the same part counts everywhere, and little of the rest is kept', () => {
  using folder = new Folder()
  const limits = { quota: { ...AUTHOR_QUOTA, batches: 4 }, voids: { ...VOID_LIMITS, batchesPerAuthor: 3 } }
  const root = batch(alice, [], put('root'))
  const branches = Array.from({ length: 10 }, (_, i) => batch(alice, [root], put(`branch ${i}`)))
  const stores = ['a', 'b', 'c'].map((name) => folder.store(name, { members, limits }))
  for (const [i, store] of stores.entries()) {
    const order = [...branches.slice(i * 3), ...branches.slice(0, i * 3)]
    for (let round = 0; round < 3; round++) store.receive(frames([root, ...order]))
  }
  expect(new Set(stores.map((store) => store.stateHash())).size).toBe(1)
  for (const store of stores) {
    const held = branches.filter(({ id }) => store.counts(id) !== undefined)
    expect(held.filter(({ id }) => store.counts(id) === true)).toHaveLength(3)
    expect(held.length).toBeLessThanOrEqual(3 + limits.voids.batchesPerAuthor)
  }
})

test('strangers fill little, and what somebody needs of one who was removed is kept all the same', () => {
  using folder = new Folder()
  const limits = { voids: { ...VOID_LIMITS, batches: 5, batchesPerAuthor: 2 } }
  const store = folder.store('a', { members, limits })
  for (let i = 0; i < 20; i++) {
    const stranger = author(`stranger ${i}`)
    store.receive(frames(chain(stranger, 3)))
  }
  const held = store.receive(frames(chain(author('one more'), 1)))
  expect(held).toMatchObject([{ state: 'refused', isFalse: false }])
  const database = folder.closing(new DatabaseSync(folder.file('a')))
  expect(database.prepare('SELECT count(*) AS authors FROM author').get()?.['authors']).toBeLessThanOrEqual(5)
  expect(database.prepare('SELECT count(*) AS batches FROM batch').get()?.['batches']).toBeLessThanOrEqual(5)
  const links = chain(author('once a member'), 4)
  const after = batch(bob, links.slice(-1), put('after them'))
  expect(store.receive([after.frame])).toMatchObject([{ state: 'waiting' }])
  store.receive(frames(links).toReversed())
  expect(store.counts(after.id)).toBe(true)
})

test('what waits is bounded for each author and for all, and who has most gives way', () => {
  using folder = new Folder()
  const orphans = { ...ORPHAN_LIMITS, batchesPerAuthor: 4, batches: 6 }
  const store = folder.store('a', { members, limits: { orphans } })
  const many = chain(alice, 10)
  const outcomes = store.receive(frames(many.slice(1)))
  expect(outcomes.filter(({ state }) => state === 'waiting')).toHaveLength(4)
  expect(outcomes.at(-1)).toMatchObject({ state: 'refused', isFalse: false })
  const few = chain(bob, 4)
  expect(store.receive(frames(few.slice(1))).map(({ state }) => state)).toEqual([
    'waiting',
    'waiting',
    'waiting',
  ])
  expect(store.waiting().batches).toBe(6)
  store.receive(frames(few.slice(0, 1)))
  expect(few.map(({ id }) => store.counts(id))).toEqual([true, true, true, true])
})

test('a batch whose lamport is not one more than that of its parents is refused for good', () => {
  using folder = new Folder()
  const store = folder.store('a', { members })
  const root = batch(alice, [], put('root'))
  store.receive([root.frame])
  const far = batch(alice, [{ ...root, lamport: 2_999 }], put('far'))
  const late = batch(alice, [{ ...root, lamport: 0 }], put('late'))
  expect(store.receive([far.frame, late.frame])).toMatchObject([
    { state: 'refused', isFalse: true },
    { state: 'refused', isFalse: true },
  ])
})

test('a foreign signature, another space and garbage are refused, and leave nothing', () => {
  using folder = new Folder()
  const store = folder.store('a', { members })
  const good = batch(alice, [], put('x')).frame
  const fields = { ...decodeBatch(good), author: bob.key }
  const foreign = encodeBatch(fields, alice.sign)
  const elsewhere = encodeBatch({ ...decodeBatch(good), space: digest('another') }, alice.sign)
  for (const frame of [foreign, elsewhere, new Uint8Array(70_000), new Uint8Array(100)]) {
    expect(store.receive([frame])).toMatchObject([{ state: 'refused', isFalse: true }])
  }
  expect(store.check()).toMatchObject({ isSame: true, batches: 0 })
})

test('thousands of heads cost the next batch 64 parents, and it is taken everywhere', () => {
  using folder = new Folder()
  const store = folder.store('a', { members })
  const wide = Array.from({ length: 2_000 }, (_, i) => batch(alice, [], put(`p ${i}`)))
  store.receive(frames(wide))
  const { parents, lamport } = decodeBatch(store.write(bob, [put('after')], []))
  expect(parents).toHaveLength(64)
  expect(lamport).toBe(2)
})

test('hundreds of contents at one path are all shown, each under a path of its own', () => {
  using folder = new Folder()
  const store = folder.store('a', { members })
  const same = Array.from({ length: 500 }, (_, i) =>
    batch(i % 2 === 0 ? alice : bob, [], { kind: 'put', path: 'x.txt', content: content(`${i}`) }),
  )
  store.receive(frames(same))
  const reader = folder.closing(new SpaceReader(folder.file('a')))
  const { entries } = reader.search('', { limit: 1_000 })
  expect(new Set(entries.map(({ path }) => path)).size).toBe(500)
  expect(store.check().isSame).toBe(true)
})
