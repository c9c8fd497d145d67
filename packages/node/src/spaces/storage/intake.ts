/** What becomes of a batch: kept, kept without counting, made to wait, or refused. Runs inside a transaction. */
import type { DatabaseSync } from 'node:sqlite'
import type { CatalogueAuth } from '../catalogue/auth.ts'
import { decodeBatch, type Batch } from '../catalogue/batch.ts'
import { Authors } from './authors.ts'
import { BatchLog, batchOrder, VERDICT, type BatchRow, type Verdict } from './batch-log.ts'
import { Fold } from './fold.ts'
import type { AuthorQuota, OrphanLimits, VoidLimits } from './limits.ts'
import { Orphans } from './orphans.ts'

export interface IntakeLimits {
  readonly quota: AuthorQuota
  readonly voids: VoidLimits
  readonly orphans: OrphanLimits
}

/** What became of one batch. */
export type Outcome =
  /** It is held; `counts` as of now. */
  | { readonly state: 'kept'; readonly id: Uint8Array; readonly counts: boolean }
  /** It waits for what comes before it. */
  | { readonly state: 'waiting'; readonly id: Uint8Array }
  /** It was here already. */
  | { readonly state: 'known'; readonly id: Uint8Array }
  /** It was not kept, and nothing is remembered of it. `isFalse`: nobody honest passes such a one on. */
  | { readonly state: 'refused'; readonly reason: string; readonly isFalse: boolean }

function isOk(verdict: unknown): boolean {
  return verdict === 'ok'
}

export class Intake {
  readonly log: BatchLog
  readonly orphans: Orphans
  readonly authors: Authors
  readonly fold: Fold
  readonly #auth: CatalogueAuth

  constructor(
    database: DatabaseSync,
    auth: CatalogueAuth,
    limits: IntakeLimits,
    onCount: (at: Uint8Array, counts: boolean) => void,
  ) {
    this.#auth = auth
    this.log = new BatchLog(database, onCount)
    this.orphans = new Orphans(database, limits.orphans)
    this.authors = new Authors(database, limits.quota, limits.voids)
    this.fold = new Fold(database, this.log)
  }

  /** Takes a batch whose signature is good, and what waited for it. */
  take(batch: Batch, frame: Uint8Array): Outcome {
    const outcome = this.#takeOne(batch, frame)
    if (outcome.state === 'kept') this.#takeWaiting(this.orphans.takeAfter(batch.id))
    return outcome
  }

  /** Judges again all batches of these authors, and those that waited for the auth log. */
  judgeAgain(changed: readonly Uint8Array[] | 'all'): void {
    const numbers =
      changed === 'all' ? this.authors.all() : changed.flatMap((key) => this.authors.find(key) ?? [])
    for (const author of numbers) {
      for (const row of this.log.ofAuthor(author)) this.#judgeRow(row)
      this.#settle(author)
    }
    this.#takeWaiting(this.orphans.takeReady())
  }

  #takeOne(batch: Batch, frame: Uint8Array): Outcome {
    const { id } = batch
    if (this.log.heldNumber(id) !== undefined) return { state: 'known', id }
    if (this.orphans.has(id)) return { state: 'waiting', id }
    const missing: Uint8Array[] = []
    let lamport = 0
    for (const parent of batch.parents) {
      const known = this.log.lamportOf(parent)
      if (known === undefined) missing.push(parent)
      else lamport = Math.max(lamport, known)
    }
    const isLate = batch.lamport <= lamport
    if (isLate || (missing.length === 0 && batch.lamport !== lamport + 1)) {
      return { state: 'refused', reason: 'its lamport is wrong', isFalse: true }
    }
    const judged = this.#auth.judge(batch)
    const isRefused = !isOk(judged) && judged !== 'wait'
    // Not given a number yet: strangers are many, and nothing of them may be left.
    const author = this.authors.find(batch.author)
    const isOver = author !== undefined && this.authors.isCut(author, batchOrder(batch.lamport, id))
    if ((isRefused || isOver) && !this.orphans.isWanted(id, batch.author)) {
      if (!this.authors.hasRoomForVoid(author, frame.length)) {
        const reason = typeof judged === 'object' ? judged.refused : 'its author has too much in this space'
        return { state: 'refused', reason, isFalse: false }
      }
    }
    if (missing.length > 0 || judged === 'wait') {
      if (this.orphans.add(batch, frame, missing)) return { state: 'waiting', id }
      return { state: 'refused', reason: 'too much of its author waits', isFalse: false }
    }
    const verdict = isRefused ? VERDICT.refused : isOver ? VERDICT.overQuota : VERDICT.ok
    return this.#keep(batch, frame, verdict)
  }

  #keep(batch: Batch, frame: Uint8Array, verdict: Verdict): Outcome {
    const { n, isNew } = this.log.numberOf(batch.id)
    const author = this.authors.numberOf(batch.author)
    const row = {
      n,
      author,
      at: batchOrder(batch.lamport, batch.id),
      lamport: batch.lamport,
      verdict,
      bytes: frame.length,
      entries: batch.operations.filter((operation) => operation.kind === 'put').length,
    }
    this.log.hold(row, batch, frame)
    this.authors.note(author, verdict, row, 1)
    this.fold.add(n, batch, isNew, verdict === VERDICT.ok)
    if (verdict === VERDICT.ok) this.#settle(author)
    return { state: 'kept', id: batch.id, counts: this.log.row(n).verdict === VERDICT.ok }
  }

  /** One after the other and not within each other: chains of them may be long. */
  #takeWaiting(frames: readonly Uint8Array[]): void {
    const queue = [...frames]
    for (let frame = queue.shift(); frame !== undefined; frame = queue.shift()) {
      const batch = decodeBatch(frame)
      if (this.#takeOne(batch, frame).state === 'kept') queue.push(...this.orphans.takeAfter(batch.id))
    }
  }

  #judgeRow(row: BatchRow): void {
    const batch = this.fold.batchOf(row.n)
    const counts = isOk(this.#auth.judge(batch))
    if (counts === (row.verdict !== VERDICT.refused)) return
    if (!counts) this.#change(row, VERDICT.refused)
    else this.#change(row, this.authors.isCut(row.author, row.at) ? VERDICT.overQuota : VERDICT.ok)
  }

  #change(row: BatchRow, verdict: Verdict): void {
    const batch = this.fold.batchOf(row.n)
    this.authors.note(row.author, row.verdict, row, -1)
    this.authors.note(row.author, verdict, row, 1)
    this.log.setVerdict(row.n, batch, row.verdict, verdict)
    if ((row.verdict === VERDICT.ok) !== (verdict === VERDICT.ok)) this.fold.change(row.n, batch)
  }

  /** Moves the cut of an author to where it belongs. */
  #settle(author: number): void {
    for (let n = this.authors.nextOver(author); n !== undefined; n = this.authors.nextOver(author)) {
      this.#change(this.log.row(n), VERDICT.overQuota)
    }
    for (let n = this.authors.nextBack(author); n !== undefined; n = this.authors.nextBack(author)) {
      this.#change(this.log.row(n), VERDICT.ok)
    }
    while (this.authors.hasTooManyVoid(author)) {
      const n = this.authors.lastOver(author)
      if (n === undefined) return
      const row = this.log.row(n)
      const batch = this.fold.batchOf(n)
      this.authors.note(author, row.verdict, row, -1)
      this.fold.remove(n, batch)
      this.log.release(n, batch)
    }
  }
}
