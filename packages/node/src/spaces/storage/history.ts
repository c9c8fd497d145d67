/** What was done in a space, and by whom: read from the log, so that nothing is kept twice. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { decodeBatch, type Batch } from '../catalogue/batch.ts'
import { PLACES } from '../catalogue/entry-state.ts'
import type { Operation } from '../catalogue/operations.ts'
import { VERDICT } from './batch-log.ts'

export interface HistoryItem {
  /** Of the batch, 32 bytes. */
  readonly batch: Uint8Array
  /** The operation's place in it. */
  readonly place: number
  readonly author: Uint8Array
  readonly lamport: number
  readonly operation: Operation
  /** Does it count? Not if its author was removed before, or is over the quota. */
  readonly counts: boolean
}

export class History {
  readonly #ofEntry: StatementSync
  readonly #ofSpace: StatementSync

  constructor(database: DatabaseSync) {
    this.#ofEntry = database.prepare(
      `SELECT op, frame, verdict FROM op JOIN batch ON batch.n = op >> 8 JOIN log ON log.n = op >> 8
       WHERE entry = ? ORDER BY lamport DESC, id DESC, op DESC LIMIT ? OFFSET ?`,
    )
    this.#ofSpace = database.prepare(
      `SELECT frame, verdict FROM batch JOIN log USING (n) WHERE verdict IS NOT NULL
       ORDER BY lamport DESC, n DESC LIMIT ? OFFSET ?`,
    )
  }

  /** Operations on an entry, the last first. */
  ofEntry(entry: number, limit: number, offset: number): HistoryItem[] {
    return this.#ofEntry.all(entry, limit, offset).map((row) => {
      const place = (row['op'] as number) % PLACES
      return itemOf(decodeBatch(row['frame'] as Uint8Array), place, row['verdict'] === VERDICT.ok)
    })
  }

  /** Batches of the space, the last first, each as its operations. */
  ofSpace(limit: number, offset: number): HistoryItem[][] {
    return this.#ofSpace.all(limit, offset).map((row) => {
      const batch = decodeBatch(row['frame'] as Uint8Array)
      return batch.operations.map((_, place) => itemOf(batch, place, row['verdict'] === VERDICT.ok))
    })
  }
}

function itemOf(batch: Batch, place: number, counts: boolean): HistoryItem {
  const { id, author, lamport } = batch
  return { batch: id, place, author, lamport, operation: batch.operations[place] as Operation, counts }
}
