/** Operations whose predecessors are missing, until those come. The oldest go when there are too many: they can be had again. */
import type { Hex } from './action.ts'
import type { LogLimits } from './limits.ts'
import type { Operation } from './operation.ts'

export class Orphans {
  readonly #most: Pick<LogLimits, 'orphans' | 'orphanBytes'>
  /** Oldest first. */
  readonly #waiting = new Map<Hex, Operation>()
  /** Ids of those that wait for an id. */
  readonly #waitedFor = new Map<Hex, Set<Hex>>()
  #bytes = 0

  constructor(most: Pick<LogLimits, 'orphans' | 'orphanBytes'>) {
    this.#most = most
  }

  get size(): number {
    return this.#waiting.size
  }

  get byteLength(): number {
    return this.#bytes
  }

  has(id: Hex): boolean {
    return this.#waiting.has(id)
  }

  /** Ids that are waited for and do not wait themselves: what to ask others for. */
  get missing(): Hex[] {
    return [...this.#waitedFor.keys()].filter((id) => !this.#waiting.has(id))
  }

  add(operation: Operation, missing: readonly Hex[]): void {
    this.#waiting.set(operation.id, operation)
    this.#bytes += operation.frame.byteLength
    for (const id of missing) {
      const waiting = this.#waitedFor.get(id)
      if (waiting === undefined) this.#waitedFor.set(id, new Set([operation.id]))
      else waiting.add(operation.id)
    }
    for (const oldest of this.#waiting.values()) {
      if (this.#waiting.size <= this.#most.orphans && this.#bytes <= this.#most.orphanBytes) break
      this.#remove(oldest)
    }
  }

  /** Those that waited for `id` and no longer do; they may wait for others still. */
  release(id: Hex): Operation[] {
    const waiting = this.#waitedFor.get(id)
    if (waiting === undefined) return []
    const released = [...waiting].map((it) => this.#waiting.get(it) as Operation)
    for (const operation of released) this.#remove(operation)
    return released
  }

  #remove(operation: Operation): void {
    this.#waiting.delete(operation.id)
    this.#bytes -= operation.frame.byteLength
    for (const id of operation.prev) {
      const waiting = this.#waitedFor.get(id)
      waiting?.delete(operation.id)
      if (waiting?.size === 0) this.#waitedFor.delete(id)
    }
  }
}
