/**
 * What of an operation follows from the graph alone, whoever has which power: to whom it gives a role, from whom it
 * takes one, which invite it is about, and what role its author needs.
 */
import type { Action, Hex, Invite } from './action.ts'
import { MarksAfter, MarksBefore } from './bit-table.ts'
import { OperationGraph } from './graph.ts'
import type { Operation } from './operation.ts'
import { PowerRows } from './power-rows.ts'
import { FOUNDER, MANAGE, NO_MEMBER, PULL, levelOf, type Level } from './roles.ts'

/** Why an operation counts for nothing. */
export type VoidReason =
  /** The author never had the role for it, or not any more when it wrote. */
  | 'no-power'
  /** The role was taken from the author by somebody whose operation this one does not stand before. */
  | 'removed'
  /** It is about somebody who is no member. */
  | 'no-member'
  /** The invite is not there, of another kind, void, revoked, or its author was removed. */
  | 'no-invite'
  /** Others used up the invite. */
  | 'invite-used-up'
  /** It would leave the space without a founder. */
  | 'last-founder'

/** What is known of one key. */
export interface KeyFacts {
  /** Operations that give it a role, with that role. */
  readonly grants: { readonly at: number; readonly level: Level }[]
  /** Operations that take from it every role above `keeps`. */
  readonly cuts: { readonly at: number; readonly keeps: Level }[]
}

const NOTHING: KeyFacts = { grants: [], cuts: [] }

export class LogFacts {
  readonly graph = new OperationGraph()
  readonly rows: PowerRows = new PowerRows(this)
  readonly #before = new MarksBefore(this.graph)
  readonly #after = new MarksAfter(this.graph)
  readonly #keys = new Map<Hex, KeyFacts>()
  readonly #needs: Level[] = []
  readonly #faults = new Map<number, VoidReason>()
  /** Invite by each operation that uses or revokes it. */
  readonly #invites = new Map<number, number>()
  /** Revocations by invite. */
  readonly #revocations = new Map<number, number[]>()
  /** Operations that make somebody a founder, by an author who once was one. */
  readonly #namings = new Map<Hex, number[]>()
  readonly #cutting: number[] = []
  readonly #inviting: number[] = []
  readonly #deciding: number[] = []
  readonly #others: number[] = []

  /** Operations that give or take power or invites: those about which the tables answer. */
  get marks(): number {
    return this.#before.marks
  }

  add(operation: Operation): number {
    const number = this.graph.add(operation)
    this.#note(number, operation)
    return number
  }

  /** All keys that were ever given a role. */
  get keys(): ReadonlyMap<Hex, KeyFacts> {
    return this.#keys
  }

  /** Operations that take power away, oldest first. */
  get cutting(): readonly number[] {
    return this.#cutting
  }

  /** Operations that give or take power or invites, oldest first: those on which others depend. */
  get deciding(): readonly number[] {
    return this.#deciding
  }

  /** All others, on which nothing depends. */
  get others(): readonly number[] {
    return this.#others
  }

  /** Operations that make an invite, oldest first. */
  get inviting(): readonly number[] {
    return this.#inviting
  }

  ofKey(key: Hex): KeyFacts {
    return this.#keys.get(key) ?? NOTHING
  }

  /** Role that the author needs; `NO_MEMBER` = none. */
  need(number: number): Level {
    return this.#needs[number] as Level
  }

  fault(number: number): VoidReason | undefined {
    return this.#faults.get(number)
  }

  inviteOf(number: number): number | undefined {
    return this.#invites.get(number)
  }

  revocationsOf(invite: number): readonly number[] {
    return this.#revocations.get(invite) ?? []
  }

  /** Does `marked`, which gives or takes power or invites, stand before `operation` or is it the same? */
  isBefore(marked: number, operation: number): boolean {
    return this.#before.has(marked, operation)
  }

  /** Does `operation` stand before `cut`, which takes power, or is it the same? */
  isKnownTo(cut: number, operation: number): boolean {
    return this.#after.has(operation, cut)
  }

  #note(number: number, { author, action }: Operation): void {
    // Before anything is asked: an answer speaks of all marks up to the operation that it is about.
    if (isMark(action)) {
      this.#before.mark(number)
      this.#deciding.push(number)
    } else this.#others.push(number)
    if (takesPower(action)) {
      this.#after.mark(number)
      this.#cutting.push(number)
    }
    let need: Level = MANAGE
    switch (action.type) {
      case 'genesis':
        need = NO_MEMBER
        for (const { key } of action.founders) {
          this.#factsOf(key).grants.push({ at: number, level: FOUNDER })
          this.#namings.set(key, [number])
        }
        break
      case 'admit':
        this.#grant(number, action.member, levelOf(action.role))
        if (action.invite !== undefined) this.#use(number, action.invite, (it) => it.mode === 'approval')
        break
      case 'redeem':
        need = NO_MEMBER
        this.#use(number, action.invite, (it) => it.mode === 'instant' && it.key === action.key)
        this.#grant(number, author, this.#redeemedLevel(number))
        break
      case 'founder':
        need = FOUNDER
        if (this.#wasFounder(author, number)) pushTo(this.#namings, action.member, number)
        this.#grant(number, action.member, FOUNDER)
        break
      case 'role':
        need = this.#needAbout(number, action.member)
        this.#cut(number, action.member, levelOf(action.role))
        this.#factsOf(action.member).grants.push({ at: number, level: levelOf(action.role) })
        break
      case 'remove':
        need = this.#needAbout(number, action.member)
        this.#cut(number, action.member, NO_MEMBER)
        break
      case 'leave':
        need = PULL
        this.#cut(number, author, NO_MEMBER)
        break
      case 'invite':
        this.#inviting.push(number)
        break
      case 'revoke':
        this.#revoke(number, action.invite)
        break
      case 'epoch':
      case 'reseal':
      case 'rename':
        break
    }
    this.#needs.push(need)
  }

  #factsOf(key: Hex): KeyFacts {
    let facts = this.#keys.get(key)
    if (facts === undefined) this.#keys.set(key, (facts = { grants: [], cuts: [] }))
    return facts
  }

  #grant(number: number, key: Hex, level: Level): void {
    this.#factsOf(key).grants.push({ at: number, level })
  }

  #cut(number: number, key: Hex, keeps: Level): void {
    this.#factsOf(key).cuts.push({ at: number, keeps })
  }

  /** What an author must be to take a role from `member`: who is or was a founder answers to founders only. */
  #needAbout(number: number, member: Hex): Level {
    const isKnown = this.ofKey(member).grants.some((it) => this.isBefore(it.at, number))
    if (!isKnown) this.#faults.set(number, 'no-member')
    return this.#wasFounder(member, number) ? FOUNDER : MANAGE
  }

  #wasFounder(key: Hex, number: number): boolean {
    return (this.#namings.get(key) ?? []).some((naming) => this.isBefore(naming, number))
  }

  #use(number: number, invite: Hex, isFit: (invite: Invite) => boolean): void {
    const at = this.#inviteBefore(number, invite)
    if (at === undefined || !isFit(this.graph.action(at) as Invite)) this.#faults.set(number, 'no-invite')
    else this.#invites.set(number, at)
  }

  #redeemedLevel(number: number): Level {
    const invite = this.#invites.get(number)
    return invite === undefined ? NO_MEMBER : levelOf((this.graph.action(invite) as Invite).role)
  }

  #revoke(number: number, invite: Hex): void {
    const at = this.#inviteBefore(number, invite)
    if (at === undefined) this.#faults.set(number, 'no-invite')
    else pushTo(this.#revocations, at, number)
  }

  #inviteBefore(number: number, id: Hex): number | undefined {
    const at = this.graph.numberOf(id)
    if (at === undefined || this.graph.action(at).type !== 'invite') return undefined
    return this.isBefore(at, number) ? at : undefined
  }
}

/** Does it take power or an invite away? */
export function takesPower(action: Action): boolean {
  return 'after' in action || action.type === 'revoke'
}

/** Does it give or take power or an invite, so that others ask what stands before what? */
export function isMark(action: Action): boolean {
  return takesPower(action) || 'sealing' in action || action.type === 'invite' || action.type === 'genesis'
}

function pushTo<K>(lists: Map<K, number[]>, key: K, number: number): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [number])
  else list.push(number)
}
