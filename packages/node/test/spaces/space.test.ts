/** What members of a space see and open, whoever came, went and was told when. */
import { readdirSync, readlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LOG_LIMITS } from '../../src/spaces/auth/limits.ts'
import type { EntryContent } from '../../src/spaces/catalogue/operations.ts'
import { Space } from '../../src/spaces/space.ts'
import { content, digest, hex } from '../helpers/catalogue.ts'
import { Group, SEED } from '../helpers/group.ts'
import { seededFloats } from '../helpers/simulation.ts'

const SCHEDULES = Number(process.env['SHOAL_SPACE_SCHEDULES'] ?? 20)
const DAY_MS = 86_400_000

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
  expect(() => group.put(carol, 'third')).toThrow(expect.objectContaining({ code: 'ERR_SPACE_ROLE' }))
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

test.skipIf(process.platform !== 'linux')(
  'a space that cannot be brought up with its log when it is opened leaves none of its files open',
  async () => {
    await using group = new Group()
    const anna = await group.found('anna')
    const { folder } = group.init('anna')
    anna.close()
    group.nowMs += 31 * DAY_MS
    const random = {
      bytes: () => {
        throw new Error('no randomness')
      },
    }
    await expect(Space.open({ ...group.init('anna'), random }, anna.id)).rejects.toThrow('no randomness')
    const open = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`)
      } catch {
        return []
      }
    })
    expect(open.filter((path) => path.startsWith(folder))).toEqual([])
    await group.again('anna')
  },
)

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

test('a manager that announces the key of another again makes it no younger', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const ben = await group.join('ben', anna, 'manage')
  const old = group.put(anna, 'old')
  await group.tell()
  group.nowMs += 29 * DAY_MS
  const [notice] = ben.state.notices.filter(({ type }) => type === 'epoch')
  await ben.act({ type: 'epoch', body: notice?.body as Uint8Array })
  await group.tell()
  group.nowMs += DAY_MS
  const again = await group.again('anna')
  expect(hex(group.put(again, 'new').epoch)).not.toBe(hex(old.epoch))
})

/** Whether the present key is here, and with nobody who was put out. */
function canAdd(space: Space): boolean {
  try {
    space.contentOf({ ...content('x'), key: digest('x') })
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_NO_SPACE_KEY' })
    return false
  }
}

test('who only writes adds nothing while somebody who was put out has the key, and may when somebody left', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const ben = await group.join('ben', anna)
  const eve = await group.join('eve', anna)
  await group.tell()
  const known = anna.authIds()
  await eve.act({ type: 'leave', after: [] })
  await ben.takeAuth(eve.authFrames(eve.authIds()))
  expect(ben.state.members.size).toBe(2)
  expect(canAdd(ben)).toBe(true)
  await anna.remove(hex(eve.device.author.publicKey))
  const [removal = '', key = ''] = anna.authIds().filter((id) => !known.includes(id))
  await ben.takeAuth(anna.authFrames([removal]))
  expect(canAdd(ben)).toBe(false)
  await ben.takeAuth(anna.authFrames([key]))
  expect(canAdd(ben)).toBe(true)
})

test('in a space whose log is full what is there is read, and nothing is sealed for who was put out', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  await group.join('ben', anna)
  const eve = await group.join('eve', anna)
  group.put(anna, 'before')
  await group.tell()
  group.limits = { ...LOG_LIMITS, operations: anna.authIds().length + 1 }
  const full = await group.again('anna')
  expect(full.unwritten).toBeUndefined()
  await full.remove(hex(eve.device.author.publicKey))
  const isFull = { code: 'ERR_LIMIT' }
  expect(full.unwritten).toMatchObject(isFull)
  const again = await group.again('anna')
  expect(again.unwritten).toMatchObject(isFull)
  expect(keysOf(again)).toEqual(['before'])
  expect(again.state.members.size).toBe(2)
  expect(canAdd(again)).toBe(false)
  group.limits = LOG_LIMITS
  const freed = await group.again('anna')
  expect(freed.unwritten).toBeUndefined()
  const after = group.put(freed, 'after')
  await group.tell()
  expect(keysOf(group.at('ben')).toSorted()).toEqual(['after', 'before'])
  expect(() => eve.keyOf(after)).toThrow(expect.objectContaining({ code: 'ERR_NO_SPACE_KEY' }))
})

test(`of ${SCHEDULES} random schedules none lets a removed member open what was added in knowledge of that (seed ${SEED})`, async () => {
  for (let schedule = 0; schedule < SCHEDULES; schedule++) {
    const float = seededFloats(SEED + schedule)
    await using group = new Group()
    const anna = await group.found('anna')
    const ben = await group.join('ben', anna, 'manage')
    const eve = await group.join('eve', anna)
    // Who only writes makes no keys.
    const dora = await group.join('dora', anna)
    await group.tell()
    const out = hex(eve.device.author.publicKey)
    const later: EntryContent[] = []
    let isOut = new Set<Space>()
    for (let step = 0; step < 12; step++) {
      const at = float() < 0.5 ? anna : ben
      const by = float() < 0.3 ? dora : at
      const what = float()
      if (what < 0.2) {
        if (at.state.members.has(out)) await at.remove(out)
      } else if (what < 0.7) {
        if (!canAdd(by)) continue
        const entry = group.put(by, `${schedule} ${step}`)
        if (!by.state.members.has(out)) later.push(entry)
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
