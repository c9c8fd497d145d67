import { writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { ShoalError } from '../../../src/errors.ts'
import { LOG_LIMITS } from '../../../src/spaces/auth/limits.ts'
import { AuthStore, type AuthStoreInit } from '../../../src/spaces/storage/auth-store.ts'
import { Device, genesisOf } from '../../helpers/auth.ts'
import { Folder } from '../../helpers/catalogue.ts'

const anna = new Device('anna')
const ben = new Device('ben')
const carol = new Device('carol')
const genesis = anna.signed(undefined, [], genesisOf([anna]))
const author = (device: Device): { key: Uint8Array; sign: Device['sign'] } => ({
  key: Buffer.from(device.key, 'hex'),
  sign: device.sign,
})
const admit = (who: Device, role: 'write' | 'manage' = 'write') =>
  ({ type: 'admit', member: who.key, sealing: who.sealing, role, invite: undefined }) as const
const rename = (name: string) => ({ type: 'rename', name }) as const

function open(folder: Folder, name: string, init: Partial<AuthStoreInit> = {}): AuthStore {
  return folder.closing(
    new AuthStore({ file: folder.file(name), space: genesis.id, clock: { now: () => 1_000 }, ...init }),
  )
}

test('what was written and what came is there when it is opened again, and comes to the same', () => {
  using folder = new Folder()
  const [at, off] = [open(folder, 'anna'), open(folder, 'ben')]
  expect(at.receive([genesis.frame])).toEqual(['new'])
  const written = [
    at.write(author(anna), admit(ben, 'manage')),
    at.write(author(ben), admit(carol)),
    at.write(author(ben), { type: 'epoch', body: Uint8Array.of(1, 2, 3) }),
  ]
  const frames = [genesis, ...written].map(({ frame }) => frame)
  expect(off.receive(frames.toReversed())).toEqual(['waiting', 'waiting', 'waiting', 'new'])
  expect(off.receive(frames)).toEqual(['known', 'known', 'known', 'known'])
  const { state } = at.log
  at.close()
  off.close()
  for (const name of ['anna', 'ben']) {
    const again = open(folder, name)
    expect(again.log.state).toEqual(state)
    expect(written.map(({ id }) => again.frame(id))).toEqual(written.map(({ frame }) => frame))
    expect(again.cameAtMs(genesis.id)).toBe(1_000)
  }
})

test('what waits is not kept, and neither is what is refused', () => {
  using folder = new Folder()
  const elsewhere = anna.signed(undefined, [], genesisOf([anna], 'other'))
  const admitted = anna.signed(genesis.id, [genesis.id], admit(ben))
  const later = ben.signed(genesis.id, [admitted.id], rename('later'))
  const stranger = carol.signed(genesis.id, [genesis.id], rename('mine'))
  const store = open(folder, 'space')
  const outcomes = store.receive([
    genesis.frame,
    later.frame,
    stranger.frame,
    elsewhere.frame,
    Buffer.from('x'),
  ])
  expect(outcomes).toEqual([
    'new',
    'waiting',
    { refused: expect.stringContaining('never was a member'), isFalse: true },
    { refused: expect.stringContaining('another space'), isFalse: true },
    { refused: expect.any(String), isFalse: true },
  ])
  store.close()
  const again = open(folder, 'space')
  expect(again.log.heads).toEqual([genesis.id])
  expect(again.log.waiting.operations).toBe(0)
  expect(again.receive([admitted.frame, later.frame])).toEqual(['new', 'new'])
})

test('what would count for nothing is not written', () => {
  using folder = new Folder()
  const store = open(folder, 'space')
  store.receive([genesis.frame])
  store.write(author(anna), admit(ben))
  const before = store.log.heads
  for (const [by, action] of [
    [ben, admit(carol)],
    [carol, rename('mine')],
    [anna, { type: 'remove', member: carol.key, after: [] }],
  ] as const) {
    expect(() => store.write(author(by), action)).toThrow(expect.objectContaining({ code: 'ERR_SPACE_ROLE' }))
    expect(store.log.heads).toEqual(before)
  }
  expect(() => store.write(author(anna), rename(''))).toThrow(
    expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }),
  )
  store.write(author(anna), rename('after all that'))
  expect(store.log.state.name).toBe('after all that')
})

test('a full log refuses, and says so again when it is opened again', () => {
  using folder = new Folder()
  const limits = { ...LOG_LIMITS, operations: 8 }
  const store = open(folder, 'space', { limits })
  store.receive([genesis.frame])
  store.write(author(anna), admit(ben, 'manage'))
  const fill = (at: AuthStore): unknown => {
    try {
      for (let i = 0; i < 20; i++) at.write(author(ben), rename(`${i}`))
      return undefined
    } catch (error) {
      return error instanceof ShoalError ? error.code : error
    }
  }
  expect(fill(store)).toBe('ERR_LIMIT')
  const { state } = store.log
  store.close()
  const again = open(folder, 'space', { limits })
  expect(again.log.state).toEqual(state)
  expect(fill(again)).toBe('ERR_LIMIT')
})

test('another file, another space and damage are told, and change nothing', () => {
  using folder = new Folder()
  const store = open(folder, 'space')
  store.receive([genesis.frame])
  store.close()
  const invalid = expect.objectContaining({ code: 'ERR_HOME_INVALID' })
  expect(() => open(folder, 'space', { space: 'ab'.repeat(32) })).toThrow(invalid)
  writeFileSync(folder.file('text'), 'no database')
  expect(() => open(folder, 'text')).toThrow(invalid)
  const database = new DatabaseSync(folder.file('space'))
  database.prepare('UPDATE operation SET frame = ?').run(genesis.frame.slice(0, -1))
  database.close()
  expect(() => open(folder, 'space')).toThrow(invalid)
})
