/** The batches that are held: rows, frames, heads. Numbers stand for ids; a number is given when an id is first named. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Batch } from '../catalogue/batch.ts'
import { MAX_PARENTS } from '../catalogue/limits.ts'
import { prepareWrite } from './schema.ts'

/** Why a held batch counts or does not. */
export const VERDICT = { ok: 0, refused: 1, overQuota: 2 } as const
export type Verdict = (typeof VERDICT)[keyof typeof VERDICT]

const LAMPORT_BYTES = 6

export interface BatchRow {
  readonly n: number
  /** Number of its author. */
  readonly author: number
  /** lamport || id: the order of batches. */
  readonly at: Uint8Array
  readonly lamport: number
  readonly verdict: Verdict
  readonly bytes: number
  readonly entries: number
  /** Held batches that name it as a parent. */
  readonly kids: number
}

const ROW = 'SELECT n, author, at, lamport, verdict, bytes, entries, kids FROM batch'

export function batchOrder(lamport: number, id: Uint8Array): Uint8Array {
  const order = Buffer.allocUnsafe(LAMPORT_BYTES + id.length)
  order.writeUIntBE(lamport, 0, LAMPORT_BYTES)
  order.set(id, LAMPORT_BYTES)
  return order
}

export class BatchLog {
  readonly #find: StatementSync
  readonly #name: StatementSync
  readonly #row: StatementSync
  readonly #hold: StatementSync
  readonly #release: StatementSync
  readonly #putFrame: StatementSync
  readonly #dropFrame: StatementSync
  readonly #frame: StatementSync
  readonly #addKid: StatementSync
  readonly #addValidKid: StatementSync
  readonly #setVerdict: StatementSync
  readonly #heads: StatementSync
  readonly #ofAuthor: StatementSync
  readonly #idOf: StatementSync

  /** Told of each batch that counts from now on, or no more. */
  readonly #onCount: (at: Uint8Array, counts: boolean) => void

  constructor(database: DatabaseSync, onCount: (at: Uint8Array, counts: boolean) => void) {
    this.#onCount = onCount
    this.#find = database.prepare('SELECT n, lamport FROM batch WHERE id = ?')
    this.#name = database.prepare('INSERT INTO batch (id) VALUES (?) RETURNING n')
    this.#row = database.prepare(`${ROW} WHERE n = ?`)
    this.#hold = prepareWrite(
      database,
      `UPDATE batch SET author = ?, at = ?, lamport = ?, verdict = ?, bytes = ?, entries = ? WHERE n = ?`,
    )
    this.#release = prepareWrite(
      database,
      `UPDATE batch SET author = NULL, at = NULL, lamport = NULL, verdict = NULL, bytes = NULL, entries = NULL
       WHERE n = ?`,
    )
    this.#putFrame = prepareWrite(database, 'INSERT INTO log (n, frame) VALUES (?, ?)')
    this.#dropFrame = prepareWrite(database, 'DELETE FROM log WHERE n = ?')
    this.#frame = database.prepare('SELECT frame FROM log WHERE n = ?')
    this.#addKid = prepareWrite(database, 'UPDATE batch SET kids = kids + ? WHERE id = ?')
    this.#addValidKid = prepareWrite(database, 'UPDATE batch SET valid_kids = valid_kids + ? WHERE id = ?')
    this.#setVerdict = prepareWrite(database, 'UPDATE batch SET verdict = ? WHERE n = ?')
    this.#heads = database.prepare(
      `SELECT id, lamport FROM batch WHERE verdict = 0 AND valid_kids = 0 ORDER BY lamport DESC, id DESC LIMIT ?`,
    )
    this.#ofAuthor = database.prepare(`${ROW} WHERE author = ? AND verdict IS NOT NULL ORDER BY at`)
    this.#idOf = database.prepare('SELECT id FROM batch WHERE n = ?')
  }

  /** The lamport of a batch that is held, else undefined. */
  lamportOf(id: Uint8Array): number | undefined {
    return (this.#find.get(id)?.['lamport'] as number | null | undefined) ?? undefined
  }

  /** The number of a batch that is held, else undefined. */
  heldNumber(id: Uint8Array): number | undefined {
    const found = this.#find.get(id)
    return found === undefined || found['lamport'] === null ? undefined : (found['n'] as number)
  }

  /** The number of an id, and whether it was never named before. */
  numberOf(id: Uint8Array): { n: number; isNew: boolean } {
    const found = this.#find.get(id)
    if (found !== undefined) return { n: found['n'] as number, isNew: false }
    return { n: this.#name.get(id)?.['n'] as number, isNew: true }
  }

  idOf(n: number): Uint8Array {
    return this.#idOf.get(n)?.['id'] as Uint8Array
  }

  row(n: number): BatchRow {
    return this.#row.get(n) as unknown as BatchRow
  }

  /** All that are held of one author, in order. */
  ofAuthor(author: number): readonly BatchRow[] {
    return this.#ofAuthor.all(author) as unknown as BatchRow[]
  }

  frame(n: number): Uint8Array {
    return this.#frame.get(n)?.['frame'] as Uint8Array
  }

  /** Keeps a batch whose parents are all held. */
  hold(row: Omit<BatchRow, 'kids'>, batch: Batch, frame: Uint8Array): void {
    const { n, author, at, lamport, verdict, bytes, entries } = row
    this.#hold.run(author, at, lamport, verdict, bytes, entries, n)
    this.#putFrame.run(n, frame)
    if (verdict === VERDICT.ok) this.#onCount(at, true)
    for (const parent of batch.parents) {
      this.#addKid.run(1, parent)
      if (verdict === VERDICT.ok) this.#addValidKid.run(1, parent)
    }
  }

  /** Lets go of a batch that does not count and that no held one names as a parent. */
  release(n: number, batch: Batch): void {
    this.#release.run(n)
    this.#dropFrame.run(n)
    for (const parent of batch.parents) this.#addKid.run(-1, parent)
  }

  setVerdict(n: number, batch: Batch, before: Verdict, verdict: Verdict): void {
    this.#setVerdict.run(verdict, n)
    const change = Number(verdict === VERDICT.ok) - Number(before === VERDICT.ok)
    if (change === 0) return
    this.#onCount(batchOrder(batch.lamport, batch.id), verdict === VERDICT.ok)
    for (const parent of batch.parents) this.#addValidKid.run(change, parent)
  }

  /**
   * Parents for the next batch, in ascending order: those that count and that no other one that counts follows, at
   * most 64, the greatest lamports first. With them the greatest lamport.
   */
  heads(): { ids: Uint8Array[]; lamport: number } {
    const rows = this.#heads.all(MAX_PARENTS)
    const ids = rows.map((row) => row['id'] as Uint8Array).toSorted((a, b) => Buffer.compare(a, b))
    return { ids, lamport: (rows[0]?.['lamport'] as number | undefined) ?? 0 }
  }
}
