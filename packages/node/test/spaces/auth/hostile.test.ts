/**
 * Logs made to be dear to resolve. The suite takes `SHOAL_AUTH_HOSTILE` operations each, 10,000 by default; the figures
 * of 100,000 are in docs/protocol/space-auth.md. Time is that of the
 * processor for all work on the operations but their signatures.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { isShoalError } from '../../../src/errors.ts'
import type { Action } from '../../../src/spaces/auth/action.ts'
import { MAX_HEADS } from '../../../src/spaces/auth/limits.ts'
import type { AuthLog } from '../../../src/spaces/auth/log.ts'
import type { Operation } from '../../../src/spaces/auth/operation.ts'
import { Device } from '../../helpers/auth.ts'
import { Space, admit, anna, ben, carol, founder, invite, remove, rename, setRole } from './space.ts'

const COUNT = Number(process.env['SHOAL_AUTH_HOSTILE'] ?? 10_000)
const MOST_MS = 1_000
/** A log that refused so many is full. */
const ENOUGH_REFUSED = 1_000
const MOST_BYTES = 200_000_000

const base = new Space()
for (const who of [anna, ben, carol]) base.by(founder, admit(who))
const root = base.all.at(-1) as Operation

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Processor time of this process: what others do on the machine does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** Is the operation taken, and not refused because the log is full? */
function offer(log: AuthLog, operation: Operation): boolean {
  try {
    return log.add(operation) === 'new'
  } catch (error) {
    if (!isShoalError(error, 'ERR_LIMIT')) throw error
    return false
  }
}

/** Of them all: only how long it is matters, and only while one waits. */
const FRAME = new Uint8Array(300)

/** Made without encoding: what is measured is the log. Ids are in no order, as hashes are. */
function made(author: Device, prev: readonly string[], action: Action): Operation {
  return {
    id: scattered(serial++),
    space: base.id,
    author: author.key,
    prev,
    action,
    frame: FRAME,
  }
}
const scattered = (i: number): string =>
  Math.imul(i + 1, 0x9e3779b1 | 0)
    .toString(16)
    .replace('-', 'f')
    .padEnd(24, '0') + i.toString(16).padStart(40, '0')
let serial = 0

const at = <T>(items: readonly T[], i: number): T =>
  items[((i % items.length) + items.length) % items.length] as T
const managers = [anna, ben, carol]
/** Managers that remove, demote and take in each other in turn. */
const war = (i: number): Action =>
  at(
    [
      remove(at(managers, i + 1)),
      admit(at(managers, i + 2)),
      setRole(at(managers, i + 2), 'read'),
      rename(`${i}`),
    ],
    i >> 2,
  )
const key = (i: number): string => (i + 1).toString(16).padStart(64, '0')
const stranger = (i: number): Action => ({
  type: 'admit',
  member: key(i),
  role: 'manage',
  sealing: key(i),
  invite: undefined,
})

/** Is told of each operation whether it was taken, and builds on those that were. */
type Shape = (
  author: (i: number) => Device,
  action: (i: number) => Action,
) => Generator<Operation, void, boolean>

const heads: Shape = function* (author, action) {
  for (let i = 0; i < COUNT; i++) yield made(author(i), [root.id], action(i))
}
const chain: Shape = function* (author, action) {
  for (let i = 0, last = root.id; i < COUNT; i++) {
    const next = made(author(i), [last], action(i))
    if (yield next) last = next.id
  }
}
const ladder: Shape = function* (author, action) {
  let [left, right] = [root.id, root.id]
  for (let i = 0; i < COUNT; i++) {
    const next = made(author(i), [...new Set([left, right])].toSorted(), action(i))
    if (yield next) [left, right] = [right, next.id]
  }
}
/** Layers of 64, each operation of which names the whole layer before. */
const layers: Shape = function* (author, action) {
  let before: string[] = [root.id]
  for (let i = 0; i < COUNT;) {
    const prev = before.toSorted()
    const layer: string[] = []
    for (let j = 0; j < MAX_HEADS && i < COUNT; j++, i++) {
      const next = made(author(i), prev, action(i))
      if (yield next) layer.push(next.id)
    }
    if (layer.length > 0) before = layer
  }
}
const forks: Shape = function* (author, action) {
  const last = Array.from({ length: 300 }, () => root.id)
  for (let i = 0; i < COUNT; i++) {
    const next = made(author(i), [at(last, i * 7)], action(i))
    if (yield next) last[(i * 7) % last.length] = next.id
  }
}

const inTurn = (i: number): Device => at(managers, i)
const one = (): Device => ben
const WORK: readonly (readonly [string, (i: number) => Device, (i: number) => Action])[] = [
  ['that do nothing', inTurn, (i) => rename(`${i % 9}`)],
  ['of managers that fight', inTurn, war],
  ['that do nothing after a fight', inTurn, (i) => (i < 60 ? war(i) : rename(`${i % 9}`))],
  ['that take strangers in', one, stranger],
  ['that take each other out', inTurn, (i) => remove(at(managers, i + 1))],
  ['that invite', one, () => invite(anna, 1)],
]
const SHAPES: readonly (readonly [string, Shape])[] = [
  ['heads', heads],
  ['a chain', chain],
  ['a ladder', ladder],
  ['layers', layers],
  ['forks', forks],
]

test.each(
  SHAPES.flatMap(([shape, make]) => WORK.map(([what, ...work]) => [shape, what, make, work] as const)),
)(
  `${COUNT} operations as %s %s are resolved or refused in time and memory`,
  (shape, what, make, [author, action]) => {
    collect()
    const before = process.memoryUsage()
    const log = base.log()
    const writing = make(author, action)
    let refused = 0
    const start = cpuMs()
    for (let next = writing.next(false); next.done !== true;) {
      const isTaken = offer(log, next.value)
      // From then on each costs one comparison and its error, some 10 µs: a twentieth of checking its signature.
      if (!isTaken && ++refused === ENOUGH_REFUSED) break
      next = writing.next(isTaken)
    }
    const { members } = log.state
    const ms = cpuMs() - start
    collect()
    const after = process.memoryUsage()
    const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
    console.log(
      `${shape} ${what}: ${ms.toFixed(0)} ms, ${(bytes / 1e6).toFixed(0)} MB, ${log.facts.graph.size} taken, ${refused} refused`,
    )
    expect(members.get(founder.key)?.role).toBe('founder')
    expect(ms).toBeLessThan(MOST_MS)
    expect(bytes).toBeLessThan(MOST_BYTES)
    // However full it is, whoever filled it can be removed.
    log.add(made(founder, log.heads, remove(ben)))
    expect(log.state.members.has(ben.key)).toBe(false)
  },
)

test('a redeemer of every invite at once is one member', () => {
  const link = new Device('link')
  const space = base.with([])
  const invites = Array.from({ length: 40 }, (_, i) =>
    space.by(anna, { ...invite(link, 2), expiresMs: i } as Action, root),
  )
  const joint = space.by(ben, rename('joint'), ...invites)
  for (const it of invites) space.by(carol, link.redeem(space.id, it.id, carol), joint)
  expect(space.state.members.size).toBe(4)
})
