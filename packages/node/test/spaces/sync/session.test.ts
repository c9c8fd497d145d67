/** Members of a space bring each other to the same, and nobody else learns anything. */
import { expect, test } from 'vitest'
import type { SpaceHost } from '../../../src/spaces/host/space-host.ts'
import { letIn, pathsIn, put, tell } from '../../helpers/space-hosts.ts'
import { bytesOf, localHost, sync, writeMany } from '../../helpers/sync-hosts.ts'

/** More than the batches of one author that may wait. Figures are taken with 20,000. */
const BATCHES = Number(process.env['SHOAL_SYNC_BATCHES'] ?? 1_100)

/** A founder with a space, and members that were let in and know of each other. */
async function group(others: number): Promise<{ space: string; hosts: SpaceHost[] }> {
  const founder = await localHost()
  const { id: space } = await founder.call('found', { name: 'holiday' })
  const hosts = [founder]
  for (let i = 0; i < others; i++) {
    const host = await localHost()
    await letIn(space, founder, host)
    hosts.push(host)
  }
  for (const host of hosts) await tell(space, founder, host)
  return { space, hosts }
}

const keysOf = async (host: SpaceHost, space: string): Promise<string[]> => {
  const { members } = { members: await host.call('members', { space }) }
  return members.map(({ id }) => id).toSorted()
}

async function idOf(host: SpaceHost, space: string): Promise<string> {
  const self = (await host.call('members', { space })).find(({ isSelf }) => isSelf)
  return self?.id as string
}

test('two members that have the same say so in a few hundred bytes each', async () => {
  const { space, hosts } = await group(1)
  const [anna, ben] = hosts as [SpaceHost, SpaceHost]
  await put(anna, space, ['a', 'b'])
  expect(await sync(space, anna, ben)).toMatchObject({ opened: { space }, answered: { space, taken: 1 } })
  for (const isKnown of [true, false]) {
    const { opened, answered, tap } = await sync(space, ben, anna, { isKnown })
    expect(opened).toMatchObject({ space, author: await idOf(anna, space), taken: 0 })
    expect(answered).toMatchObject({ space, author: await idOf(ben, space), taken: 0 })
    expect(bytesOf(tap.left)).toBeLessThan(900)
    expect(bytesOf(tap.right)).toBeLessThan(400)
  }
})

test('after a partition both sides have what both wrote, for little more bytes than that has', async () => {
  const { space, hosts } = await group(1)
  const [anna, ben] = hosts as [SpaceHost, SpaceHost]
  let difference = 0
  for (const [name, host] of [['anna', anna] as const, ['ben', ben] as const]) {
    for (let i = 0; i < 500; i++) {
      const [batch = ''] = await put(host, space, [`${name} ${i}`])
      difference += (await host.call('batchFrame', { space, id: batch }))?.byteLength ?? 0
    }
  }
  const { opened, answered, tap } = await sync(space, anna, ben)
  expect(opened).toMatchObject({ taken: 500 })
  expect(answered).toMatchObject({ taken: 500 })
  const bytes = bytesOf(tap.left) + bytesOf(tap.right)
  expect(bytes).toBeLessThan(1.5 * difference)
  expect(await pathsIn(anna, space)).toHaveLength(1_000)
  expect(await pathsIn(ben, space)).toEqual(await pathsIn(anna, space))
  expect(await anna.call('check', { space })).toMatchObject({ isSound: true, batches: 1_000 })
})

test('who lacks more batches than may wait for others gets all of them, in an order in which none has to', async () => {
  const { space, hosts } = await group(1)
  const [anna, ben] = hosts as [SpaceHost, SpaceHost]
  const names = Array.from({ length: BATCHES }, (_, i) => `${i + 1}`)
  await writeMany(anna, space, BATCHES)
  const { opened, tap } = await sync(space, ben, anna)
  expect(opened).toMatchObject({ taken: BATCHES })
  // Neither keys nor ids: it says that it has none.
  expect(bytesOf(tap.left)).toBeLessThan(1_000 + 20 * Math.ceil(bytesOf(tap.right) / 200_000))
  expect((await pathsIn(ben, space)).toSorted()).toEqual(names.toSorted())
})

test('a device that was let in while the other was away introduces itself, whoever begins', async () => {
  for (const isNewFirst of [true, false]) {
    const { space, hosts } = await group(1)
    const [anna, ben] = hosts as [SpaceHost, SpaceHost]
    const carol = await localHost()
    await letIn(space, anna, carol)
    await put(carol, space, ['of carol'])
    const [left, right] = isNewFirst ? [carol, ben] : [ben, carol]
    const { opened, answered } = await sync(space, left, right)
    expect([opened, answered]).toMatchObject([{ space }, { space }])
    expect(await pathsIn(ben, space)).toEqual(['of carol'])
    expect(await keysOf(ben, space)).toHaveLength(3)
  }
})

test('two members that do not know each other yet find out that they are members', async () => {
  const { space, hosts } = await group(0)
  const [anna] = hosts as [SpaceHost]
  const [ben, carol] = [await localHost(), await localHost()]
  const made = { role: 'write', uses: 2, forMs: 0, instant: true, whereFound: {} } as const
  const { link } = await anna.call('invite', { space, ...made })
  for (const host of [ben, carol]) {
    await tell(space, anna, host)
    await host.call('redeem', { space, link })
  }
  const { opened, answered } = await sync(space, ben, carol)
  expect([opened, answered]).toMatchObject([{ space }, { space }])
  expect(await keysOf(ben, space)).toEqual(await keysOf(carol, space))
  expect(await keysOf(ben, space)).toHaveLength(3)
})

test('a device that has nothing but the id of a space it is in gets all of it', async () => {
  const { space, hosts } = await group(1)
  const [anna] = hosts as [SpaceHost]
  const ben = await localHost()
  await letIn(space, anna, ben)
  await put(anna, space, ['a'])
  expect((await sync(space, ben, anna)).opened).toMatchObject({ taken: 1 })
  expect(await pathsIn(ben, space)).toEqual(['a'])
})

test('a replica gets the auth log and nothing of the catalogue, whoever begins', async () => {
  const { space, hosts } = await group(1)
  const [anna, replica] = hosts as [SpaceHost, SpaceHost]
  await anna.call('setRole', { space, member: await idOf(replica, space), role: 'pull' })
  await put(anna, space, ['secret path'])
  for (const [left, right] of [
    [anna, replica],
    [replica, anna],
  ] as const) {
    const { opened, answered, tap } = await sync(space, left, right)
    expect([opened, answered]).toMatchObject([{ space }, { space }])
    for (const side of [tap.left, tap.right]) expect(Buffer.concat(side).includes('secret path')).toBe(false)
  }
  expect(await pathsIn(replica, space)).toEqual([])
  expect((await replica.call('members', { space })).find(({ isSelf }) => isSelf)?.role).toBe('pull')
})

test('who was removed, and who knows only the id, is told nothing but that the space is known', async () => {
  const { space, hosts } = await group(2)
  const [anna, ben, eve] = hosts as [SpaceHost, SpaceHost, SpaceHost]
  await anna.call('removeMember', { space, member: await idOf(eve, space) })
  await put(anna, space, ['after'])
  await sync(space, anna, ben)
  const removed = await sync(space, eve, anna)
  expect([removed.opened, removed.answered]).toMatchObject([
    { code: 'ERR_NO_PROVIDER' },
    { code: 'ERR_SPACE_ROLE' },
  ])
  expect(bytesOf(removed.tap.right)).toBeLessThanOrEqual(68)
  // Greeted as a stranger it does not even see which space is meant.
  const greeted = await sync(space, anna, eve, { isKnown: false })
  expect([greeted.opened, greeted.answered]).toMatchObject([
    { code: 'ERR_NO_PROVIDER' },
    { code: 'ERR_SPACE_ROLE' },
  ])
  const known = Buffer.from(await idOf(anna, space), 'hex')
  expect(Buffer.concat(greeted.tap.left).includes(known)).toBe(false)
  const outsider = await localHost()
  await tell(space, anna, outsider)
  const outside = await sync(space, outsider, anna)
  expect(outside.opened).toMatchObject({ code: 'ERR_NO_PROVIDER' })
  // What it is told: that the space is known, and to say who let it in.
  expect(bytesOf(outside.tap.right)).toBeLessThanOrEqual(68 + 4)
  expect(Buffer.concat(outside.tap.right).includes(known)).toBe(false)
  const stranger = await localHost()
  const nothing = await sync(space, anna, stranger, { isKnown: true })
  expect(nothing.opened).toMatchObject({ code: 'ERR_NO_PROVIDER' })
  expect(bytesOf(nothing.tap.right)).toBe(0)
  expect(await pathsIn(eve, space)).toEqual([])
})

test('a side that may not meet now says nothing', async () => {
  const { space, hosts } = await group(1)
  const [anna, ben] = hosts as [SpaceHost, SpaceHost]
  const { opened, answered, tap } = await sync(space, anna, ben, { mayMeet: async () => false })
  expect([opened, answered]).toMatchObject([{ code: 'ERR_NO_PROVIDER' }, { code: 'ERR_SPACE_ROLE' }])
  expect(bytesOf(tap.right)).toBe(0)
})
