/** Random histories with invites, and wars of founders: every replica comes to the same, and what must hold does. */
import { expect, test } from 'vitest'
import type { Action, Hex } from '../../../src/spaces/auth/action.ts'
import { AuthLog, resolveSet } from '../../../src/spaces/auth/log.ts'
import type { Operation } from '../../../src/spaces/auth/operation.ts'
import { Device } from '../../helpers/auth.ts'
import { seededFloats } from '../../helpers/simulation.ts'
import {
  Space,
  admit,
  anna,
  ben,
  carol,
  dan,
  eve,
  founder,
  invite,
  leave,
  nameFounder,
  remove,
  rename,
  setRole,
  textOf,
} from './space.ts'

const RANDOM = Number(process.env['SHOAL_AUTH_RANDOM'] ?? 400)
const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)

const link = new Device('link')
const joiners = [carol, dan, eve]
type Pick = <T>(items: readonly T[]) => T
type Write = (space: Space, pick: Pick) => readonly [Device, Action]

const invites: Write = (space, pick) => {
  const made = space.all.filter((it) => it.action.type === 'invite')
  const of = pick([...made, space.genesis]).id
  const joiner = pick(joiners)
  const manager = pick([anna, ben, founder])
  return pick([
    [manager, invite(link, pick([1, 2]))],
    [manager, invite(link, 1, 'approval')],
    [joiner, link.redeem(space.id, of, joiner)],
    [joiner, link.redeem(space.id, of, joiner)],
    [joiner, link.redeem(space.id, of, joiner)],
    [manager, admit(joiner, pick(['read', 'manage']), of)],
    [manager, { type: 'revoke', invite: of }],
    [manager, remove(pick([anna, ben, ...joiners]))],
    [joiner, leave],
    [joiner, remove(pick([anna, ben]))],
    [manager, rename('x')],
    [founder, admit(pick([anna, ben]))],
  ] as const)
}

const founders: Write = (_, pick) => {
  const who = pick([founder, anna, ben])
  const other = pick([founder, anna, ben, carol])
  return pick([
    [who, remove(other)],
    [who, remove(other)],
    [who, leave],
    [who, setRole(other, 'write')],
    [who, nameFounder(other)],
    [who, admit(other)],
  ] as const)
}

test.each([
  ['invites', invites, [founder]],
  ['founders against each other', founders, [founder, anna, ben]],
] as const)(
  `${RANDOM} random histories of %s come to the same in every order (seed ${SEED})`,
  (_, write, first) => {
    const float = seededFloats(SEED)
    const below = (limit: number): number => Math.floor(float() * limit)
    const pick: Pick = (items) => items[below(items.length)] as never
    let voided = 0
    for (let run = 0; run < RANDOM; run++) {
      const space = new Space(first)
      space.by(founder, admit(anna))
      space.by(founder, admit(ben))
      for (let i = 5 + below(20); i > 0; i--) {
        const [author, action] = write(space, pick)
        const recent = space.all.slice(-6)
        const operation = space.by(author, action, ...new Set([pick(recent), pick(recent)]))
        const isRepeated = space.all.findIndex((it) => it.id === operation.id) < space.all.length - 1
        if (isRepeated || !isTaken(space)) space.all.pop()
      }
      const state = resolveSet(space.id, space.all)
      voided += state.voided.size
      expect([...state.members.values()].some((it) => it.role === 'founder')).toBe(true)
      for (const key of state.evicted) expect(state.members.has(key)).toBe(false)
      for (const [id, count] of usesOf(space, state.voided))
        expect(count).toBeLessThanOrEqual(allowed(space, id))
      for (let order = 0; order < 4; order++) {
        const shuffled = space.all.map((it) => ({ it, at: float() })).toSorted((a, b) => a.at - b.at)
        const log = new AuthLog(space.id)
        for (const { it } of shuffled)
          if (log.add(it) === 'new' && below(4) === 0) expect(log.state).toBeDefined()
        expect(textOf(log.state)).toBe(textOf(state))
      }
    }
    expect(voided).toBeGreaterThan(RANDOM)
  },
)

/** Valid uses by invite. */
function usesOf(space: Space, voided: ReadonlyMap<Hex, unknown>): Map<Hex, number> {
  const uses = new Map<Hex, number>()
  for (const { id, action } of space.all) {
    if (
      (action.type !== 'redeem' && action.type !== 'admit') ||
      action.invite === undefined ||
      voided.has(id)
    )
      continue
    uses.set(action.invite, (uses.get(action.invite) ?? 0) + 1)
  }
  return uses
}

function allowed(space: Space, id: Hex): number {
  const action = (space.all.find((it) => it.id === id) as Operation).action
  return action.type === 'invite' ? action.uses : 0
}

function isTaken(space: Space): boolean {
  try {
    space.log()
    return true
  } catch {
    return false
  }
}
