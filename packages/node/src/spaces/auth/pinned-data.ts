/**
 * Which data of a removed member still counts: the heads that its removal pins, and what stands before them. Worked
 * out once for each removal, when a head comes; only ids of batches by that member are kept.
 */
import type { Hex } from './action.ts'
import type { LogFacts } from './facts.ts'

export interface BatchFacts {
  readonly author: Hex
  readonly parents: readonly Hex[]
}

interface Pins {
  readonly member: Hex
  /** Batches by the member that count. */
  readonly counted: Set<Hex>
}

export class PinnedData {
  readonly #facts: LogFacts
  readonly #batchOf: (id: Hex) => BatchFacts | undefined
  /** By the operation that took power. */
  readonly #pins = new Map<number, Pins>()
  /** Heads that are not here, and who waits for them. */
  readonly #wanted = new Map<Hex, Set<Pins>>()
  #changed = new Set<Hex>()

  constructor(facts: LogFacts, batchOf: (id: Hex) => BatchFacts | undefined) {
    this.#facts = facts
    this.#batchOf = batchOf
  }

  /** Does `cut` let this batch count? */
  has(cut: number, batch: BatchFacts & { readonly id: Hex }): boolean {
    const pins = this.#pinsOf(cut, batch.author)
    this.arrived(batch)
    return pins.counted.has(batch.id)
  }

  /** A batch came for which a removal may have waited. */
  arrived(batch: BatchFacts & { readonly id: Hex }): void {
    const waiting = this.#wanted.get(batch.id)
    if (waiting === undefined) return
    this.#wanted.delete(batch.id)
    for (const pins of waiting) {
      if (batch.author === pins.member) pins.counted.add(batch.id)
      this.#walk(pins, batch.parents)
      this.#changed.add(pins.member)
    }
  }

  /** Members of whom data counts now that did not before. */
  takeChanged(): Set<Hex> {
    const changed = this.#changed
    this.#changed = new Set()
    return changed
  }

  #pinsOf(cut: number, member: Hex): Pins {
    let pins = this.#pins.get(cut)
    if (pins === undefined) {
      pins = { member, counted: new Set() }
      this.#pins.set(cut, pins)
      const action = this.#facts.graph.action(cut)
      this.#walk(pins, 'after' in action ? action.after : [])
    }
    return pins
  }

  #walk(pins: Pins, from: readonly Hex[]): void {
    const seen = new Set<Hex>(from)
    const open = [...seen]
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const batch = this.#batchOf(id)
      if (batch === undefined) {
        this.#want(id, pins)
        continue
      }
      if (batch.author === pins.member) pins.counted.add(id)
      for (const parent of batch.parents) {
        if (seen.has(parent)) continue
        seen.add(parent)
        open.push(parent)
      }
    }
  }

  #want(id: Hex, pins: Pins): void {
    const waiting = this.#wanted.get(id)
    if (waiting === undefined) this.#wanted.set(id, new Set([pins]))
    else waiting.add(pins)
  }
}
