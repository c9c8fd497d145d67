/** What is asked of an auth log about data: does a batch count? */
import type { Hex } from './action.ts'
import { Authority } from './authority.ts'
import type { AuthLog } from './log.ts'
import { PinnedData, type BatchFacts } from './pinned-data.ts'
import type { KeyFacts } from './facts.ts'
import type { Resolution } from './resolve.ts'
import { WRITE } from './roles.ts'
import { unopposed } from './state.ts'

/** A batch as far as it matters here; ids are hex. */
export interface JudgedBatch extends BatchFacts {
  readonly id: Hex
  /** Heads of the auth log that the author knew. */
  readonly authHeads: readonly Hex[]
}

/**
 * `wait`: it cites operations that are not here. `no-power`: the author had no right to write. `removed`: it had, and
 * the batch is not among those that whoever removed or demoted it let count.
 */
export type Verdict = 'ok' | 'wait' | { readonly refused: 'no-power' | 'removed' }

/** What may be judged otherwise than before. */
export interface Changes {
  /** Authors, of batches that were ok or refused. */
  readonly authors: ReadonlySet<Hex>
  /** Did operations come for which batches may have waited? */
  readonly isNewKnown: boolean
}

export interface DataJudge {
  /** Parents come before their children. A verdict holds until `changed` says otherwise. */
  judge: (batch: JudgedBatch) => Verdict
  /** What changed since this was asked last. */
  changed: () => Changes
}

/** @param batchOf a batch that was judged before, whatever the verdict; undefined if there is none of this id */
export function dataJudge(log: AuthLog, batchOf: (id: Hex) => BatchFacts | undefined): DataJudge {
  return new LogView(log, batchOf)
}

/** By one resolution. */
interface Judges {
  readonly resolution: Resolution
  readonly authority: Authority
  /** As if nobody had taken power from anybody. */
  readonly free: Authority
}

class LogView implements DataJudge {
  readonly #log: AuthLog
  #judges: Judges | undefined
  readonly #pinned: PinnedData
  /** What `changed` compared last: by key, what gives and takes its power. */
  #compared = new Map<Hex, string>()
  /** The resolution that it was made of. */
  #comparedTo: Resolution | undefined
  #size = 0

  constructor(log: AuthLog, batchOf: (id: Hex) => BatchFacts | undefined) {
    this.#log = log
    this.#pinned = new PinnedData(log.facts, batchOf)
    this.changed()
  }

  judge(batch: JudgedBatch): Verdict {
    const { facts, resolution } = this.#log
    this.#pinned.arrived(batch)
    const heads: number[] = []
    for (const id of batch.authHeads) {
      const head = facts.graph.numberOf(id)
      if (head === undefined) return 'wait'
      heads.push(head)
    }
    const { grants, cuts } = facts.ofKey(batch.author)
    const act = {
      follows: bits(grants.length, (i) => {
        const { at } = grants[i] as KeyFacts['grants'][number]
        return heads.some((head) => facts.isBefore(at, head))
      }),
      known: bits(cuts.length, (i) => this.#pinned.has((cuts[i] as KeyFacts['cuts'][number]).at, batch)),
    }
    const { authority, free } = this.#judge(resolution)
    if (authority.holds(batch.author, WRITE, act)) return 'ok'
    return { refused: free.holds(batch.author, WRITE, act) ? 'removed' : 'no-power' }
  }

  #judge(resolution: Resolution): Judges {
    if (this.#judges?.resolution !== resolution) {
      const { facts } = this.#log
      const authority = new Authority(facts, resolution)
      this.#judges = { resolution, authority, free: unopposed(facts, resolution) }
    }
    return this.#judges
  }

  changed(): Changes {
    const { facts, resolution } = this.#log
    const authors = this.#pinned.takeChanged()
    if (resolution === this.#comparedTo) return { authors, isNewKnown: false }
    const compared = new Map<Hex, string>()
    for (const [key, { grants, cuts }] of facts.keys) {
      const given = grants.filter(({ at }) => resolution.valid[at] === 1).map(({ at }) => at)
      const taken = cuts.filter(({ at }) => resolution.applied[at] === 1).map(({ at }) => at)
      const power = `${given.join()} ${taken.join()}`
      compared.set(key, power)
      if (this.#compared.get(key) !== power) authors.add(key)
    }
    const isNewKnown = facts.graph.size > this.#size
    this.#compared = compared
    this.#comparedTo = resolution
    this.#size = facts.graph.size
    return { authors, isNewKnown }
  }
}

function bits(count: number, bit: (i: number) => boolean): Uint32Array {
  const words = new Uint32Array((count + 31) >> 5)
  for (let i = 0; i < count; i++) if (bit(i)) words[i >> 5] = (words[i >> 5] as number) | (1 << (i & 31))
  return words
}
