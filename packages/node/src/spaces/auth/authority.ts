/**
 * The one rule by which power is judged, for operations, for invites, for data and for what a member may do now.
 *
 * A key has a role for an act if some operation that counts gave it that role before the act, and for each operation
 * that counts and took it: either the act was known to who took it, or the role was given in knowledge of that. So
 * what a removed manager does at the same time, or claims to have done, is void; and who is taken in again has power
 * for what comes after, while what was void stays so.
 */
import type { Hex } from './action.ts'
import type { KeyFacts, LogFacts } from './facts.ts'
import { MANAGE, PULL, type Level } from './roles.ts'

/** Which operations count, as far as is known: one byte for each. */
export interface Counting {
  /** Operations whose gift of power, or other effect, counts. */
  readonly valid: Uint8Array
  /** Operations whose taking of power counts. */
  readonly applied: Uint8Array
}

/** What is judged, seen from what gives and takes the power of its key: a bit each, in the order of `KeyFacts`. */
export interface Act {
  /** Which grants stand before it. */
  readonly follows: Uint32Array
  /** To which cuts it was known. */
  readonly known: Uint32Array
}

const NONE = new Uint32Array(0)

/** Judges by one `counting`, of which `applied` stays as it is and `valid` is filled in order. */
export class Authority {
  readonly #facts: LogFacts
  readonly #counting: Counting
  /** By key, for each level the cuts that apply to it. */
  readonly #against = new Map<Hex, (Uint32Array | undefined)[]>()

  constructor(facts: LogFacts, counting: Counting) {
    this.#facts = facts
    this.#counting = counting
  }

  /** Has `key` at least the role `need` for `act`? */
  holds(key: Hex, need: Level, act: Act): boolean {
    const { grants, cuts } = this.#facts.ofKey(key)
    const against = cuts.length === 0 ? NONE : this.#cutsAgainst(key, need)
    for (let i = 0; i < grants.length; i++) {
      const grant = grants[i] as KeyFacts['grants'][number]
      if (grant.level < need || this.#counting.valid[grant.at] !== 1 || !bitOf(act.follows, i)) continue
      if (against.length === 0 || isCovered(against, act.known, this.#facts.rows.stands(key, grant)))
        return true
    }
    return false
  }

  /** Has `key` the role when it acts by `act`, given what stands before `within`? */
  #holdsAt(key: Hex, need: Level, within: number, act: number): boolean {
    const { cuts } = this.#facts.ofKey(key)
    const known = cuts.length === 0 ? NONE : this.#facts.rows.known(key, act)
    return this.holds(key, need, { follows: this.#facts.rows.follows(key, within), known })
  }

  /** Has `key` the role after everything? */
  holdsNow(key: Hex, need: Level): boolean {
    const follows = new Uint32Array((this.#facts.ofKey(key).grants.length + 31) >> 5).fill(0xffffffff)
    return this.holds(key, need, { follows, known: NONE })
  }

  /** Has the author the role that the operation needs? */
  isEmpowered(operation: number): boolean {
    const facts = this.#facts
    return this.#holdsAt(facts.graph.author(operation), facts.need(operation), operation, operation)
  }

  /** Would the operation count? What stands before it was judged already. */
  permits(operation: number): boolean {
    const facts = this.#facts
    if (facts.fault(operation) !== undefined) return false
    const action = facts.graph.action(operation)
    if (action.type === 'genesis') return true
    const isUse = facts.inviteOf(operation) !== undefined && action.type !== 'revoke'
    if (isUse && !this.inviteStands(operation)) return false
    if (action.type === 'redeem') return !this.#wasPutOut(operation)
    if (!this.isEmpowered(operation)) return false
    return action.type !== 'role' || this.#holdsAt(action.member, PULL, operation, operation)
  }

  /** Is the invite that `use` names still good for it? It acts for who made it each time that it is used. */
  inviteStands(use: number): boolean {
    const facts = this.#facts
    const invite = facts.inviteOf(use) as number
    if (this.#counting.valid[invite] !== 1) return false
    for (const revocation of facts.revocationsOf(invite)) {
      if (this.#counting.applied[revocation] === 1 && !facts.isKnownTo(revocation, use)) return false
    }
    return this.#holdsAt(facts.graph.author(invite), MANAGE, invite, use)
  }

  /** Could somebody use this invite now, if it has uses left? */
  isOpen(invite: number): boolean {
    const facts = this.#facts
    if (facts.revocationsOf(invite).some((it) => this.#counting.applied[it] === 1)) return false
    const author = facts.graph.author(invite)
    return this.holds(author, MANAGE, { follows: this.#facts.rows.follows(author, invite), known: NONE })
  }

  /** Was the role that this redeems taken from its author, by somebody who did not know of it? */
  #wasPutOut(redeem: number): boolean {
    const author = this.#facts.graph.author(redeem)
    const { grants, cuts } = this.#facts.ofKey(author)
    const grant = grants.find((it) => it.at === redeem)
    if (cuts.length === 0 || grant === undefined) return false
    const against = this.#cutsAgainst(author, grant.level)
    return !isCovered(against, this.#facts.rows.known(author, redeem), this.#facts.rows.stands(author, grant))
  }

  #cutsAgainst(key: Hex, need: Level): Uint32Array {
    let levels = this.#against.get(key)
    if (levels === undefined) this.#against.set(key, (levels = []))
    return (levels[need] ??= this.#appliedCuts(key, need))
  }

  #appliedCuts(key: Hex, need: Level): Uint32Array {
    const { cuts } = this.#facts.ofKey(key)
    const words = new Uint32Array((cuts.length + 31) >> 5)
    for (const [i, { at, keeps }] of cuts.entries()) {
      if (this.#counting.applied[at] === 1 && need > keeps)
        words[i >> 5] = (words[i >> 5] as number) | (1 << (i & 31))
    }
    return words
  }
}

function bitOf(words: Uint32Array, i: number): boolean {
  return (((words[i >> 5] ?? 0) >>> (i & 31)) & 1) === 1
}

/** Is every bit of `bits` in one of the others? */
function isCovered(bits: Uint32Array, one: Uint32Array, other: Uint32Array): boolean {
  for (let i = 0; i < bits.length; i++) {
    if (((bits[i] as number) & ~((one[i] ?? 0) | (other[i] ?? 0))) !== 0) return false
  }
  return true
}
