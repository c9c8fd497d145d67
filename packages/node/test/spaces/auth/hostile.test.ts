/**
 * Logs made to be dear to resolve. The suite takes `SHOAL_AUTH_HOSTILE` operations each, 10,000 by default; the figures
 * of 100,000 are in docs/protocol/space-auth.md. Time counts all work on an operation but its signature.
 */
import { expect, test } from 'vitest'
import { isShoalError } from '../../../src/errors.ts'
import type { Action } from '../../../src/spaces/auth/action.ts'
import { MAX_HEADS } from '../../../src/spaces/auth/limits.ts'
import { AuthLog } from '../../../src/spaces/auth/log.ts'
import type { Operation } from '../../../src/spaces/auth/operation.ts'
import type { Device } from '../../helpers/auth.ts'
import { Device as NewDevice, digestOf } from '../../helpers/auth.ts'
import { Space, admit, anna, ben, carol, founder, invite, remove, rename, setRole } from './space.ts'

const COUNT = Number(process.env['SHOAL_AUTH_HOSTILE'] ?? 10_000)
const MOST_MS = COUNT > 10_000 ? 1_000 : 500
const MOST_BYTES = 200_000_000

const base = new Space()
for (const who of [anna, ben, carol]) base.by(founder, admit(who))
const root = base.all.at(-1) as Operation

/** Made without encoding: what is measured is the log. Ids are hashes of a counter. */
function made(author: Device, prev: readonly string[], action: Action): Operation {
  return {
    id: digestOf(`hostile ${serial++}`),
    space: base.id,
    author: author.key,
    prev,
    action,
    byteLength: 300,
  }
}
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

type Shape = (author: (i: number) => Device, action: (i: number) => Action) => Generator<Operation>

const heads: Shape = function* (author, action) {
  for (let i = 0; i < COUNT; i++) yield made(author(i), [root.id], action(i))
}
const chain: Shape = function* (author, action) {
  for (let i = 0, last = root.id; i < COUNT; i++) {
    const next = made(author(i), [last], action(i))
    last = next.id
    yield next
  }
}
const ladder: Shape = function* (author, action) {
  let [left, right] = [root.id, root.id]
  for (let i = 0; i < COUNT; i++) {
    const next = made(author(i), [...new Set([left, right])].toSorted(), action(i))
    ;[left, right] = [right, next.id]
    yield next
  }
}
/** Layers of 64, each operation of which names the whole layer before. */
const layers: Shape = function* (author, action) {
  let before: string[] = [root.id]
  for (let i = 0; i < COUNT;) {
    const prev = before.toSorted()
    before = []
    for (let j = 0; j < MAX_HEADS && i < COUNT; j++, i++) {
      const next = made(author(i), prev, action(i))
      before.push(next.id)
      yield next
    }
  }
}
const forks: Shape = function* (author, action) {
  const last = Array.from({ length: 300 }, () => root.id)
  for (let i = 0; i < COUNT; i++) {
    const next = made(author(i), [at(last, i * 7)], action(i))
    last[(i * 7) % last.length] = next.id
    yield next
  }
}

const inTurn = (i: number): Device => at(managers, i)
const one = (): Device => ben
const WORK: readonly (readonly [string, (i: number) => Device, (i: number) => Action])[] = [
  ['that do nothing', one, (i) => rename(`${i % 9}`)],
  ['of managers that fight', inTurn, war],
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
  (_shape, _what, make, [author, action]) => {
    const operations = [...base.all, ...make(author, action)]
    globalThis.gc?.()
    const before = process.memoryUsage()
    const log = new AuthLog(base.id)
    const start = performance.now()
    let refused = 0
    for (const operation of operations) {
      try {
        log.add(operation)
      } catch (error) {
        if (!isShoalError(error, 'ERR_LIMIT')) throw error
        refused++
      }
    }
    const { members } = log.state
    const ms = performance.now() - start
    const after = process.memoryUsage()
    const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
    console.log(`${_shape} ${_what}: ${ms.toFixed(0)} ms, ${(bytes / 1e6).toFixed(0)} MB, ${refused} refused`)
    expect(members.get(founder.key)?.role).toBe('founder')
    expect(ms).toBeLessThan(MOST_MS)
    expect(bytes).toBeLessThan(MOST_BYTES)
    // However full it is, whoever filled it can be removed.
    log.add(made(founder, log.heads, remove(ben)))
    expect(log.state.members.has(ben.key)).toBe(false)
  },
)

test('a redeemer of every invite at once is one member', () => {
  const link = new NewDevice('link')
  const space = base.with([])
  const invites = Array.from({ length: 40 }, (_, i) =>
    space.by(anna, { ...invite(link, 2), expiresMs: i } as Action, root),
  )
  const joint = space.by(ben, rename('joint'), ...invites)
  for (const it of invites) space.by(carol, link.redeem(space.id, it.id, carol), joint)
  expect(space.state.members.size).toBe(4)
})
