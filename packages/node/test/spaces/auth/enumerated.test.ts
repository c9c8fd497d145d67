/** All small histories, each in every order of delivery: see `ALPHABET`. `SHOAL_AUTH_OPS` sets how large, `SHOAL_AUTH_SECONDS` for how long. */
import { expect, test } from 'vitest'
import type { Action } from '../../../src/spaces/auth/action.ts'
import { AuthLog, resolveSet } from '../../../src/spaces/auth/log.ts'
import type { Operation } from '../../../src/spaces/auth/operation.ts'
import { Device } from '../../helpers/auth.ts'
import { seededFloats } from '../../helpers/simulation.ts'
import { Oracle } from './oracle.ts'
import {
  Space,
  admit,
  anna,
  ben,
  carol,
  dan,
  eve,
  founder,
  leave,
  nameFounder,
  remove,
  setRole,
  textOf,
} from './space.ts'

const OPERATIONS = Number(process.env['SHOAL_AUTH_OPS'] ?? 4)
/** Of five operations there are more than an hour can look at: then those that it can, and how many is told. */
const SECONDS = Number(process.env['SHOAL_AUTH_SECONDS'] ?? Infinity)
const RANDOM = Number(process.env['SHOAL_AUTH_RANDOM'] ?? 400)
const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)

/** What four managers, one of them the founder, may do. */
const ALPHABET: readonly (readonly [Device, Action])[] = [
  [anna, remove(ben)],
  [ben, remove(anna)],
  [ben, remove(carol)],
  [carol, setRole(anna, 'read')],
  [anna, admit(dan)],
  [dan, remove(anna)],
  [founder, admit(ben)],
  [founder, remove(carol)],
]

function managed(founders: readonly Device[] = [founder]): Space {
  const space = new Space(founders)
  for (const who of [anna, ben, carol]) space.by(founder, admit(who))
  return space
}

/** Sets of operations that do not stand before each other, as candidates for what an operation names. */
function antichains(
  operations: readonly Operation[],
  before: ReadonlyMap<string, ReadonlySet<string>>,
): Operation[][] {
  let found: Operation[][] = [[]]
  for (const operation of operations) {
    const more = found
      .filter((set) =>
        set.every((it) => !before.get(operation.id)?.has(it.id) && !before.get(it.id)?.has(operation.id)),
      )
      .map((set) => [...set, operation])
    found = [...found, ...more]
  }
  return found.filter((set) => set.length > 0)
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]]
  return items.flatMap((first, i) => permutations(items.toSpliced(i, 1)).map((rest) => [first, ...rest]))
}

const ORDERS = new Map<number, number[][]>()
function ordersOf(count: number): number[][] {
  const known = ORDERS.get(count) ?? permutations(Array.from({ length: count }, (_, i) => i))
  ORDERS.set(count, known)
  return known
}

/** What must hold of any history, beside that all replicas agree. */
function check(space: Space): string {
  const state = resolveSet(space.id, space.all)
  const oracle = new Oracle(space.all)
  const roles = [...state.members].map(([key, { role }]) => [key, role])
  expect(roles).toEqual([...oracle.roles()])
  for (const { id } of space.all) expect(!state.voided.has(id)).toBe(oracle.counts(id))
  expect([...state.members.values()].some((it) => it.role === 'founder')).toBe(true)
  checkRemoved(space)
  return textOf(state)
}

/** Who was removed by an operation that counts is no member, unless taken in by one that knew of it. */
function checkRemoved(space: Space): void {
  const { state, facts } = space.log()
  for (const { id, action } of space.all) {
    if (action.type !== 'remove' || state.voided.has(id)) continue
    const at = facts.graph.numberOf(id) as number
    const isBack = facts.ofKey(action.member).grants.some((it) => facts.isBefore(at, it.at))
    // Who was named founder at the same time stays, whatever a manager does.
    if (!isBack) expect(['founder', undefined]).toContain(state.members.get(action.member)?.role)
  }
}

/** An operation that nothing stands after and that is void changes nothing but what is told of it. */
function checkVoid(space: Space): void {
  const { state } = space
  const named = new Set(space.all.flatMap((it) => it.prev))
  for (const { id } of space.all) {
    if (!state.voided.has(id) || named.has(id)) continue
    const without = resolveSet(
      space.id,
      space.all.filter((it) => it.id !== id),
    )
    expect([...without.members]).toEqual([...state.members])
    expect([...without.removals]).toEqual([...state.removals])
  }
}

// A minute for four operations, and more beside other tests.
const MOST_MS = (Number.isFinite(SECONDS) ? SECONDS + 60 : 600) * 1_000

test(
  `every history of up to ${OPERATIONS} operations comes to the same in every order of delivery`,
  { timeout: MOST_MS },
  () => {
    const base = managed()
    const root = base.all.at(-1) as Operation
    const seen = new Set<string>()
    let orders = 0
    let isCut = false
    const endMs = performance.now() + SECONDS * 1_000
    const visit = (added: readonly Operation[], before: ReadonlyMap<string, ReadonlySet<string>>): void => {
      isCut ||= performance.now() > endMs
      if (isCut) return
      if (added.length > 0) {
        const name = added
          .map((it) => it.id)
          .toSorted()
          .join()
        if (seen.has(name)) return
        seen.add(name)
        const space = base.with(added)
        const expected = check(space)
        checkVoid(space)
        for (const order of ordersOf(added.length)) {
          const log = base.log()
          for (const i of order) log.add(added[i] as Operation)
          orders++
          if (textOf(log.state) !== expected) expect(textOf(log.state)).toBe(expected)
        }
      }
      if (added.length === OPERATIONS) return
      for (const [author, action] of ALPHABET) {
        for (const prev of antichains([root, ...added], before)) {
          const space = base.with(added)
          const operation = space.by(author, action, ...prev)
          if (before.has(operation.id)) continue
          // Whoever was never taken in before is refused at the door.
          const own = new Set([
            operation.id,
            ...prev.flatMap((it) => [...(before.get(it.id) as Set<string>)]),
          ])
          if (author === dan && ![...own].some((id) => isAdmission(added, id))) continue
          visit([...added, operation], new Map([...before, [operation.id, own]]))
        }
      }
    }
    visit([], new Map([[root.id, new Set([root.id])]]))
    console.log(`${seen.size} histories, ${orders} orders of delivery${isCut ? ', then time was up' : ''}`)
    expect(seen.size).toBeGreaterThan(100)
  },
)

function isAdmission(added: readonly Operation[], id: string): boolean {
  const action = added.find((it) => it.id === id)?.action
  return action?.type === 'admit' && action.member === dan.key
}

const fred = new Device('fred')

/** What else there is, among three founders of whom one does nothing, so that one always stays. */
const WIDER: readonly (readonly [Device, Action])[] = [
  ...ALPHABET,
  [eve, remove(founder)],
  [founder, remove(eve)],
  [founder, setRole(eve, 'write')],
  [eve, nameFounder(anna)],
  [anna, remove(eve)],
  [eve, remove(anna)],
  [anna, leave],
  [founder, leave],
  [ben, setRole(carol, 'write')],
  [ben, setRole(carol, 'manage')],
  [carol, admit(anna, 'read')],
  [carol, remove(carol)],
  [dan, setRole(ben, 'pull')],
  [eve, admit(founder)],
]

test.each([
  ['the alphabet', managed, ALPHABET],
  ['a wider one', () => managed([founder, eve, fred]), WIDER],
] as const)(
  `${RANDOM} random histories of %s come to what the rules say (seed ${SEED})`,
  (_, make, alphabet) => {
    const float = seededFloats(SEED)
    const below = (limit: number): number => Math.floor(float() * limit)
    for (let run = 0; run < RANDOM; run++) {
      const space = make()
      const start = space.all.length
      for (let i = 0, count = 4 + below(12); i < count; i++) {
        const [author, action] = alphabet[below(alphabet.length)] as (typeof ALPHABET)[number]
        const recent = space.all.slice(Math.max(start - 1, space.all.length - 5))
        const prev = [recent[below(recent.length)], recent[below(recent.length)]] as Operation[]
        const operation = space.by(author, action, ...new Set(prev))
        const isRepeated = space.all.findIndex((it) => it.id === operation.id) < space.all.length - 1
        if (isRepeated || !isTaken(space)) space.all.pop()
      }
      const expected = check(space)
      checkVoid(space)
      for (let order = 0; order < 5; order++) {
        const shuffled = space.all.map((it) => ({ it, at: float() })).toSorted((a, b) => a.at - b.at)
        const log = new AuthLog(space.id)
        // States are asked for in between, so that nothing kept from before can stand in the way.
        for (const { it } of shuffled)
          if (log.add(it) === 'new' && below(3) === 0) expect(log.state).toBeDefined()
        expect(textOf(log.state)).toBe(expected)
      }
    }
  },
)

function isTaken(space: Space): boolean {
  try {
    space.log()
    return true
  } catch {
    return false
  }
}
