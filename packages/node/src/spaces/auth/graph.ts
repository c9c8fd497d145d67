/**
 * The operations of one log as a graph: each has a number, in an order in which those before it come first, and its
 * predecessors by number. Only ever grows.
 */
import type { Action, Hex } from './action.ts'
import type { Operation } from './operation.ts'

/** Digits of an id that fit below `LogLimits.depth` into the 53 bits of a number. */
const RANK_DIGITS = 9

export class OperationGraph {
  readonly #numbers = new Map<Hex, number>()
  readonly #ids: Hex[] = []
  readonly #authors: Hex[] = []
  readonly #actions: Action[] = []
  readonly #depths: number[] = []
  /** Depth and the first digits of the id as one number: all that most comparisons need. */
  readonly #ranks: number[] = []
  /** Where the predecessors of each begin in `#links`; one more than there are operations. */
  readonly #starts: number[] = [0]
  #links = new Int32Array(64)
  readonly #heads = new Set<number>()

  get size(): number {
    return this.#ids.length
  }

  /** Predecessors of all operations together. */
  get links(): number {
    return this.#starts[this.size] as number
  }

  /** Numbers of the operations that none other names as predecessor. */
  get heads(): ReadonlySet<number> {
    return this.#heads
  }

  numberOf(id: Hex): number | undefined {
    return this.#numbers.get(id)
  }

  id(number: number): Hex {
    return this.#ids[number] as Hex
  }

  author(number: number): Hex {
    return this.#authors[number] as Hex
  }

  action(number: number): Action {
    return this.#actions[number] as Action
  }

  /** 0 for the genesis, else one more than that of the deepest predecessor. */
  depth(number: number): number {
    return this.#depths[number] as number
  }

  /** Numbers of the predecessors: `links` from `start(number)` up to `start(number + 1)`. */
  start(number: number): number {
    return this.#starts[number] as number
  }

  get linkTable(): Int32Array {
    return this.#links
  }

  /** Ids in `prev` that are not here yet. */
  missing(operation: Operation): Hex[] {
    return operation.prev.filter((id) => !this.#numbers.has(id))
  }

  /** The number that `operation` gets; all its predecessors are here. */
  add(operation: Operation): number {
    const number = this.size
    let at = this.links
    if (at + operation.prev.length > this.#links.length) this.#grow(at + operation.prev.length)
    let depth = 0
    for (const id of operation.prev) {
      const before = this.#numbers.get(id) as number
      this.#links[at++] = before
      this.#heads.delete(before)
      depth = Math.max(depth, this.depth(before) + 1)
    }
    this.#numbers.set(operation.id, number)
    this.#ids.push(operation.id)
    this.#authors.push(operation.author)
    this.#actions.push(operation.action)
    this.#depths.push(depth)
    this.#ranks.push(depth * 16 ** RANK_DIGITS + Number.parseInt(operation.id.slice(0, RANK_DIGITS), 16))
    this.#starts.push(at)
    this.#heads.add(number)
    return number
  }

  /** Ascending by depth, then by id: after all that stands before it, and the same on every device. */
  compare(a: number, b: number): number {
    const order = (this.#ranks[a] as number) - (this.#ranks[b] as number)
    if (order !== 0 || a === b) return order
    return this.id(a) < this.id(b) ? -1 : 1
  }

  #grow(least: number): void {
    const links = new Int32Array(Math.max(least, this.#links.length * 2))
    links.set(this.#links)
    this.#links = links
  }
}
