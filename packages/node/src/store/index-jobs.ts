/** What is done with the index, one call of SQLite after the other: in the thread of its own, or where none is needed. */
import type { DatabaseSync } from 'node:sqlite'
import { ShoalError } from '../errors.ts'
import { keptUnits, type KeptPlace, type KeptUnit } from './kept-jobs.ts'
import { insertRow, selectRows } from './stored-rows.ts'
import { insertElsewhere, listElsewhere, replaceElsewhere } from './elsewhere-jobs.ts'
import { DamagedIndex, faultOf, openIndex } from './index-database.ts'

/** What the index keeps of a share. */
export interface IndexRow {
  /** Name of the record. */
  readonly id: string
  readonly root: string
  /** The share key; null when public. */
  readonly key: Uint8Array | null
  /** 32 bytes; see `lookupKey`. */
  readonly lookup: Uint8Array
  readonly name: string
  /** Sum of file sizes. */
  readonly bytes: number
  /** Name of the file in the home that is shared; null when it is the user's. */
  readonly input: string | null
  /** What of the home it is of, as `unitOfPaths`; null when it is the user's. */
  readonly kept: string | null
  /** Milliseconds since 1970. */
  readonly madeMs: number
  readonly usedMs: number
}

export interface StoredRow extends IndexRow {
  /** Order in which shares were made. */
  readonly seq: number
  readonly isStale: boolean
  /** false: somebody said that it need not be kept; null: nobody said anything. */
  readonly isPinned: boolean | null
  /** Only its link is here: it has no record, and none of its files. */
  readonly isElsewhere: boolean
}

/** A staging folder that was begun and has not ended. */
export interface StagingRow {
  readonly path: string
  /** What was in it stands in its place. */
  readonly isPlaced: boolean
}

export type IndexJob =
  | { readonly type: 'open'; readonly file: string }
  /** Rows of a new index; `fill` after `open` said that it is new, `filled` ends it. */
  | { readonly type: 'fill'; readonly rows: readonly IndexRow[] }
  | { readonly type: 'fillElsewhere'; readonly list: Uint8Array }
  | { readonly type: 'filled' }
  /** A share is about to be recorded; until `made` it does not count. */
  | { readonly type: 'making'; readonly row: IndexRow }
  | { readonly type: 'made'; readonly id: string }
  /** Shares are about to be removed; from here on they do not count. */
  | { readonly type: 'removing'; readonly ids: readonly string[] }
  | { readonly type: 'removed'; readonly ids: readonly string[] }
  | { readonly type: 'stale'; readonly id: string; readonly isStale: boolean }
  | { readonly type: 'used'; readonly id: string; readonly atMs: number }
  | { readonly type: 'find'; readonly lookup: Uint8Array; readonly limit: number }
  | { readonly type: 'byRoot'; readonly root: string }
  /** Which of these have a share whose files are here; which have one that is not stale. */
  | { readonly type: 'known' | 'sound'; readonly roots: readonly string[] }
  /** The newest of a root, newest first. */
  | { readonly type: 'newest'; readonly root: string; readonly limit: number }
  /** Rows after a place in their order; `among` leaves out all others that are not stale. */
  | {
      readonly type: 'list'
      readonly after: number
      readonly limit: number
      readonly among?: readonly string[]
    }
  /** What of the home may go, used longest ago first. */
  | { readonly type: 'kept'; readonly after: KeptPlace | undefined; readonly limit: number }
  | { readonly type: 'ofUnit'; readonly unit: string }
  | { readonly type: 'pin'; readonly root: string; readonly isPinned: boolean }
  /** Somebody uses the shares of a root that lie in the home. */
  | { readonly type: 'keptUsed'; readonly root: string; readonly atMs: number }
  | { readonly type: 'inputBegun' | 'inputEnded'; readonly input: string }
  | { readonly type: 'unusedInputs' }
  /** A staging folder is about to be made; its content stands in its place; the folder is gone. */
  | { readonly type: 'stagingBegun' | 'stagingPlaced' | 'stagingEnded'; readonly path: string }
  | { readonly type: 'stagings' }
  /** Shares whose files are elsewhere, as `encodeElsewhere` gives each: these in place of all; all that there are. */
  | { readonly type: 'setElsewhere'; readonly list: Uint8Array }
  | { readonly type: 'elsewhere' }
  | { readonly type: 'close' }

export type IndexResult =
  | { readonly isNew: boolean; readonly unfinished: readonly StoredRow[] }
  | readonly StoredRow[]
  | readonly string[]
  | readonly StagingRow[]
  | readonly KeptUnit[]
  | Uint8Array
  | boolean
  | undefined

/** A damaged index is no error of the job: it is made anew, and the job done again. */
export type IndexAnswer = { readonly result: IndexResult } | { readonly damaged: string }

export class IndexJobs {
  #file = ''
  #open: DatabaseSync | undefined

  /** @throws ShoalError as `openIndex` */
  run(job: IndexJob): IndexAnswer {
    try {
      return { result: this.#run(job) }
    } catch (error) {
      const fault = faultOf(error, this.#file)
      if (!(fault instanceof DamagedIndex)) throw fault
      this.#close()
      return { damaged: fault.message }
    }
  }

  #run(job: IndexJob): IndexResult {
    switch (job.type) {
      case 'open': {
        this.#close()
        this.#file = job.file
        const { database, isNew } = openIndex(job.file)
        this.#open = database
        return { isNew, unfinished: isNew ? [] : this.#rows('intent IS NOT NULL', []) }
      }
      case 'fill':
        for (const row of job.rows) insertRow(this.#database, row, null, true)
        return undefined
      case 'fillElsewhere':
        insertElsewhere(this.#database, job.list)
        return undefined
      case 'filled':
        this.#database.exec('COMMIT')
        return undefined
      case 'making':
        insertRow(this.#database, job.row, 'making')
        return undefined
      case 'made':
        this.#change('UPDATE share SET intent = NULL WHERE id = ?', job.id)
        return undefined
      case 'removing':
        this.#forEach(job.ids, "UPDATE share SET intent = 'removing' WHERE id = ?")
        return undefined
      case 'removed':
        this.#forEach(job.ids, 'DELETE FROM share WHERE id = ?')
        return undefined
      case 'stale':
        this.#change('UPDATE share SET stale = ? WHERE id = ?', Number(job.isStale), job.id)
        return undefined
      case 'used':
        this.#change('UPDATE share SET used_ms = ? WHERE id = ?', job.atMs, job.id)
        return undefined
      case 'find':
        return this.#rows('lookup = ? AND intent IS NULL ORDER BY seq DESC LIMIT ?', [job.lookup, job.limit])
      case 'byRoot':
        return this.#rows('root = ? AND intent IS NULL ORDER BY seq', [job.root])
      case 'known':
        return this.#among(job.roots, 'AND elsewhere = 0')
      case 'sound':
        return this.#among(job.roots, 'AND stale = 0 AND elsewhere = 0')
      case 'newest':
        return this.#rows('root = ? AND intent IS NULL ORDER BY seq DESC LIMIT ?', [job.root, job.limit])
      case 'list':
        return this.#list(job.after, job.limit, job.among)
      case 'kept':
        return keptUnits(this.#database, job.after, job.limit)
      case 'ofUnit':
        return this.#rows("kept = ? AND intent IS NOT 'removing' ORDER BY seq", [job.unit])
      case 'pin':
        this.#change('UPDATE share SET pinned = ? WHERE root = ?', Number(job.isPinned), job.root)
        return undefined
      case 'keptUsed':
        this.#change(
          'UPDATE share SET used_ms = ?1 WHERE root = ?2 AND kept IS NOT NULL AND used_ms < ?1',
          job.atMs,
          job.root,
        )
        return undefined
      case 'inputBegun':
        this.#change('INSERT OR IGNORE INTO input_in_use VALUES (?)', job.input)
        return undefined
      case 'inputEnded':
        this.#change('DELETE FROM input_in_use WHERE name = ?', job.input)
        return this.#isShared(job.input)
      case 'unusedInputs':
        return this.#unusedInputs()
      case 'stagingBegun':
        this.#change('INSERT INTO staging (path) VALUES (?) ON CONFLICT DO UPDATE SET placed = 0', job.path)
        return undefined
      case 'stagingPlaced':
        this.#change('UPDATE staging SET placed = 1 WHERE path = ?', job.path)
        return undefined
      case 'stagingEnded':
        this.#change('DELETE FROM staging WHERE path = ?', job.path)
        return undefined
      case 'stagings':
        return this.#stagings()
      case 'setElsewhere':
        replaceElsewhere(this.#database, job.list)
        return undefined
      case 'elsewhere':
        return listElsewhere(this.#database)
      case 'close':
        this.#close()
        return undefined
    }
  }

  #list(after: number, limit: number, among: readonly string[] | undefined): StoredRow[] {
    if (among === undefined) {
      return this.#rows('intent IS NULL AND seq > ? ORDER BY seq LIMIT ?', [after, limit])
    }
    const isAmong = '(stale = 1 OR id IN (SELECT value FROM json_each(?)))'
    const values = [after, JSON.stringify(among), limit]
    return this.#rows(`intent IS NULL AND seq > ? AND ${isAmong} ORDER BY seq LIMIT ?`, values)
  }

  #among(roots: readonly string[], condition: string): string[] {
    const sql = `SELECT DISTINCT root FROM share
      WHERE intent IS NULL ${condition} AND root IN (SELECT value FROM json_each(?))`
    const rows = this.#database.prepare(sql).all(JSON.stringify(roots))
    return rows.map((row) => String(row['root']))
  }

  #unusedInputs(): string[] {
    const sql =
      'SELECT name FROM input_in_use WHERE name NOT IN (SELECT input FROM share WHERE input IS NOT NULL)'
    return this.#database
      .prepare(sql)
      .all()
      .map((row) => String(row['name']))
  }

  #stagings(): StagingRow[] {
    const rows = this.#database.prepare('SELECT path, placed FROM staging').all()
    return rows.map((row) => ({ path: String(row['path']), isPlaced: row['placed'] === 1 }))
  }

  /** A share that is being made does not count: who makes it uses the file, and one that never came to be does not need it. */
  #isShared(input: string): boolean {
    const sql = 'SELECT 1 FROM share WHERE input = ? AND intent IS NULL'
    return this.#database.prepare(sql).get(input) !== undefined
  }

  #rows(where: string, values: readonly (string | number | Uint8Array)[]): StoredRow[] {
    return selectRows(this.#database, where, values)
  }

  #change(sql: string, ...values: readonly (string | number | Uint8Array | null)[]): void {
    this.#database.prepare(sql).run(...values)
  }

  #forEach(ids: readonly string[], sql: string): void {
    const statement = this.#database.prepare(sql)
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      for (const id of ids) statement.run(id)
      this.#database.exec('COMMIT')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  get #database(): DatabaseSync {
    if (this.#open === undefined) throw new ShoalError('ERR_INTERNAL', 'the index of shares is not open')
    return this.#open
  }

  #close(): void {
    this.#open?.close()
    this.#open = undefined
  }
}
