/** A space on several devices that give each other what they wrote, without a network between them. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { GivenRole } from '../../src/spaces/auth/action.ts'
import type { EntryContent } from '../../src/spaces/catalogue/operations.ts'
import { Space, type SpaceInit } from '../../src/spaces/space.ts'
import { Folder, content, digest, hex } from '../helpers/catalogue.ts'
import { seededFloats } from '../helpers/simulation.ts'
import { seededRandom } from '../helpers/space-keys.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)
const SCHEDULES = Number(process.env['SHOAL_SPACE_SCHEDULES'] ?? 20)
const DAY_MS = 86_400_000

/** Devices that know each other; `tell` gives everybody what anybody wrote. */
class Group implements AsyncDisposable {
  readonly random = seededRandom(SEED)
  readonly folder = new Folder(true)
  readonly spaces = new Map<string, Space>()
  readonly frames: Uint8Array[] = []
  nowMs = 1_800_000_000_000

  init(name: string): SpaceInit {
    const folder = join(this.folder.path, name)
    mkdirSync(folder, { recursive: true })
    const secrets = {
      identitySeed: digest(`identity of ${name}`),
      instances: { current: digest(`instance of ${name}`), former: [] },
    }
    return { folder, secrets, random: this.random, clock: { now: () => this.nowMs } }
  }

  async found(name: string): Promise<Space> {
    const init = this.init(name)
    return this.#keep(name, await Space.found(init, 'holiday', () => init.folder))
  }

  async join(name: string, by: Space, role: GivenRole = 'write'): Promise<Space> {
    const space = this.#keep(name, await Space.open(this.init(name), by.id))
    const { author, sealings } = space.device
    const member = { member: hex(author.publicKey), sealing: hex(sealings[0].publicKey) }
    await by.act({ type: 'admit', role, invite: undefined, ...member })
    return space
  }

  async again(name: string): Promise<Space> {
    const { id } = this.at(name)
    this.at(name).close()
    return this.#keep(name, await Space.open(this.init(name), id))
  }

  at(name: string): Space {
    return this.spaces.get(name) as Space
  }

  #keep(name: string, space: Space): Space {
    this.spaces.set(name, space)
    return space
  }

  put(at: Space, path: string): EntryContent {
    const { wrappedKey: _, epoch: __, ...facts } = content(path)
    const entry = at.contentOf({ ...facts, key: digest(`key of ${path}`) })
    this.frames.push(at.write([{ kind: 'put', path, content: entry }]))
    return entry
  }

  /** Until nobody has anything new to say, and each of `names` knows what the others do. */
  async tell(...names: string[]): Promise<void> {
    const all = names.length === 0 ? [...this.spaces.values()] : names.map((name) => this.at(name))
    for (let before = ''; ;) {
      const known = all.map((space) => space.authIds().toSorted().join()).join(' ')
      if (known === before) break
      before = known
      for (const from of all) for (const to of all) await to.takeAuth(from.authFrames(from.authIds()))
    }
    for (const to of all) to.takeBatches(this.frames)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const space of this.spaces.values()) space.close()
    this.folder[Symbol.dispose]()
  }
}

const paths = (space: Space): string[] =>
  space.reader
    .search('', { limit: 100 })
    .entries.map(({ path }) => path)
    .toSorted()
const WRONG = 'it opens to another key'
const keysOf = (space: Space): string[] =>
  space.reader.search('', { limit: 100 }).entries.map(({ path, content: it }) => {
    const key = space.keyOf(it)
    return key && hex(key) === hex(digest(`key of ${path}`)) ? path : WRONG
  })

test('members keep one catalogue and open what is in it, whoever came when', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const ben = await group.join('ben', anna)
  group.put(anna, 'first')
  await group.tell()
  group.put(ben, 'second')
  const carol = await group.join('carol', anna, 'read')
  await group.tell()
  for (const space of [anna, ben, carol]) {
    expect(paths(space)).toEqual(['first', 'second'])
    expect(keysOf(space).toSorted()).toEqual(['first', 'second'])
    expect(space.stateHash()).toBe(anna.stateHash())
    expect(space.check().isSame).toBe(true)
    expect(space.state.members.size).toBe(3)
  }
  expect(() => group.put(carol, 'third')).toThrow(expect.objectContaining({ code: 'ERR_NOT_AUTHORISED' }))
})

test('a replica keeps what it cannot open', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const replica = await group.join('replica', anna, 'pull')
  const entry = group.put(anna, 'secret')
  await group.tell()
  expect(paths(replica)).toEqual(['secret'])
  expect(() => replica.keyOf(entry)).toThrow(expect.objectContaining({ code: 'ERR_NO_SPACE_KEY' }))
  expect(() => replica.contentOf({ ...content('x'), key: digest('x') })).toThrow(
    expect.objectContaining({ code: 'ERR_NO_SPACE_KEY' }),
  )
})

test('who was removed opens what was there, and nothing that was added later', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const ben = await group.join('ben', anna)
  const before = group.put(anna, 'before')
  await group.tell()
  await anna.remove(hex(ben.device.author.publicKey))
  const after = group.put(anna, 'after')
  group.put(ben, 'unseen')
  await group.tell()
  expect(ben.keyOf(before)).toEqual(digest('key of before'))
  expect(() => ben.keyOf(after)).toThrow(expect.objectContaining({ code: 'ERR_NO_SPACE_KEY' }))
  for (const space of [anna, ben]) expect(paths(space)).toEqual(['after', 'before'])
  const carol = await group.join('carol', anna)
  await group.tell()
  expect(keysOf(carol).toSorted()).toEqual(['after', 'before'])
})

test('what is demoted to a replica opens nothing new', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const ben = await group.join('ben', anna)
  await group.tell()
  const member = hex(ben.device.author.publicKey)
  await anna.act({ type: 'role', member, role: 'pull', after: [] })
  const after = group.put(anna, 'after')
  await group.tell()
  expect(() => ben.keyOf(after)).toThrow(expect.objectContaining({ code: 'ERR_NO_SPACE_KEY' }))
})

test('everything is there when it is opened again, and no key is announced twice', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  await group.join('ben', anna)
  group.put(anna, 'first')
  await group.tell()
  const known = group.at('anna').authIds()
  const [first, second] = [await group.again('anna'), await group.again('ben')]
  await group.tell()
  for (const space of [first, second]) {
    expect(keysOf(space)).toEqual(['first'])
    expect(space.authIds().toSorted()).toEqual(known.toSorted())
  }
})

test('a key that is 30 days old is replaced by a manager that knows of it, also after it was opened again', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const old = group.put(anna, 'old')
  const epochs = (): number => group.at('anna').state.notices.filter(({ type }) => type === 'epoch').length
  group.nowMs += 29 * DAY_MS
  await group.again('anna')
  expect(epochs()).toBe(1)
  group.nowMs += DAY_MS
  const again = await group.again('anna')
  expect(epochs()).toBe(2)
  const fresh = group.put(again, 'new')
  expect(hex(fresh.epoch)).not.toBe(hex(old.epoch))
  expect(keysOf(again).toSorted()).toEqual(['new', 'old'])
})

test(`of ${SCHEDULES} random schedules none lets a removed member open what was added in knowledge of that (seed ${SEED})`, async () => {
  for (let schedule = 0; schedule < SCHEDULES; schedule++) {
    const float = seededFloats(SEED + schedule)
    await using group = new Group()
    const anna = await group.found('anna')
    const ben = await group.join('ben', anna, 'manage')
    const eve = await group.join('eve', anna)
    await group.tell()
    const out = hex(eve.device.author.publicKey)
    const later: EntryContent[] = []
    let isOut = new Set<Space>()
    for (let step = 0; step < 12; step++) {
      const at = float() < 0.5 ? anna : ben
      const what = float()
      if (what < 0.2) {
        if (at.state.members.has(out)) await at.remove(out)
      } else if (what < 0.7) {
        const entry = group.put(at, `${schedule} ${step}`)
        if (!at.state.members.has(out)) later.push(entry)
      } else if (what < 0.8) await group.tell('anna', 'ben')
      else await group.tell()
      isOut = new Set([anna, ben].filter((space) => !space.state.members.has(out)))
    }
    if (isOut.size > 0) {
      await group.tell()
      group.put(anna, `${schedule} end`)
      later.push((anna.reader.at(`${schedule} end`) as { content: EntryContent }).content)
    }
    await group.tell()
    for (const entry of later) {
      expect(() => eve.keyOf(entry), `schedule ${schedule}`).toThrow(
        expect.objectContaining({ code: 'ERR_NO_SPACE_KEY' }),
      )
    }
    expect(ben.stateHash(), `schedule ${schedule}`).toBe(anna.stateHash())
    expect(keysOf(ben), `schedule ${schedule}`).not.toContain(WRONG)
  }
})
