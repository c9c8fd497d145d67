/** The jobs of a home as a file of SQLite, one call after the other: in a thread of its own, or where none is needed. */
import { existsSync, renameSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { DamagedIndex, faultOf, openIndex } from '../../store/index-database.ts'
import { ShoalError } from '../../errors.ts'

/** Each step turns a schema into the next one, and is never changed once it was released. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE job (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL UNIQUE,
     body TEXT NOT NULL
   ) STRICT;`,
]

export type JobCall =
  | { readonly type: 'open'; readonly file: string }
  /** Keeps a job, new or not; when it is answered it is on the disk. */
  | { readonly type: 'save'; readonly id: string; readonly body: string }
  | { readonly type: 'remove'; readonly id: string }
  | { readonly type: 'close' }

/** Of `open`: the bodies in the order in which they came; what was damaged and moved aside. */
export interface OpenedJobs {
  readonly bodies: readonly string[]
  readonly damaged: string | null
}

export class JobDatabase {
  #file = ''
  #open: DatabaseSync | undefined

  /** @throws ShoalError ERR_SQLITE_VERSION, ERR_HOME_INVALID, ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION */
  run(call: JobCall): OpenedJobs | undefined {
    try {
      return this.#run(call)
    } catch (error) {
      const fault = faultOf(error, this.#file)
      if (!(fault instanceof DamagedIndex)) throw fault
      throw new ShoalError('ERR_HOME_INVALID', `${this.#file} is damaged: ${fault.message}`, { cause: error })
    }
  }

  #run(call: JobCall): OpenedJobs | undefined {
    switch (call.type) {
      case 'open':
        return this.#begin(call.file)
      case 'save':
        this.#database
          .prepare(
            'INSERT INTO job (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
          )
          .run(call.id, call.body)
        return undefined
      case 'remove':
        this.#database.prepare('DELETE FROM job WHERE id = ?').run(call.id)
        return undefined
      case 'close':
        this.#open?.close()
        this.#open = undefined
        return undefined
    }
  }

  #begin(file: string): OpenedJobs {
    this.#file = file
    let damaged: string | null = null
    try {
      this.#open = open(file)
    } catch (error) {
      if (!(error instanceof DamagedIndex)) throw error
      damaged = moveAside(file)
      this.#open = open(file)
    }
    const rows = this.#database.prepare('SELECT body FROM job ORDER BY seq').all()
    return { bodies: rows.map((row) => String(row['body'])), damaged }
  }

  get #database(): DatabaseSync {
    if (this.#open === undefined) throw new ShoalError('ERR_INTERNAL', 'the jobs of the home are not open')
    return this.#open
  }
}

function open(file: string): DatabaseSync {
  const { database, isNew } = openIndex(file, MIGRATIONS)
  if (isNew) database.exec('COMMIT')
  return database
}

/** Nothing of it is thrown away: it may be mended by hand. */
function moveAside(file: string): string {
  let n = 1
  while (existsSync(`${file}.damaged-${n}`)) n++
  const aside = `${file}.damaged-${n}`
  for (const part of ['', '-wal', '-shm']) {
    if (existsSync(`${file}${part}`)) renameSync(`${file}${part}`, `${aside}${part}`)
  }
  return aside
}
