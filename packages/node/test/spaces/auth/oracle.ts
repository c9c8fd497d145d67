/**
 * The rules once more, written for shortness and not for speed: sets of ancestors, three truth values refined until
 * nothing changes, circles by transitive closure. Knows admissions, roles, removals, leaves and founders.
 */
import type { Hex } from '../../../src/spaces/auth/action.ts'
import type { Operation } from '../../../src/spaces/auth/operation.ts'
import { ROLES, type Role } from '../../../src/spaces/auth/roles.ts'

type Truth = 'yes' | 'no' | 'maybe'
const FOUNDER = 4
const level = (role: Role): number => ROLES.indexOf(role)

export class Oracle {
  readonly #operations: readonly Operation[]
  readonly #before = new Map<Hex, Set<Hex>>()
  /** Who makes whom a founder, as the graph alone has it. */
  readonly #counts = new Map<Hex, Truth>()
  readonly #circled = new Set<Hex>()

  /** @param operations each after those that it names */
  constructor(operations: readonly Operation[]) {
    this.#operations = operations
    for (const { id, prev } of operations) {
      this.#before.set(id, new Set([id, ...prev.flatMap((it) => [...(this.#before.get(it) as Set<Hex>)])]))
    }
    for (const { id } of operations) this.#counts.set(id, 'maybe')
    for (;;) {
      this.#refine()
      const disputed = operations.filter((it) => this.#counts.get(it.id) === 'maybe')
      if (disputed.length === 0) break
      for (const id of this.#sources(disputed)) this.#circled.add(id)
    }
  }

  /** Does it count: as said, or as a removal in a circle? */
  counts(id: Hex): boolean {
    return this.#counts.get(id) === 'yes' || this.#circled.has(id)
  }

  roles(): Map<Hex, Role> {
    const keys = new Set(
      this.#operations.flatMap((it) => (grantsOf(it).length > 0 ? grantsOf(it).map(([key]) => key) : [])),
    )
    const roles = new Map<Hex, Role>()
    for (const key of [...keys].toSorted()) {
      for (let at = FOUNDER; at >= 0; at--) {
        if (this.#holds(key, at, undefined) !== 'yes') continue
        roles.set(key, ROLES[at] as Role)
        break
      }
    }
    return roles
  }

  #isBefore(a: Hex, b: Hex | undefined): boolean {
    return b === undefined || (this.#before.get(b) as Set<Hex>).has(a)
  }

  #refine(): void {
    for (let isChanged = true; isChanged;) {
      isChanged = false
      for (const operation of this.#operations) {
        if (this.#counts.get(operation.id) !== 'maybe' || this.#circled.has(operation.id)) continue
        const truth = this.#judge(operation)
        if (truth === 'maybe') continue
        this.#counts.set(operation.id, truth)
        isChanged = true
      }
    }
    // What a removal in a circle gives beside what it takes does not count.
    for (const id of this.#circled) if (this.#counts.get(id) === 'maybe') this.#counts.set(id, 'no')
    const open = this.#operations.filter(
      (it) => this.#counts.get(it.id) === 'maybe' && this.#judge(it) !== 'maybe',
    )
    if (open.length > 0) this.#refine()
  }

  #need({ id, action }: Operation): number {
    if (action.type === 'founder') return FOUNDER
    if (action.type === 'leave') return 0
    if (action.type !== 'role' && action.type !== 'remove') return 3
    return this.#wasFounder(action.member, id) ? FOUNDER : 3
  }

  #wasFounder(key: Hex, at: Hex): boolean {
    return this.#operations.some(
      (it) =>
        grantsOf(it).some(([to, role]) => to === key && role === FOUNDER) &&
        this.#isBefore(it.id, at) &&
        (it.action.type === 'genesis' || this.#wasFounder(it.author, it.id)),
    )
  }

  #judge(operation: Operation): Truth {
    const { id, action, author } = operation
    if (action.type === 'genesis') return 'yes'
    if (action.type === 'role' || action.type === 'remove') {
      const known = this.#operations.some(
        (it) =>
          it.id !== id && this.#isBefore(it.id, id) && grantsOf(it).some(([key]) => key === action.member),
      )
      if (!known && action.type === 'remove') return 'no'
    }
    const own = this.#holds(author, this.#need(operation), id)
    return action.type === 'role' ? least(own, this.#holds(action.member, 0, id)) : own
  }

  #takes(cut: Operation, key: Hex, need: number): Truth {
    const { action } = cut
    const member = action.type === 'leave' ? cut.author : 'member' in action ? action.member : undefined
    if (member !== key) return 'no'
    if (action.type === 'admit' || action.type === 'founder') return 'no'
    if (action.type === 'role' && level(action.role) >= need) return 'no'
    return this.#circled.has(cut.id) ? 'yes' : (this.#counts.get(cut.id) as Truth)
  }

  #holds(key: Hex, need: number, act: Hex | undefined): Truth {
    let best: Truth = 'no'
    for (const grant of this.#operations) {
      if (grant.id === act || !this.#isBefore(grant.id, act)) continue
      const given = grantsOf(grant).filter(([to, role]) => to === key && role >= need)
      for (const [, role] of given) {
        let truth = this.#counts.get(grant.id) as Truth
        for (const cut of this.#operations) {
          const isKnown = act !== undefined && this.#isBefore(act, cut.id)
          const isFounders = cut.action.type === 'leave' || this.#need(cut) === FOUNDER
          if (isKnown || this.#isBefore(cut.id, grant.id) || (role === FOUNDER && !isFounders)) continue
          truth = least(truth, not(this.#takes(cut, key, need)))
        }
        best = most(best, truth)
      }
    }
    return best
  }

  /** Removals in circles that hang on nothing else in dispute: an operation hangs on what changes its verdict. */
  #sources(disputed: readonly Operation[]): Hex[] {
    const reach = new Map<Hex, Set<Hex>>()
    for (const { id } of disputed) reach.set(id, new Set())
    for (const one of disputed) {
      for (const other of disputed)
        if (one !== other && this.#hangsOn(one, other)) reach.get(one.id)?.add(other.id)
    }
    for (const { id: through } of disputed) {
      for (const from of reach.values())
        if (from.has(through)) for (const to of reach.get(through) as Set<Hex>) from.add(to)
    }
    const isSource = (it: Operation): boolean =>
      [...(reach.get(it.id) as Set<Hex>)].every((other) => reach.get(other)?.has(it.id))
    return disputed
      .filter((it) => ['role', 'remove', 'leave'].includes(it.action.type) && isSource(it))
      .map((it) => it.id)
  }

  #hangsOn({ id, author, action, ...rest }: Operation, other: Operation): boolean {
    const asks: [Hex, number][] = [[author, this.#need({ id, author, action, ...rest })]]
    if (action.type === 'role') asks.push([action.member, 0])
    return asks.some(([key, need]) => {
      const grants = this.#operations.filter(
        (it) =>
          it.id !== id &&
          this.#isBefore(it.id, id) &&
          grantsOf(it).some(([to, role]) => to === key && role >= need),
      )
      if (grants.includes(other)) return true
      if (this.#isBefore(id, other.id) || this.#takes(other, key, need) === 'no') return false
      const isFounders = other.action.type === 'leave' || this.#need(other) === FOUNDER
      const isFounder = (it: Operation): boolean =>
        grantsOf(it).some(([to, role]) => to === key && role === FOUNDER)
      return grants.some((it) => !this.#isBefore(other.id, it.id) && (isFounders || !isFounder(it)))
    })
  }
}

/** To whom an operation gives which role. */
function grantsOf({ action }: Operation): [Hex, number][] {
  if (action.type === 'genesis') return action.founders.map((it) => [it.key, FOUNDER])
  if (action.type === 'founder') return [[action.member, FOUNDER]]
  return action.type === 'admit' || action.type === 'role' ? [[action.member, level(action.role)]] : []
}

const ORDER: readonly Truth[] = ['no', 'maybe', 'yes']
const least = (a: Truth, b: Truth): Truth => (ORDER.indexOf(a) < ORDER.indexOf(b) ? a : b)
const most = (a: Truth, b: Truth): Truth => (ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b)
const not = (a: Truth): Truth => (a === 'yes' ? 'no' : a === 'no' ? 'yes' : 'maybe')
