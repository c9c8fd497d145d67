/** Opens the databases of a space, each of which has a table `space` with one row that names it. */
import { closeSync, constants, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { ShoalError } from '../../errors.ts'
import { assertSqlite, DamagedIndex, faultOf } from '../../store/index-database.ts'

const FILE_MODE = 0o600

export interface DatabaseKind {
  /** Marks the file as one of this kind. */
  readonly applicationId: number
  /** Each step turns a schema into the next one, and is never changed once it was released. */
  readonly migrations: readonly string[]
  readonly cacheKib: number
  /** Writes the row of `space`; its parameter is the id. */
  readonly begin: string
}

/**
 * Opens a database of a space to write, or begins a new one.
 *
 * @throws ShoalError ERR_HOME_INVALID when the file is something else, damaged, of another space or of a newer
 *   Shoal, ERR_SQLITE_VERSION, ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION
 */
export function openDatabase(file: string, space: Uint8Array, kind: DatabaseKind): DatabaseSync {
  assertSqlite(process.versions.sqlite)
  const { applicationId, migrations, cacheKib } = kind
  let database: DatabaseSync | undefined
  try {
    // Made by us: SQLite would let others read it.
    closeSync(openSync(file, constants.O_RDWR | constants.O_CREAT, FILE_MODE))
    database = new DatabaseSync(file)
    const version = pragma(database, 'user_version')
    if (version === 0 ? !isBlank(database) : pragma(database, 'application_id') !== applicationId)
      throw invalid(file, 'it is no space of Shoal')
    if (version > migrations.length) throw invalid(file, 'it was written by a newer version of Shoal')
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = FAST;
       PRAGMA temp_store = MEMORY; PRAGMA cache_size = -${cacheKib}`,
    )
    if (version < migrations.length) migrate(database, version, space, kind)
    const row = database.prepare('SELECT id FROM space').get()
    if (Buffer.compare(row?.['id'] as Uint8Array, space) !== 0) throw invalid(file, 'it is another space')
    return database
  } catch (error) {
    database?.close()
    throw spaceFault(error, file)
  }
}

/** What a failed call means for a person. */
export function spaceFault(error: unknown, file: string): unknown {
  const fault = faultOf(error, file)
  return fault instanceof DamagedIndex ? invalid(file, fault.message, fault) : fault
}

/** Runs `work` as one transaction; nothing of it stays when it throws. */
export function inTransaction<Result>(database: DatabaseSync, file: string, work: () => Result): Result {
  try {
    database.exec('BEGIN IMMEDIATE')
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw spaceFault(error, file)
  }
}

function migrate(database: DatabaseSync, from: number, space: Uint8Array, kind: DatabaseKind): void {
  const { applicationId, begin, migrations } = kind
  database.exec('BEGIN IMMEDIATE')
  for (const step of migrations.slice(from)) database.exec(step)
  if (from === 0) database.prepare(begin).run(space)
  database.exec(
    `PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}; COMMIT`,
  )
}

function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name])
}

function isBlank(database: DatabaseSync): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
}

function invalid(file: string, reason: string, cause?: unknown): ShoalError {
  return new ShoalError('ERR_HOME_INVALID', `${file}: ${reason}`, cause === undefined ? {} : { cause })
}
