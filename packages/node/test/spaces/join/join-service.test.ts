import { expect, test, vi } from 'vitest'
import type { Seams } from '../../../src/util/seams.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { MAX_REQUESTS_PER_INVITE, REQUEST_MS } from '../../../src/spaces/join/limits.ts'
import { Device, device, Lines, type Joining } from '../../helpers/joining.ts'

const over = (message: RegExp) =>
  expect.objectContaining({ code: 'ERR_INVITE_OVER', message: expect.stringMatching(message) })
const nobody = expect.objectContaining({ code: 'ERR_NOT_IN_SPACE' })

interface Two {
  readonly lines: Lines
  readonly anna: Device
  readonly ben: Device
  readonly space: string
}

async function two(seams?: Seams): Promise<Two> {
  const lines = new Lines()
  const anna = await device(lines, 1, seams)
  const { id: space } = await anna.host.call('found', { name: 'Holiday' })
  return { lines, anna, ben: await device(lines, 2), space }
}

/** Waits until somebody asks, and gives the request. */
async function asked(by: Device, space: string, joining: Joining, codes = 1) {
  await vi.waitFor(async () => {
    expect(joining.codes()).toHaveLength(codes)
    const last = (await by.service.requests(space)).at(-1)
    expect(last?.code).toBe(joining.codes().at(-1))
  })
  const request = (await by.service.requests(space)).at(-1)
  if (request === undefined) throw new Error('nobody asks')
  return request
}

test('a device asks, both sides show the same code, and it is in once somebody agrees', async () => {
  const { anna, ben, space } = await two()
  const { id, link } = await anna.invite(space, { role: 'read' })
  const joining = ben.join(link, { name: '  Ben\u2019s laptop\u202e ' })
  const request = await asked(anna, space, joining)
  expect(request).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{16}$/),
    name: 'Ben\u2019s laptop\\u{202e}',
    role: 'read',
    code: expect.stringMatching(/^\d{3} \d{3}$/),
    askedMs: expect.any(Number),
    invite: id,
  })
  expect(anna.requests.get(space)).toEqual([request])
  expect(joining.events.map(({ state, name }) => [state, name])).toEqual([
    ['searching', 'Holiday'],
    ['asking', 'Holiday'],
    ['comparing', 'Holiday'],
  ])
  // Nothing of the space is there before.
  expect(await ben.roleIn(space)).toBeUndefined()
  await Promise.all([
    anna.service.approve(space, request.id),
    anna.service.approve(space, request.id.slice(0, 6)),
  ])
  expect(await joining.done).toEqual({ id: space, name: 'Holiday', isNew: true })
  expect(await ben.roleIn(space)).toBe('read')
  expect(await ben.host.call('members', { space })).toHaveLength(2)
  expect(anna.requests.get(space)).toEqual([])
  await expect(anna.service.approve(space, request.id)).rejects.toThrow(nobody)
  // Once more is fine, also by the link that is used up.
  expect(await ben.join(link).done).toEqual({ id: space, name: 'Holiday', isNew: false })
})

test('who is let in can read what is in the space from then on', async () => {
  const { anna, ben, space } = await two()
  const joining = ben.join((await anna.invite(space)).link)
  await anna.service.approve(space, (await asked(anna, space, joining)).id)
  await joining.done
  const add = { space, root: 'bafyreiacaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcai', tags: [] }
  const file = { path: 'a.txt', inner: '', bytes: 1, type: '', modifiedMs: 0 }
  const key = new Uint8Array(32).fill(3)
  const { batches } = await anna.host.call('add', { ...add, key, files: [file] })
  const frame = await anna.host.call('batchFrame', { space, id: batches[0] as string })
  await ben.host.call('takeBatches', { space, frames: [frame as Uint8Array] })
  expect(await ben.host.call('sources', { space, paths: ['a.txt'] })).toMatchObject([{ key }])
})

test('by an instant invitation a device is in at once, and the others know it', async () => {
  const { anna, ben, space } = await two()
  const { link } = await anna.invite(space, { instant: true })
  const joining = ben.join(link)
  expect(await joining.done).toEqual({ id: space, name: 'Holiday', isNew: true })
  expect(joining.codes()).toEqual([])
  for (const { host } of [anna, ben]) expect(await host.call('members', { space })).toHaveLength(2)
  // With the key of the space.
  expect(await ben.host.call('summary', { space })).toMatchObject({ role: 'write', unwritten: null })
  const file = { path: 'b.txt', inner: '', bytes: 1, type: '', modifiedMs: 0 }
  const root = 'bafyreiacaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcai'
  const key = new Uint8Array(32)
  await expect(ben.host.call('add', { space, root, key, tags: [], files: [file] })).resolves.toBeDefined()
})

test('who is refused is told so, and after three the person is told to end the invitation', async () => {
  const { anna, ben, space } = await two()
  const { id, link } = await anna.invite(space)
  for (const refused of [1, 2, 3]) {
    const joining = ben.join(link)
    const request = await asked(anna, space, joining)
    const isSuspect = refused === 3
    expect(await anna.service.refuse(space, request.id)).toEqual({ refused, isSuspect })
    await expect(joining.done).rejects.toThrow(over(/refused/))
    await expect(anna.service.refuse(space, request.id)).rejects.toThrow(nobody)
  }
  expect(anna.warnings).toEqual([
    { type: 'warning', code: 'WARN_INVITE_SUSPECT', message: expect.stringContaining(id.slice(0, 8)) },
  ])
  expect(await ben.host.call('list', {})).toEqual([])
  await expect(anna.service.requests('ab'.repeat(32))).rejects.toMatchObject({ code: 'ERR_SPACE_UNKNOWN' })
})

test('an invitation that is over says why, and only to who has it', async () => {
  const { anna, ben, space } = await two()
  const revoked = await anna.invite(space)
  await anna.host.call('revokeInvite', { space, id: revoked.id })
  await expect(ben.join(revoked.link).done).rejects.toThrow(over(/used up or revoked/))
  const used = await anna.invite(space, { instant: true })
  await ben.join(used.link).done
  const carol = await device(new Lines(), 3)
  await expect(carol.join(used.link).done).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
})

test('one that expired is not asked by, and one that expired meanwhile is refused', async () => {
  const late = { now: () => Date.now() + 3_600_000, monotonic: () => performance.now() }
  const { anna, ben, lines, space } = await two()
  const { link } = await anna.invite(space, { forMs: 60_000 })
  const tomorrow = await device(lines, 4, { ...systemSeams, clock: late })
  await expect(tomorrow.join(link).done).rejects.toThrow(over(/expired/))
  expect(lines.opened).toEqual([])
  // By the clock of who lets in, whatever the link says.
  const { link: other } = await anna.invite(space)
  const past = await anna.host.call('invite', {
    space,
    role: 'write',
    uses: 1,
    forMs: 1,
    instant: false,
    whereFound: {},
  })
  const spliced = `${past.link.split('.')[0]}.${other.split('.')[1]}`
  await vi.waitFor(async () => expect(await anna.host.call('invitations', { space })).toHaveLength(2))
  await expect(ben.join(spliced).done).rejects.toThrow(over(/expired/))
})

test('a device that knows nothing of the invitation says the same as one that has no such space', async () => {
  const { anna, ben, lines, space } = await two()
  const { link } = await anna.invite(space)
  const stranger = await device(lines, 3)
  const toStranger = await stranger.invite((await stranger.host.call('found', { name: 'Work' })).id)
  const spliced = `${link.split('.')[0]}.${toStranger.link.split('.')[1]}`
  await expect(ben.join(spliced).done).rejects.toThrow(over(/no such invitation/))
  expect(stranger.requests.size).toBe(0)
})

test('by an invitation that was ended meanwhile nobody is let in, and both are told', async () => {
  const { anna, ben, space } = await two()
  const { id, link } = await anna.invite(space)
  const joining = ben.join(link)
  const request = await asked(anna, space, joining)
  await anna.host.call('revokeInvite', { space, id })
  await expect(anna.service.approve(space, request.id)).rejects.toMatchObject({ code: 'ERR_INVITE_OVER' })
  await expect(joining.done).rejects.toMatchObject({ code: 'ERR_INVITE_OVER' })
  expect(await anna.host.call('members', { space })).toHaveLength(1)
})

test('nobody who answers is said after the time that was given, and on abort nothing is left', async () => {
  const { anna, ben, lines, space } = await two()
  const { link } = await anna.invite(space)
  const ends = new AbortController()
  const joining = ben.join(link, { signal: ends.signal })
  await expect(ben.join(link).done).rejects.toMatchObject({ code: 'ERR_LIMIT' })
  await asked(anna, space, joining)
  ends.abort(new Error('enough'))
  await expect(joining.done).rejects.toThrow('enough')
  await vi.waitFor(async () => expect(await anna.service.requests(space)).toEqual([]))
  expect(await ben.host.call('list', {})).toEqual([])
  lines.silence(anna.peerId)
  await expect(ben.join(link).done).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
})

test('when the connection breaks it is asked again, with another code', async () => {
  const { anna, ben, lines, space } = await two()
  const joining = ben.join((await anna.invite(space)).link)
  const first = await asked(anna, space, joining)
  lines.opened[0]?.[0].abort(new Error('broken'))
  const second = await asked(anna, space, joining, 2)
  expect(second.id).not.toBe(first.id)
  expect(new Set(joining.codes()).size).toBe(2)
  await expect(anna.service.approve(space, first.id)).rejects.toThrow(nobody)
  await anna.service.approve(space, second.id)
  await joining.done
})

test('who was let in and did not hear of it gets the log when it asks again', async () => {
  const { anna, ben, lines, space } = await two()
  const joining = ben.join((await anna.invite(space)).link)
  const request = await asked(anna, space, joining)
  const call = anna.host.call.bind(anna.host)
  vi.spyOn(anna.host, 'call').mockImplementation((name, given) => {
    if (name === 'approve') lines.opened[0]?.[0].abort(new Error('broken'))
    return call(name, given)
  })
  await anna.service.approve(space, request.id)
  await joining.done
  expect(lines.opened).toHaveLength(2)
  expect(joining.codes()).toHaveLength(1)
  expect(await ben.roleIn(space)).toBe('write')
})

test('by one invitation a number of devices may wait, and each once', async () => {
  const { anna, lines, space } = await two()
  const { link } = await anna.invite(space, { uses: 100 })
  const ben = await device(lines, 2)
  const joining: Joining[] = []
  for (let number = 0; number < MAX_REQUESTS_PER_INVITE; number++) {
    // One home, and as many devices as it says it is.
    const each = new Device(lines, 10 + number, ben.host, systemSeams)
    joining.push(each.join(link))
  }
  await vi.waitFor(async () =>
    expect(await anna.service.requests(space)).toHaveLength(MAX_REQUESTS_PER_INVITE),
  )
  const late = new Device(lines, 200, ben.host, systemSeams)
  const ends = new AbortController()
  const tooMany = late.join(link, { signal: ends.signal })
  await vi.waitFor(() => expect(tooMany.events.at(-1)?.state).toBe('searching'))
  await vi.waitFor(() => expect(tooMany.events.length).toBeGreaterThan(3))
  expect(await anna.service.requests(space)).toHaveLength(MAX_REQUESTS_PER_INVITE)
  ends.abort()
  // The same device again takes its own place.
  const again = new Device(lines, 10, ben.host, systemSeams).join(link)
  await vi.waitFor(() => expect(again.codes()).toHaveLength(1))
  expect(await anna.service.requests(space)).toHaveLength(MAX_REQUESTS_PER_INVITE)
})

test('a request that nobody decides ends', async () => {
  const days: (() => void)[] = []
  const timers = {
    ...systemSeams.timers,
    set: (callback: () => void, delayMs: number) => {
      if (delayMs === REQUEST_MS) days.push(callback)
      return systemSeams.timers.set(callback, Math.min(delayMs, 60_000))
    },
  }
  const { anna, ben, space } = await two({ ...systemSeams, timers })
  const joining = ben.join((await anna.invite(space)).link)
  await asked(anna, space, joining)
  for (const end of days) end()
  await expect(joining.done).rejects.toThrow(over(/within a day/))
  expect(await anna.service.requests(space)).toEqual([])
})

test('a device that may let nobody in says so', async () => {
  const { anna, ben, lines, space } = await two()
  await ben.join((await anna.invite(space, { instant: true })).link).done
  const { link } = await anna.invite(space)
  const frames = await anna.host.call('authFrames', { space, ids: undefined })
  await ben.host.call('takeAuth', { space, frames })
  const { link: toBen } = await ben.invite((await ben.host.call('found', { name: 'own' })).id)
  const carol = await device(lines, 3)
  const spliced = `${link.split('.')[0]}.${toBen.split('.')[1]}`
  await expect(carol.join(spliced).done).rejects.toThrow(over(/may let nobody in/))
})
