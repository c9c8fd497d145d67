/**
 * Batches that wait: for batches before them, or for operations of the auth log. Their signatures are good.
 *
 * Bounded for each author and for all. Of all, the author who has most gives way, newest first: what is dropped is
 * not remembered, and comes again with the next reconciliation.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Batch } from '../catalogue/batch.ts'
import type { OrphanLimits } from './limits.ts'
import { prepareWrite } from './schema.ts'

interface Total {
  readonly batches: number
  readonly bytes: number
}

export class Orphans {
  readonly #limits: OrphanLimits
  readonly #add: StatementSync
  readonly #addMissing: StatementSync
  readonly #find: StatementSync
  readonly #drop: StatementSync
  readonly #dropMissing: StatementSync
  readonly #found: StatementSync
  readonly #children: StatementSync
  readonly #stillMissing: StatementSync
  readonly #frame: StatementSync
  readonly #ofAuthor: StatementSync
  readonly #all: StatementSync
  readonly #largest: StatementSync
  readonly #newest: StatementSync
  readonly #ready: StatementSync
  readonly #wantedBy: StatementSync
  readonly #wanted: StatementSync

  constructor(database: DatabaseSync, limits: OrphanLimits) {
    this.#limits = limits
    this.#add = database.prepare(
      'INSERT INTO orphan (id, author, bytes, frame) VALUES (?, ?, ?, ?) RETURNING o',
    )
    this.#addMissing = prepareWrite(database, 'INSERT INTO missing (parent, o) VALUES (?, ?)')
    this.#find = database.prepare('SELECT o FROM orphan WHERE id = ?')
    this.#drop = prepareWrite(database, 'DELETE FROM orphan WHERE o = ?')
    this.#dropMissing = prepareWrite(database, 'DELETE FROM missing WHERE o = ?')
    this.#children = database.prepare('SELECT o FROM missing WHERE parent = ?')
    this.#found = prepareWrite(database, 'DELETE FROM missing WHERE parent = ?')
    this.#stillMissing = database.prepare('SELECT 1 FROM missing WHERE o = ? LIMIT 1')
    this.#frame = database.prepare('SELECT frame FROM orphan WHERE o = ?')
    this.#ofAuthor = database.prepare(
      'SELECT count(*) AS batches, coalesce(sum(bytes), 0) AS bytes FROM orphan WHERE author = ?',
    )
    this.#all = database.prepare('SELECT count(*) AS batches, coalesce(sum(bytes), 0) AS bytes FROM orphan')
    this.#largest = database.prepare(
      'SELECT author FROM orphan GROUP BY author ORDER BY sum(bytes) + 1024 * count(*) DESC, author LIMIT 1',
    )
    this.#newest = database.prepare('SELECT o FROM orphan WHERE author = ? ORDER BY o DESC LIMIT 1')
    this.#ready = database.prepare('SELECT o FROM orphan WHERE o NOT IN (SELECT o FROM missing) ORDER BY o')
    this.#wantedBy = database.prepare(
      `WITH RECURSIVE after (o) AS (
         SELECT o FROM missing WHERE parent = ?
         UNION SELECT missing.o FROM after JOIN orphan USING (o) JOIN missing ON missing.parent = orphan.id
       ) SELECT 1 FROM after JOIN orphan USING (o) WHERE author <> ? LIMIT 1`,
    )
    this.#wanted = database.prepare(
      'SELECT DISTINCT parent FROM missing WHERE parent NOT IN (SELECT id FROM orphan) LIMIT ?',
    )
  }

  has(id: Uint8Array): boolean {
    return this.#find.get(id) !== undefined
  }

  /** How much waits. */
  total(): Total {
    return this.#all.get() as unknown as Total
  }

  /** Keeps a batch until what it misses is there; false when its author has too much that waits. */
  add(batch: Batch, frame: Uint8Array, missing: readonly Uint8Array[]): boolean {
    const own = this.#ofAuthor.get(batch.author) as unknown as Total
    const limits = this.#limits
    if (own.batches >= limits.batchesPerAuthor || own.bytes + frame.length > limits.bytesPerAuthor)
      return false
    const o = this.#add.get(batch.id, batch.author, frame.length, frame)?.['o'] as number
    for (const parent of missing) this.#addMissing.run(parent, o)
    this.#trim()
    return this.has(batch.id)
  }

  /** Does a batch of somebody else wait for this one, or for one that waits for it? */
  isWanted(id: Uint8Array, author: Uint8Array): boolean {
    return this.#wantedBy.get(id, author) !== undefined
  }

  /** Ids that others should be asked for. */
  wanted(limit: number): Uint8Array[] {
    return this.#wanted.all(limit).map((row) => row['parent'] as Uint8Array)
  }

  /** Frames that waited for this batch alone. They wait no more. */
  takeAfter(id: Uint8Array): Uint8Array[] {
    const children = this.#children.all(id).map((row) => row['o'] as number)
    if (children.length === 0) return []
    this.#found.run(id)
    const ready = children.filter((o) => this.#stillMissing.get(o) === undefined)
    return ready.map((o) => this.#take(o))
  }

  /** Frames that only waited for the auth log. They wait no more. */
  takeReady(): Uint8Array[] {
    return this.#ready.all().map((row) => this.#take(row['o'] as number))
  }

  #take(o: number): Uint8Array {
    const frame = this.#frame.get(o)?.['frame'] as Uint8Array
    this.#remove(o)
    return frame
  }

  #remove(o: number): void {
    this.#drop.run(o)
    this.#dropMissing.run(o)
  }

  #trim(): void {
    for (;;) {
      const { batches, bytes } = this.total()
      if (batches <= this.#limits.batches && bytes <= this.#limits.bytes) return
      const author = this.#largest.get()?.['author'] as Uint8Array
      this.#remove(this.#newest.get(author)?.['o'] as number)
    }
  }
}
