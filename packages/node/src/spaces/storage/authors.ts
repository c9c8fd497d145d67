/**
 * What each author has put into a space, and which of its batches fit its quota.
 *
 * Which fit is a function of the set of the author's batches that the auth log lets count, not of the order in which
 * they came, or replicas would differ: in order of (lamport, id) they count until the first that exceeds. From
 * there on (`cut`) none does.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { VERDICT, type BatchRow } from './batch-log.ts'
import type { AuthorQuota, VoidLimits } from './limits.ts'
import { prepareWrite } from './schema.ts'

export interface Weight {
  readonly batches: number
  readonly bytes: number
  readonly entries: number
}

interface AuthorRow extends Weight {
  readonly a: number
  readonly void_batches: number
  readonly void_bytes: number
  readonly cut: Uint8Array | null
}

export class Authors {
  readonly #quota: AuthorQuota
  readonly #voids: VoidLimits
  readonly #find: StatementSync
  readonly #add: StatementSync
  readonly #count: StatementSync
  readonly #countVoid: StatementSync
  readonly #cut: StatementSync
  readonly #allVoid: StatementSync
  readonly #last: StatementSync
  readonly #afterCut: StatementSync
  readonly #lastOver: StatementSync
  readonly #allKeys: StatementSync
  readonly #keyOf: StatementSync
  readonly #row: StatementSync

  constructor(database: DatabaseSync, quota: AuthorQuota, voids: VoidLimits) {
    this.#quota = quota
    this.#voids = voids
    this.#find = database.prepare('SELECT a FROM author WHERE key = ?')
    this.#add = database.prepare('INSERT INTO author (key) VALUES (?) RETURNING a')
    this.#row = database.prepare('SELECT * FROM author WHERE a = ?')
    this.#count = prepareWrite(
      database,
      'UPDATE author SET batches = batches + ?, bytes = bytes + ?, entries = entries + ? WHERE a = ?',
    )
    this.#countVoid = prepareWrite(
      database,
      'UPDATE author SET void_batches = void_batches + ?, void_bytes = void_bytes + ? WHERE a = ?',
    )
    this.#cut = prepareWrite(database, 'UPDATE author SET cut = ? WHERE a = ?')
    this.#allVoid = database.prepare(
      'SELECT sum(void_batches) AS batches, sum(void_bytes) AS bytes FROM author',
    )
    this.#last = database.prepare(
      `SELECT n, at, bytes, entries, verdict FROM batch WHERE author = ? AND verdict = 0 ORDER BY at DESC LIMIT 1`,
    )
    this.#afterCut = database.prepare(
      `SELECT n, at, bytes, entries FROM batch WHERE author = ? AND at >= ? AND verdict = 2 ORDER BY at LIMIT 1`,
    )
    this.#lastOver = database.prepare(
      `SELECT n FROM batch WHERE author = ? AND verdict = 2 AND kids = 0 ORDER BY at DESC LIMIT 1`,
    )
    this.#allKeys = database.prepare('SELECT a, key FROM author')
    this.#keyOf = database.prepare('SELECT key FROM author WHERE a = ?')
  }

  numberOf(key: Uint8Array): number {
    const found = this.find(key)
    return found ?? (this.#add.get(key)?.['a'] as number)
  }

  find(key: Uint8Array): number | undefined {
    return this.#find.get(key)?.['a'] as number | undefined
  }

  keyOf(author: number): Uint8Array {
    return this.#keyOf.get(author)?.['key'] as Uint8Array
  }

  all(): readonly number[] {
    return this.#allKeys.all().map((row) => row['a'] as number)
  }

  /** May one more that does not count be kept? An author of whom nothing is held has no number. */
  hasRoomForVoid(author: number | undefined, bytes: number): boolean {
    const row = author === undefined ? { void_batches: 0, void_bytes: 0 } : this.#get(author)
    const all = this.#allVoid.get() as unknown as { batches: number; bytes: number }
    return (
      row.void_batches < this.#voids.batchesPerAuthor &&
      row.void_bytes + bytes <= this.#voids.bytesPerAuthor &&
      all.batches < this.#voids.batches &&
      all.bytes + bytes <= this.#voids.bytes
    )
  }

  hasTooManyVoid(author: number): boolean {
    const row = this.#get(author)
    return row.void_batches > this.#voids.batchesPerAuthor || row.void_bytes > this.#voids.bytesPerAuthor
  }

  /** Would one more batch, after all others of its author, fit? */
  fits(author: number, weight: Weight): boolean {
    const row = this.#get(author)
    return row.cut === null && this.#isWithin(row, weight)
  }

  /** Is this at or after the first of its author that exceeds? */
  isCut(author: number, at: Uint8Array): boolean {
    const { cut } = this.#get(author)
    return cut !== null && Buffer.compare(at, cut) >= 0
  }

  /** Notes that a batch of this verdict is held from now on (1) or no more (-1). */
  note(author: number, verdict: number, weight: Pick<BatchRow, 'bytes' | 'entries'>, sign: 1 | -1): void {
    if (verdict === VERDICT.ok) this.#count.run(sign, sign * weight.bytes, sign * weight.entries, author)
    else this.#countVoid.run(sign, sign * weight.bytes, author)
  }

  /** The last that counts, when all together exceed: it has to go over, and is where the author is cut. */
  nextOver(author: number): number | undefined {
    if (this.#isWithin(this.#get(author), { batches: 0, bytes: 0, entries: 0 })) return undefined
    const last = this.#last.get(author)
    if (last === undefined) return undefined
    this.#cut.run(last['at'] as Uint8Array, author)
    return last['n'] as number
  }

  /** The first that was cut off, if it fits now; where the cut is follows it. */
  nextBack(author: number): number | undefined {
    const row = this.#get(author)
    if (row.cut === null) return undefined
    const first = this.#afterCut.get(author, row.cut)
    if (first === undefined) {
      this.#cut.run(null, author)
      return undefined
    }
    this.#cut.run(first['at'] as Uint8Array, author)
    const weight = { batches: 1, bytes: first['bytes'] as number, entries: first['entries'] as number }
    return this.#isWithin(row, weight) ? (first['n'] as number) : undefined
  }

  /** The last beyond the quota that nothing held follows: the first to be let go of. */
  lastOver(author: number): number | undefined {
    return this.#lastOver.get(author)?.['n'] as number | undefined
  }

  #isWithin(row: Weight, more: Weight): boolean {
    return (
      row.batches + more.batches <= this.#quota.batches &&
      row.bytes + more.bytes <= this.#quota.bytes &&
      row.entries + more.entries <= this.#quota.entries
    )
  }

  #get(author: number): AuthorRow {
    return this.#row.get(author) as unknown as AuthorRow
  }
}
