/**
 * For what gives and takes the power of one key, and each act that it is judged for, one bit each: does it stand before
 * the act, was the act known to it. These follow from the graph alone and are worked out once; judging is then a few
 * words for each act, however often it is judged.
 */
import type { Hex } from './action.ts'
import type { KeyFacts, LogFacts } from './facts.ts'
import { FOUNDER, type Level } from './roles.ts'

/** Bits, 32 to a word; those beyond its end are 0. */
interface Row {
  words: Uint32Array
  /** Bits that were worked out. */
  filled: number
}

/** By operation. */
type Rows = Map<number, Row>

export class PowerRows {
  readonly #facts: LogFacts
  readonly #follows = new Map<Hex, Rows>()
  readonly #known = new Map<Hex, Rows>()
  readonly #stands = new Map<Hex, Rows>()

  constructor(facts: LogFacts) {
    this.#facts = facts
  }

  /** Which grants of `key` stand before `operation`; it does not stand before itself. */
  follows(key: Hex, operation: number): Uint32Array {
    const { grants } = this.#facts.ofKey(key)
    return fill(this.#follows, key, operation, grants.length, (i) => {
      const { at } = grants[i] as KeyFacts['grants'][number]
      return at !== operation && this.#facts.isBefore(at, operation)
    })
  }

  /** To which cuts of `key` `operation` was known. */
  known(key: Hex, operation: number): Uint32Array {
    const { cuts } = this.#facts.ofKey(key)
    return fill(this.#known, key, operation, cuts.length, (i) => {
      return this.#facts.isKnownTo((cuts[i] as KeyFacts['cuts'][number]).at, operation)
    })
  }

  /** Against which cuts of `key` what `grant` gave stands. */
  stands(key: Hex, grant: { readonly at: number; readonly level: Level }): Uint32Array {
    const { cuts } = this.#facts.ofKey(key)
    return fill(this.#stands, key, grant.at, cuts.length, (i) =>
      this.standsAgainst(grant.at, grant.level, (cuts[i] as KeyFacts['cuts'][number]).at),
    )
  }

  /** Does what `grant` gave stand although `cut` took it? */
  standsAgainst(grant: number, level: Level, cut: number): boolean {
    const facts = this.#facts
    const action = facts.graph.action(cut)
    // The power of a founder is taken by founders, and by itself.
    if (level === FOUNDER && action.type !== 'leave' && facts.need(cut) !== FOUNDER) return true
    // Who was put out comes back by a manager's decision, not by a link that still works.
    if (facts.graph.action(grant).type === 'redeem' && action.type !== 'leave') return false
    return facts.isBefore(cut, grant)
  }
}

/** A row of `size` bits, of which those that are not there yet are worked out. */
function fill(
  all: Map<Hex, Rows>,
  key: Hex,
  operation: number,
  size: number,
  bit: (i: number) => boolean,
): Uint32Array {
  let rows = all.get(key)
  if (rows === undefined) all.set(key, (rows = new Map()))
  let row = rows.get(operation)
  if (row === undefined) rows.set(operation, (row = { words: new Uint32Array((size + 31) >> 5), filled: 0 }))
  if (row.filled === size) return row.words
  if (row.words.length << 5 < size) {
    const words = new Uint32Array((size + 31) >> 5)
    words.set(row.words)
    row.words = words
  }
  for (let i = row.filled; i < size; i++) {
    if (bit(i)) row.words[i >> 5] = (row.words[i >> 5] as number) | (1 << (i & 31))
  }
  row.filled = size
  return row.words
}
