/**
 * The members with whom this node keeps in touch: all of a small space; of a large one log2(members) + 3, chosen at random, and
 * 30 more to put in their place (after HyParView; J. Leitão, J. Pereira, L. Rodrigues, 2007). Who has us for a neighbour
 * is one of ours: what it wishes comes with each ping, and what became of it with each answer.
 */
import { keepNewest } from '../../util/keep-newest.ts'
import type { Hex } from '../auth/action.ts'
import type { Chance } from './chance.ts'
import {
  EXTRA_NEIGHBOURS,
  FEW_NEIGHBOURS,
  FULL_MESH_MEMBERS,
  PASSIVE_MEMBERS,
  SLACK_NEIGHBOURS,
} from './limits.ts'
import type { Wish } from './message.ts'

/** What a neighbour was told of ourselves last. */
export interface Told {
  incarnation: number
  sequence: number
}

export class Neighbours {
  readonly #chance: Chance
  readonly #active = new Map<Hex, Told>()
  /** The newest last. */
  readonly #passive = new Set<Hex>()
  #members = 1

  constructor(chance: Chance) {
    this.#chance = chance
  }

  /** Members of the space, with this one. */
  setSize(members: number): void {
    this.#members = members
  }

  get active(): readonly Hex[] {
    return [...this.#active.keys()]
  }

  get size(): number {
    return this.#active.size
  }

  has(member: Hex): boolean {
    return this.#active.has(member)
  }

  toldTo(member: Hex): Told | undefined {
    return this.#active.get(member)
  }

  /** How many there are to be. */
  get target(): number {
    const others = this.#members - 1
    if (this.#members <= FULL_MESH_MEMBERS) return others
    return Math.min(others, Math.ceil(Math.log2(this.#members)) + EXTRA_NEIGHBOURS)
  }

  get isLacking(): boolean {
    return this.#active.size < this.target
  }

  /** What this node says with a ping to one that is, or is to be, a neighbour. */
  get wish(): Wish {
    return this.#active.size < Math.min(FEW_NEIGHBOURS, this.target) ? 2 : 1
  }

  /** Somebody wishes to be a neighbour. @returns whether it is one now */
  admit(member: Hex, wish: Wish): boolean {
    if (this.#active.has(member)) return true
    if (wish === 0) return false
    if (this.#isFull) {
      if (wish === 1) return false
      const out = this.#chance.pick(this.active)
      if (out !== undefined) this.release(out)
    }
    this.#add(member)
    return true
  }

  /** A member that we asked says whether we are its neighbour. */
  answered(member: Hex, isNeighbour: boolean): void {
    if (!isNeighbour) this.release(member)
    // Of several that were asked at once more may have taken us than there is room for.
    else if (!this.#isFull) this.#add(member)
  }

  get #isFull(): boolean {
    return this.#active.size >= this.target + SLACK_NEIGHBOURS
  }

  #add(member: Hex): void {
    this.#passive.delete(member)
    if (!this.#active.has(member)) this.#active.set(member, { incarnation: 0, sequence: 0 })
  }

  /** It goes on without us, or we without it. */
  release(member: Hex): void {
    if (this.#active.delete(member)) this.note(member)
  }

  /** It is not there, or no member. */
  drop(member: Hex): void {
    this.#active.delete(member)
    this.#passive.delete(member)
  }

  /** It may become a neighbour. */
  note(member: Hex): void {
    if (this.#active.has(member)) return
    this.#passive.delete(member)
    this.#passive.add(member)
    keepNewest(this.#passive, PASSIVE_MEMBERS)
  }

  /** One to become a neighbour next. */
  candidate(): Hex | undefined {
    return this.#chance.pick([...this.#passive])
  }
}
