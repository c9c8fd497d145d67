/**
 * The one rule by which power is judged, for operations, for invites, for data and for what a member may do now.
 *
 * A key has a role for an act if some operation that counts gave it that role before the act, and for each operation
 * that counts and took it: either the act was known to who took it, or the role was given in knowledge of that. So
 * what a removed manager does at the same time, or claims to have done, is void; and who is taken in again has power
 * for what comes after, while what was void stays so.
 */
import type { Hex } from './action.ts'
import type { LogFacts } from './facts.ts'
import { END } from './graph.ts'
import { FOUNDER, MANAGE, PULL, type Level } from './roles.ts'

/** Which operations count, as far as is known: one byte for each. */
export interface Counting {
  /** Operations whose gift of power, or other effect, counts. */
  readonly valid: Uint8Array
  /** Operations whose taking of power counts. */
  readonly applied: Uint8Array
}

/** What is judged, seen from the operations that give and take power. */
export interface Act {
  /** Does the operation stand before the act? */
  follows: (grant: number) => boolean
  /** Was the act known to the operation that takes power? */
  isKnownTo: (cut: number) => boolean
}

export class Authority {
  readonly facts: LogFacts

  constructor(facts: LogFacts) {
    this.facts = facts
  }

  /** Has `key` at least the role `need` for `act`? */
  holds(counting: Counting, key: Hex, need: Level, act: Act): boolean {
    const { grants, cuts } = this.facts.ofKey(key)
    let against: number[] | undefined
    for (const { at, keeps } of cuts) {
      if (counting.applied[at] === 1 && need > keeps && !act.isKnownTo(at)) (against ??= []).push(at)
    }
    for (const { at, level } of grants) {
      if (level < need || counting.valid[at] !== 1 || !act.follows(at)) continue
      if (against === undefined || against.every((cut) => this.#stands(at, level, cut))) return true
    }
    return false
  }

  /** Does what `grant` gave stand although `cut` took it? */
  #stands(grant: number, level: Level, cut: number): boolean {
    const { facts } = this
    // The power of a founder is taken by founders, and by itself.
    const action = facts.graph.action(cut)
    if (level === FOUNDER && action.type !== 'leave' && facts.need(cut) !== FOUNDER) return true
    // Who was put out comes back by a manager's decision, not by a link that still works.
    if (facts.graph.action(grant).type === 'redeem' && action.type !== 'leave') return false
    return facts.isBefore(cut, grant)
  }

  /** Would the operation count? What stands before it was judged already. */
  permits(counting: Counting, operation: number): boolean {
    const { facts } = this
    if (facts.fault(operation) !== undefined) return false
    const action = facts.graph.action(operation)
    if (action.type === 'genesis') return true
    const act = this.actOf(operation)
    const isUse = facts.inviteOf(operation) !== undefined && action.type !== 'revoke'
    if (isUse && !this.inviteStands(counting, operation)) return false
    if (action.type === 'redeem') return !this.#wasPutOut(counting, operation)
    if (!this.holds(counting, facts.graph.author(operation), facts.need(operation), act)) return false
    return action.type !== 'role' || this.holds(counting, action.member, PULL, act)
  }

  /** Was the role that this redeems taken from its author, by somebody who did not know of it? */
  #wasPutOut(counting: Counting, redeem: number): boolean {
    const { facts } = this
    const { grants, cuts } = facts.ofKey(facts.graph.author(redeem))
    const level = grants.find((it) => it.at === redeem)?.level ?? PULL
    return cuts.some(
      ({ at, keeps }) =>
        counting.applied[at] === 1 &&
        level > keeps &&
        !facts.isKnownTo(at, redeem) &&
        !this.#stands(redeem, level, at),
    )
  }

  /** Is the invite that `use` names still good for it? */
  inviteStands(counting: Counting, use: number): boolean {
    const { facts } = this
    const invite = facts.inviteOf(use) as number
    if (counting.valid[invite] !== 1) return false
    for (const revocation of facts.revocationsOf(invite)) {
      if (counting.applied[revocation] === 1 && !facts.isKnownTo(revocation, use)) return false
    }
    return this.holds(counting, facts.graph.author(invite), MANAGE, this.inviting(invite, use))
  }

  /** Could somebody use this invite now, if it has uses left? */
  isOpen(counting: Counting, invite: number): boolean {
    const { facts } = this
    if (facts.revocationsOf(invite).some((it) => counting.applied[it] === 1)) return false
    const act = { follows: this.inviting(invite, invite).follows, isKnownTo: () => false }
    return this.holds(counting, facts.graph.author(invite), MANAGE, act)
  }

  /** An invite acts for who made it each time that it is used. */
  inviting(invite: number, use: number): Act {
    return {
      follows: (grant) => this.facts.isBefore(grant, invite),
      isKnownTo: (cut) => this.facts.isKnownTo(cut, use),
    }
  }

  actOf(operation: number): Act {
    if (operation === END) return { follows: () => true, isKnownTo: () => false }
    return {
      follows: (grant) => this.facts.isBefore(grant, operation),
      isKnownTo: (cut) => this.facts.isKnownTo(cut, operation),
    }
  }
}
