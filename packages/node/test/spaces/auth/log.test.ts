import { expect, test } from 'vitest'
import { LOG_LIMITS, MAX_HEADS, type LogLimits } from '../../../src/spaces/auth/limits.ts'
import { AuthLog, resolveSet } from '../../../src/spaces/auth/log.ts'
import { decodeOperation } from '../../../src/spaces/auth/operation.ts'
import { Device, genesisOf } from '../../helpers/auth.ts'
import { Space, admit, anna, ben, carol, founder, invite, remove, rename, setRole, textOf } from './space.ts'

const limit = { code: 'ERR_LIMIT' }
const protocol = { code: 'ERR_PROTOCOL' }

function small(limits: Partial<LogLimits>, space: Space): AuthLog {
  const log = new AuthLog(space.id, { ...LOG_LIMITS, ...limits })
  log.add(space.genesis)
  return log
}

test('operations that come before those that they name wait for them, and are told apart', () => {
  const space = new Space()
  space.by(founder, admit(anna))
  space.by(anna, admit(ben))
  const last = space.by(ben, rename('ours'))
  const log = new AuthLog(space.id)
  expect(() => log.state).toThrow(expect.objectContaining(protocol))
  for (const it of space.all.toReversed()) expect(log.add(it)).toBe(it === space.genesis ? 'new' : 'waiting')
  expect(log.waiting).toEqual({ operations: 0, bytes: 0 })
  expect(log.add(last)).toBe('known')
  expect(log.missing).toEqual([])
  expect(log.heads).toEqual([last.id])
  expect(textOf(log.state)).toBe(textOf(resolveSet(space.id, space.all)))
})

test('what is missing is named, so that it can be asked for', () => {
  const space = new Space()
  const first = space.by(founder, admit(anna))
  const second = space.by(anna, admit(ben))
  space.by(ben, rename('ours'))
  const log = new AuthLog(space.id)
  for (const it of space.all.slice(2)) log.add(it)
  expect(log.missing).toEqual([first.id])
  expect(log.add(second)).toBe('known')
  expect(log.has(second.id)).toBe(false)
})

test('of too many orphans the oldest go, by number and by bytes', () => {
  const space = new Space()
  space.by(founder, admit(anna))
  const waiting = Array.from({ length: 5 }, (_, i) => space.by(anna, rename(`${i}`), space.all[1] as never))
  const size = waiting[0]?.frame.byteLength as number
  for (const limits of [{ orphans: 3 }, { orphanBytes: 3 * size }]) {
    const log = small(limits, space)
    for (const it of waiting) log.add(it)
    expect(log.waiting).toEqual({ operations: 3, bytes: 3 * size })
    log.add(space.all[1] as never)
    expect(waiting.map((it) => log.has(it.id))).toEqual([false, false, true, true, true])
  }
})

test('an operation of another space and one by a stranger are refused', () => {
  const space = new Space()
  const other = new Space([founder], 'other')
  const log = space.log()
  for (const it of [other.genesis, other.by(founder, rename('x'))])
    expect(() => log.add(it)).toThrow(expect.objectContaining(protocol))
  const strange = space.by(anna, rename('x'))
  expect(() => log.add(strange)).toThrow(expect.objectContaining(protocol))
  expect(log.facts.graph.size).toBe(1)
})

test('each bound of a log is kept, and leaves room for founders', () => {
  const link = new Device('link')
  const fill: [Partial<LogLimits>, (space: Space, i: number) => unknown][] = [
    [{ operations: 16 }, (space, i) => space.by(anna, rename(`${i}`))],
    [{ links: 16 }, (space, i) => space.by(anna, rename(`${i}`))],
    [{ depth: 16 }, (space, i) => space.by(anna, rename(`${i}`))],
    [{ members: 16 }, (space, i) => space.by(anna, admit(new Device(`new ${i}`)))],
    [{ invites: 16 }, (space) => space.by(anna, invite(link))],
    [{ perAuthor: 16 }, (space, i) => space.by(anna, rename(`${i}`))],
    [{ noticeBytes: 1_024 }, (space) => space.by(anna, { type: 'reseal', body: new Uint8Array(64) })],
    [{ tableBits: 256 }, (space, i) => space.by(anna, admit(new Device(`new ${i}`)))],
    [{ cutBits: 256 }, (space) => space.by(anna, setRole(ben, 'read'))],
    [{ pairs: 256 }, (space) => space.by(anna, setRole(ben, 'read'))],
  ]
  for (const [limits, write] of fill) {
    const space = new Space()
    space.by(founder, admit(anna))
    space.by(founder, admit(ben, 'write'))
    for (let i = 0; i < 40; i++) write(space, i)
    const log = small(limits, space)
    const add = (): void => space.all.forEach((it) => log.add(it))
    expect(add, Object.keys(limits)[0]).toThrow(expect.objectContaining(limit))
    const last = log.heads[0] as string
    const before = space.all.find((it) => it.id === last) as never
    log.add(space.by(founder, remove(anna), before))
    expect(log.state.members.has(anna.key)).toBe(false)
  }
})

test('of more heads than an operation may name the deepest are named, and the next one names the rest', () => {
  const space = new Space()
  const base = space.by(founder, admit(anna))
  for (let i = 0; i < MAX_HEADS + 6; i++) space.by(anna, rename(`${i}`), base)
  const deeper = space.by(anna, rename('deeper'), space.all.at(-1) as never)
  const log = space.log()
  expect(log.heads).toHaveLength(MAX_HEADS)
  expect(log.heads).toContain(deeper.id)
  expect(log.heads).toEqual(log.heads.toSorted())
})

test('signed operations go through the codec into a log', () => {
  const genesis = founder.signed(undefined, [], genesisOf([founder]))
  const space = genesis.id
  const taken = founder.signed(space, [space], admit(carol, 'write'))
  const log = new AuthLog(space)
  for (const { frame } of [taken, genesis]) log.add(decodeOperation(frame))
  expect(log.state.members.get(carol.key)).toEqual({ role: 'write', sealing: carol.sealing })
})
