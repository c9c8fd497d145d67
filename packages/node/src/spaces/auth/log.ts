/**
 * The auth log of one space: takes operations in any order and says what they come to. Two logs that hold the same
 * operations say the same, whatever the order in which these came.
 *
 * Operations are taken as valid by themselves: `decodeOperation` has checked their signatures. Nothing is stored here.
 */
import { ShoalError } from '../../errors.ts'
import type { Hex } from './action.ts'
import { LogFacts } from './facts.ts'
import { LOG_LIMITS, MAX_HEADS, type LogLimits } from './limits.ts'
import type { Operation } from './operation.ts'
import { Orphans } from './orphans.ts'
import { resolve, type Resolution } from './resolve.ts'
import { Room } from './room.ts'
import { stateOf, type AuthState } from './state.ts'

/** `waiting`: it is kept until its predecessors come. */
export type Taken = 'new' | 'known' | 'waiting'

export class AuthLog {
  readonly space: Hex
  readonly facts = new LogFacts()
  readonly #orphans: Orphans
  readonly #room: Room
  #resolution: Resolution | undefined
  #state: AuthState | undefined

  /** @param space id of the genesis, which comes like any other operation */
  constructor(space: Hex, limits: LogLimits = LOG_LIMITS) {
    this.space = space
    this.#orphans = new Orphans(limits)
    this.#room = new Room(this.facts, limits)
  }

  /** Ids to name as `prev` of an operation that is written now, ascending; the deepest if there are too many. */
  get heads(): Hex[] {
    const { graph } = this.facts
    const heads = [...graph.heads].toSorted((a, b) => graph.compare(b, a)).slice(0, MAX_HEADS)
    return heads.map((it) => graph.id(it)).toSorted()
  }

  /** Ids of operations that others stand after and that are not here. */
  get missing(): Hex[] {
    return this.#orphans.missing
  }

  get waiting(): { readonly operations: number; readonly bytes: number } {
    return { operations: this.#orphans.size, bytes: this.#orphans.byteLength }
  }

  has(id: Hex): boolean {
    return this.facts.graph.numberOf(id) !== undefined
  }

  /**
   * Takes an operation, and those that waited for it.
   *
   * @param onTaken told of each that has its place now, those before it first
   * @throws ShoalError ERR_PROTOCOL for one that cannot belong to this space, ERR_LIMIT when there is no room for it
   */
  add(operation: Operation, onTaken: (operation: Operation) => void = () => {}): Taken {
    const isGenesis = operation.action.type === 'genesis'
    if ((isGenesis ? operation.id : operation.space) !== this.space)
      throw new ShoalError('ERR_PROTOCOL', 'an operation of another space')
    if (this.has(operation.id) || this.#orphans.has(operation.id)) return 'known'
    const missing = this.facts.graph.missing(operation)
    if (missing.length > 0) {
      this.#orphans.add(operation, missing)
      return 'waiting'
    }
    this.#take(operation)
    onTaken(operation)
    this.#takeReleased(operation.id, onTaken)
    return 'new'
  }

  /** Which operations count. */
  get resolution(): Resolution {
    return (this.#resolution ??= resolve(this.facts))
  }

  /** @throws ShoalError ERR_PROTOCOL before the genesis is here */
  get state(): AuthState {
    if (this.facts.graph.size === 0)
      throw new ShoalError('ERR_PROTOCOL', 'the beginning of this space is missing')
    return (this.#state ??= stateOf(this.facts, this.resolution))
  }

  #take(operation: Operation): void {
    if (!this.#isKnown(operation))
      throw new ShoalError('ERR_PROTOCOL', 'an operation by somebody who never was a member')
    this.#room.check(operation)
    this.#room.take(operation)
    this.facts.add(operation)
    this.#resolution = undefined
    this.#state = undefined
  }

  #takeReleased(id: Hex, onTaken: (operation: Operation) => void): void {
    const open = this.#orphans.release(id)
    for (let operation = open.pop(); operation !== undefined; operation = open.pop()) {
      const missing = this.facts.graph.missing(operation)
      if (missing.length > 0) {
        this.#orphans.add(operation, missing)
        continue
      }
      try {
        this.#take(operation)
      } catch (error) {
        // Whoever sent it is long gone; what stands after it stays away with it.
        if (!(error instanceof ShoalError)) throw error
        continue
      }
      onTaken(operation)
      open.push(...this.#orphans.release(operation.id))
    }
  }

  /** Was the author ever given a role before this? Others could fill the log of a space that they only know of. */
  #isKnown({ author, prev, action }: Operation): boolean {
    if (action.type === 'genesis') return true
    const before = prev.map((id) => this.facts.graph.numberOf(id) as number)
    const isBefore = (at: number): boolean => before.some((it) => this.facts.isBefore(at, it))
    if (action.type !== 'redeem') return this.facts.ofKey(author).grants.some(({ at }) => isBefore(at))
    const invite = this.facts.graph.numberOf(action.invite)
    if (invite === undefined) return false
    const made = this.facts.graph.action(invite)
    return made.type === 'invite' && made.mode === 'instant' && made.key === action.key && isBefore(invite)
  }
}

/** What a set of operations comes to, whatever its order. Those whose predecessors are not in it do not count. */
export function resolveSet(
  space: Hex,
  operations: Iterable<Operation>,
  limits: LogLimits = LOG_LIMITS,
): AuthState {
  const all = [...operations]
  const log = new AuthLog(space, { ...limits, orphans: all.length, orphanBytes: Infinity })
  for (const operation of all) log.add(operation)
  return log.state
}
