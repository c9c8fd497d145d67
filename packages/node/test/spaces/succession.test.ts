/** A home that was brought back from an export has its place in a space again, where its former key can give it. */
import { expect, test } from 'vitest'
import type { GivenRole } from '../../src/spaces/auth/action.ts'
import type { Space } from '../../src/spaces/space.ts'
import { digest, hex } from '../helpers/catalogue.ts'
import { Group } from '../helpers/group.ts'

const keyOf = (space: Space): string => hex(space.device.author.publicKey)
const roleOf = (space: Space): string | undefined => space.state.members.get(keyOf(space))?.role

test('the only founder comes back as a founder, opens what was there, and writes', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const ben = await group.join('ben', anna)
  const before = group.put(anna, 'before')
  await group.tell()
  const old = keyOf(anna)
  const again = await group.bringBack('anna', ben)
  expect(keyOf(again)).not.toBe(old)
  await group.tell()
  expect(roleOf(again)).toBe('founder')
  expect(again.keyOf(before)).toEqual(digest('key of before'))
  const after = group.put(again, 'after')
  await group.tell()
  expect(ben.keyOf(after)).toEqual(digest('key of after'))
  // What an export stands in for is put out where it was lost.
  await again.remove(old)
  await group.tell()
  expect([...ben.state.members.keys()].toSorted()).toEqual([keyOf(again), keyOf(ben)].toSorted())
})

test.each(['manage', 'write', 'read', 'pull'] as const)('who may %s', async (role: GivenRole) => {
  await using group = new Group()
  const anna = await group.found('anna')
  await group.join('ben', anna, role)
  await group.tell()
  const again = await group.bringBack('ben', anna)
  await group.tell()
  expect(roleOf(again)).toBe(role === 'manage' ? 'manage' : undefined)
  expect(anna.state.members.size).toBe(role === 'manage' ? 3 : 2)
  const known = again.authIds().length
  await group.again('anna')
  await group.tell()
  expect(again.authIds()).toHaveLength(known)
})

test('who was put out after it came back stays out, though its former key is still in', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  await group.join('ben', anna, 'manage')
  await group.tell()
  const again = await group.bringBack('ben', anna)
  await group.tell()
  await anna.remove(keyOf(again))
  await group.tell()
  expect(roleOf(again)).toBeUndefined()
  expect(anna.state.members.size).toBe(2)
})

test('what was brought back twice comes back by whichever former key still counts', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const ben = await group.join('ben', anna)
  await group.tell()
  // Of the first time the space never hears.
  await group.bringBack('anna', ben)
  const again = await group.bringBack('anna', ben)
  await group.tell()
  expect(roleOf(again)).toBe('founder')
})

test('a disk that is put back writes beside what it forgot, and gets that again', async () => {
  await using group = new Group()
  const anna = await group.found('anna')
  const ben = await group.join('ben', anna, 'manage')
  await group.tell()
  const back = await group.rollBack('ben', async () => {
    group.put(group.at('ben'), 'forgotten')
    await group.join('carol', group.at('ben'))
    await group.tell()
  })
  expect(back.state.members.size).toBe(2)
  group.put(back, 'after')
  await back.act({ type: 'rename', name: 'trip' })
  await group.tell()
  expect(keyOf(back)).toBe(keyOf(ben))
  for (const space of [anna, back, group.at('carol')]) {
    expect(space.stateHash()).toBe(anna.stateHash())
    expect(space.state.members.size).toBe(3)
    expect(space.state.name).toBe('trip')
    const { entries } = space.reader.search('', { limit: 10 })
    expect(entries.map(({ path }) => path).toSorted()).toEqual(['after', 'forgotten'])
  }
})
