/** The auth log of a space as its catalogue asks it: the one speaks hex, the other bytes. */
import { sha256 } from '../content/cid.ts'
import { fromHex, toHex } from './auth/action-codec.ts'
import type { Hex } from './auth/action.ts'
import type { AuthLog } from './auth/log.ts'
import type { BatchFacts } from './auth/pinned-data.ts'
import { dataJudge, type DataJudge } from './auth/view.ts'
import type { AuthVerdict, CatalogueAuth, JudgedBatch } from './catalogue/auth.ts'

export class LogAuth implements CatalogueAuth {
  readonly #log: () => AuthLog
  readonly #batchOf: (id: Hex) => BatchFacts | undefined
  #judge: { readonly log: AuthLog; readonly data: DataJudge } | undefined
  /** Authors of batches that wait for operations. */
  #waiting = new Set<Hex>()

  /** @param batchOf a batch that the catalogue holds, whether it counts or not */
  constructor(log: () => AuthLog, batchOf: (id: Hex) => BatchFacts | undefined) {
    this.#log = log
    this.#batchOf = batchOf
  }

  judge({ id, author, authHeads, parents }: JudgedBatch): AuthVerdict {
    const by = toHex(author)
    const verdict = this.#data().judge({
      id: toHex(id),
      author: by,
      authHeads: authHeads.map(toHex),
      parents: parents.map(toHex),
    })
    if (verdict === 'wait') this.#waiting.add(by)
    if (typeof verdict === 'string') return verdict
    return { refused: verdict.refused === 'removed' ? 'its author was removed' : 'its author may not write' }
  }

  takeChanged(): readonly Uint8Array[] {
    const { authors, isNewKnown } = this.#data().changed()
    const changed = new Set(authors)
    if (isNewKnown) {
      for (const author of this.#waiting) changed.add(author)
      // Whose batches still wait come back when they are judged again.
      this.#waiting = new Set()
    }
    return [...changed].map(fromHex)
  }

  /** A log that was read again from the disk is another object, and says the same. */
  #data(): DataJudge {
    const log = this.#log()
    if (this.#judge?.log !== log) this.#judge = { log, data: dataJudge(log, this.#batchOf) }
    return this.#judge.data
  }

  /** Of all heads: operations are named by what they stand after, so these stand for all of them. */
  revision(): string {
    const { graph } = this.#log().facts
    const heads = [...graph.heads].map((it) => graph.id(it)).toSorted()
    return toHex(sha256(Buffer.from(heads.join())))
  }
}
