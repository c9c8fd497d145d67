/** Applies batches to the tables, and makes entries anew when a batch of theirs counts or does not any more. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { decodeBatch, type Batch } from '../catalogue/batch.ts'
import { operationOrder, PLACES, type ResolvedOperation } from '../catalogue/entry-state.ts'
import type { Operation, OperationRef } from '../catalogue/operations.ts'
import { VERDICT, type BatchLog } from './batch-log.ts'
import { DecodedBatches } from './decoded-batches.ts'
import { EntryTable } from './entry-table.ts'
import { Places } from './places.ts'
import { SearchIndex } from './search-index.ts'
import { prepareWrite } from './schema.ts'

/** The entry that stands for the space itself. */
export const SPACE_ENTRY = 0
const ID_BYTES = 32

export class Fold {
  readonly #log: BatchLog
  readonly #entries: EntryTable
  readonly #places: Places
  readonly #search: SearchIndex
  readonly #addOp: StatementSync
  readonly #dropOp: StatementSync
  readonly #opsOf: StatementSync
  readonly #verdictOf: StatementSync
  /** Numbers of batches by id in Latin-1, as of this transaction. */
  readonly #numbers = new Map<string, number>()
  readonly #decoded: DecodedBatches
  readonly #stale = new Set<number>()

  constructor(database: DatabaseSync, log: BatchLog) {
    this.#log = log
    this.#decoded = new DecodedBatches((n) => decodeBatch(log.frame(n)))
    this.#search = new SearchIndex(database)
    this.#places = new Places(database, (v) => this.#search.touch(v))
    this.#entries = new EntryTable(database, this.#places, this.#search)
    this.#addOp = prepareWrite(database, 'INSERT OR IGNORE INTO op (entry, op) VALUES (?, ?)')
    this.#dropOp = prepareWrite(database, 'DELETE FROM op WHERE entry = ? AND op = ?')
    this.#opsOf = database.prepare('SELECT op FROM op WHERE entry = ? ORDER BY op')
    this.#verdictOf = database.prepare('SELECT verdict FROM batch WHERE n = ?')
  }

  begin(): void {
    this.#places.begin()
    this.#search.begin()
    this.#entries.begin()
    this.#numbers.clear()
    this.#decoded.clear()
    this.#stale.clear()
  }

  /**
   * Notes the operations of a batch that is held from now on, and applies them if it counts.
   *
   * @param isNew whether its id was never named before, so that nobody can have spoken of its entries
   */
  add(n: number, batch: Batch, isNew: boolean, counts: boolean): void {
    for (const [place, operation] of batch.operations.entries()) {
      const entry = this.#entryOf(n, place, operation)
      if (entry === undefined) continue
      const number = n * PLACES + place
      this.#addOp.run(entry, number)
      if (!counts || this.#stale.has(entry)) continue
      const state = this.#entries.stateOf(entry, isNew && operation.kind === 'put')
      const resolved = this.#resolve(n, operation)
      if (resolved !== undefined)
        state.apply(number, operationOrder(batch.lamport, batch.id, place), resolved)
    }
  }

  /** A batch counts from now on, or does no more: its entries are made anew at the end of this transaction. */
  change(n: number, batch: Batch): void {
    for (const [place, operation] of batch.operations.entries()) {
      const entry = this.#entryOf(n, place, operation)
      if (entry !== undefined) this.#stale.add(entry)
    }
  }

  /** Forgets the operations of a batch that does not count. */
  remove(n: number, batch: Batch): void {
    for (const [place, operation] of batch.operations.entries()) {
      const entry = this.#entryOf(n, place, operation)
      if (entry !== undefined) this.#dropOp.run(entry, n * PLACES + place)
    }
  }

  flush(): void {
    for (const entry of this.#stale) this.#refold(entry)
    this.#entries.flush()
    this.#search.flush()
  }

  batchOf(n: number): Batch {
    return this.#decoded.get(n)
  }

  #refold(entry: number): void {
    const state = this.#entries.reset(entry)
    for (const row of this.#opsOf.all(entry)) {
      const number = row['op'] as number
      const n = Math.floor(number / PLACES)
      if (this.#verdictOf.get(n)?.['verdict'] !== VERDICT.ok) continue
      const batch = this.batchOf(n)
      const place = number % PLACES
      const resolved = this.#resolve(n, batch.operations[place] as Operation)
      if (resolved !== undefined)
        state.apply(number, operationOrder(batch.lamport, batch.id, place), resolved)
    }
  }

  #entryOf(n: number, place: number, operation: Operation): number | undefined {
    if (operation.kind === 'unknown') return undefined
    if (operation.kind === 'put') return n * PLACES + place
    return operation.entry === undefined ? SPACE_ENTRY : this.#numberOf(n, operation.entry)
  }

  #resolve(n: number, operation: Operation): ResolvedOperation | undefined {
    if (operation.kind === 'unknown') return undefined
    if (!('replaced' in operation)) return operation
    return { ...operation, replaced: operation.replaced.map((ref) => this.#numberOf(n, ref)) }
  }

  #numberOf(n: number, ref: OperationRef): number {
    if (typeof ref === 'number') return n * PLACES + ref
    const id = ref.subarray(0, ID_BYTES)
    const name = Buffer.from(id).toString('latin1')
    let other = this.#numbers.get(name)
    if (other === undefined) {
      other = this.#log.numberOf(id).n
      this.#numbers.set(name, other)
    }
    return other * PLACES + (ref[ID_BYTES] as number)
  }
}
