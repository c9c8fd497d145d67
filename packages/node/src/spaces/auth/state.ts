/** What a log says: who is a member with which role, what can still be used, what counts for nothing and why. */
import type { Action, Genesis, Hex, Invite, KeyNotice } from './action.ts'
import { Authority, type Counting } from './authority.ts'
import type { LogFacts, VoidReason } from './facts.ts'
import type { Resolution } from './resolve.ts'
import { FOUNDER, NO_MEMBER, PULL, roleOf, type Level, type Role } from './roles.ts'

export interface Member {
  readonly role: Role
  /** X25519 key to which keys of epochs are sealed. */
  readonly sealing: Hex
}

export interface InviteState extends Omit<Invite, 'type'> {
  readonly by: Hex
  /** 0 when it was revoked too, or its author was removed. Expiry is not looked at. */
  readonly usesLeft: number
}

/** What a valid operation says about keys of epochs. */
export interface KeyNoticeState extends KeyNotice {
  /** Id of the operation. */
  readonly id: Hex
  readonly by: Hex
}

/** What took power from a key. */
export interface Removal {
  readonly id: Hex
  readonly by: Hex
  /** Everything but `keeps` was taken; undefined = everything. */
  readonly keeps: Role | undefined
  /** Heads of the data that still counts. */
  readonly after: readonly Hex[]
}

export interface AuthState {
  readonly name: string
  readonly agreement: number
  readonly members: ReadonlyMap<Hex, Member>
  /** Sealing keys of all that ever were taken in, by their keys. */
  readonly sealings: ReadonlyMap<Hex, Hex>
  /** By id of the operation that made them; those that are void are not among them. */
  readonly invites: ReadonlyMap<Hex, InviteState>
  /** By depth, then by id: an announcement stands before those that follow it, and before what reseals it. */
  readonly notices: readonly KeyNoticeState[]
  /** By key. Who was taken in again stays here. */
  readonly removals: ReadonlyMap<Hex, readonly Removal[]>
  /** Operations that count for nothing, by id. */
  readonly voided: ReadonlyMap<Hex, VoidReason>
  /** Keys that an operation took in which is void, and that are no members. They may have had the key of an epoch. */
  readonly evicted: ReadonlySet<Hex>
  /** Ids of removals that apply although their authors removed each other. */
  readonly mutual: ReadonlySet<Hex>
}

export function stateOf(facts: LogFacts, resolution: Resolution): AuthState {
  const { graph } = facts
  const order = Array.from({ length: graph.size }, (_, operation) => operation)
  order.sort((a, b) => graph.compare(a, b))
  const counted = order.filter((it) => resolution.valid[it] === 1)
  const genesis = graph.action(0) as Genesis
  const authority = new Authority(facts, resolution)
  const free = unopposed(facts, resolution)
  const sealings = sealingsOf(facts, counted)
  const members = membersOf(facts, authority, sealings)
  const voided = new Map<Hex, VoidReason>()
  const evicted = new Set<Hex>()
  const mutual = new Set<Hex>()
  for (const operation of order) {
    if (resolution.valid[operation] === 1) continue
    if (resolution.applied[operation] === 1) {
      mutual.add(graph.id(operation))
      continue
    }
    voided.set(graph.id(operation), reasonOf(facts, resolution, operation, authority, free))
    const key = takenIn(graph.action(operation), graph.author(operation))
    if (key !== undefined && !members.has(key)) evicted.add(key)
  }
  const renames = counted.map((it) => graph.action(it)).filter((it) => it.type === 'rename')
  return {
    name: renames.at(-1)?.name ?? genesis.name,
    agreement: genesis.agreement,
    members,
    sealings,
    invites: invitesOf(facts, authority, counted),
    notices: counted.flatMap((it) => {
      const action = graph.action(it)
      return 'body' in action ? [{ ...action, id: graph.id(it), by: graph.author(it) }] : []
    }),
    removals: removalsOf(facts, resolution),
    voided,
    evicted,
    mutual,
  }
}

function sealingsOf(facts: LogFacts, counted: readonly number[]): Map<Hex, Hex> {
  const sealing = new Map<Hex, Hex>()
  for (const operation of counted) {
    const action = facts.graph.action(operation)
    const key = takenIn(action, facts.graph.author(operation))
    if (key !== undefined && 'sealing' in action) sealing.set(key, action.sealing)
    if (action.type === 'genesis')
      for (const founder of action.founders) sealing.set(founder.key, founder.sealing)
  }
  return sealing
}

function membersOf(facts: LogFacts, authority: Authority, sealings: ReadonlyMap<Hex, Hex>): Map<Hex, Member> {
  const members = new Map<Hex, Member>()
  for (const key of [...facts.keys.keys()].toSorted()) {
    const level = levelOf(authority, key)
    const to = sealings.get(key)
    if (level !== NO_MEMBER && to !== undefined) members.set(key, { role: roleOf(level), sealing: to })
  }
  return members
}

function levelOf(authority: Authority, key: Hex): Level {
  for (let level = FOUNDER; level >= PULL; level--) {
    if (authority.holdsNow(key, level)) return level
  }
  return NO_MEMBER
}

/** The key to which an operation gives a place in the space. */
function takenIn(action: Action, author: Hex): Hex | undefined {
  if (action.type === 'redeem') return author
  return action.type === 'admit' || action.type === 'founder' ? action.member : undefined
}

function invitesOf(facts: LogFacts, authority: Authority, counted: readonly number[]): Map<Hex, InviteState> {
  const used = new Map<number, number>()
  for (const operation of counted) {
    const invite = facts.inviteOf(operation)
    if (invite === undefined || facts.graph.action(operation).type === 'revoke') continue
    used.set(invite, (used.get(invite) ?? 0) + 1)
  }
  const invites = new Map<Hex, InviteState>()
  for (const operation of counted) {
    const action = facts.graph.action(operation)
    if (action.type !== 'invite') continue
    const { type: _, ...invite } = action
    const isOpen = authority.isOpen(operation)
    const usesLeft = isOpen ? Math.max(0, action.uses - (used.get(operation) ?? 0)) : 0
    invites.set(facts.graph.id(operation), { ...invite, by: facts.graph.author(operation), usesLeft })
  }
  return invites
}

function removalsOf(facts: LogFacts, resolution: Resolution): Map<Hex, readonly Removal[]> {
  const { graph } = facts
  const removals = new Map<Hex, readonly Removal[]>()
  for (const key of [...facts.keys.keys()].toSorted()) {
    const found = facts
      .ofKey(key)
      .cuts.filter(({ at }) => resolution.applied[at] === 1)
      .toSorted((a, b) => graph.compare(a.at, b.at))
    if (found.length === 0) continue
    const told = found.map(({ at, keeps }) => ({
      id: graph.id(at),
      by: graph.author(at),
      keeps: keeps === NO_MEMBER ? undefined : roleOf(keeps),
      after: pinned(graph.action(at)),
    }))
    removals.set(key, told)
  }
  return removals
}

/** Heads of the data that an operation which takes power lets count. */
function pinned(action: Action): readonly Hex[] {
  return 'after' in action ? action.after : []
}

function reasonOf(
  facts: LogFacts,
  resolution: Resolution,
  operation: number,
  authority: Authority,
  free: Authority,
): VoidReason {
  const known = facts.fault(operation) ?? resolution.struck.get(operation)
  if (known !== undefined) return known
  const { type } = facts.graph.action(operation)
  const isUse = type !== 'revoke' && facts.inviteOf(operation) !== undefined
  if (isUse && !authority.inviteStands(operation)) return 'no-invite'
  if (type === 'redeem') return 'removed'
  if (authority.isEmpowered(operation)) return 'no-member'
  return free.isEmpowered(operation) ? 'removed' : 'no-power'
}

/** Judges as if nobody had taken power from anybody. */
export function unopposed(facts: LogFacts, { valid, applied }: Counting): Authority {
  return new Authority(facts, { valid, applied: new Uint8Array(applied.length) })
}
