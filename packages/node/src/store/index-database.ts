/** The index as a file: opening it, the steps from one schema to the next, and what its faults mean. */
import { closeSync, constants, openSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ShoalError, diskError, systemCode } from '../errors.ts'

/** "Shoa" as a number: marks the file as ours, so that nobody else's database is written to. */
const APPLICATION_ID = 0x53686f61
/** The first version without a known fault that can damage a database in WAL mode. */
const MIN_SQLITE = '3.51.3'
const FILE_MODE = 0o600
/** With less than this the index cannot grow its files by a step. */
const LEAST_ROOM_BYTES = 65_536

/** Each step turns a schema into the next one, and is never changed once it was released. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE share (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL UNIQUE,
     intent TEXT CHECK (intent IN ('making', 'removing')),
     root TEXT NOT NULL,
     key BLOB,
     lookup BLOB NOT NULL,
     name TEXT NOT NULL,
     bytes INTEGER NOT NULL,
     input TEXT,
     stale INTEGER NOT NULL DEFAULT 0,
     made_ms INTEGER NOT NULL,
     used_ms INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX share_root ON share (root);
   CREATE INDEX share_lookup ON share (lookup, seq);
   CREATE INDEX share_intent ON share (intent) WHERE intent IS NOT NULL;
   CREATE INDEX share_input ON share (input) WHERE input IS NOT NULL;
   CREATE INDEX share_stale ON share (stale) WHERE stale = 1;
   CREATE TABLE input_in_use (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`,
  'CREATE TABLE staging (path TEXT PRIMARY KEY, placed INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;',
  `ALTER TABLE share ADD COLUMN kept TEXT;
   ALTER TABLE share ADD COLUMN pinned INTEGER;
   UPDATE share SET kept = 'inputs/' || input WHERE input IS NOT NULL;
   CREATE INDEX share_kept ON share (kept) WHERE kept IS NOT NULL;`,
  `ALTER TABLE share ADD COLUMN elsewhere INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX share_elsewhere ON share (seq) WHERE elsewhere = 1;`,
]

/** The file is no index of ours, or was damaged: it has to be made anew. */
export class DamagedIndex extends Error {
  override readonly name = 'DamagedIndex'
}

export interface OpenedIndex {
  readonly database: DatabaseSync
  /** Nothing was ever written to it: it has to be filled, and the transaction in which that is done is open. */
  readonly isNew: boolean
}

/**
 * Opens the index, or begins a new one. A new one stays new until its first transaction is committed, so a crash in
 * between loses nothing.
 *
 * @throws DamagedIndex; ShoalError ERR_SQLITE_VERSION, ERR_HOME_INVALID when a newer Shoal wrote it, and as `faultOf`
 */
export function openIndex(file: string, migrations: readonly string[] = MIGRATIONS): OpenedIndex {
  assertSqlite(process.versions.sqlite)
  let database: DatabaseSync | undefined
  try {
    // Made by us: SQLite would let others read it.
    closeSync(openSync(file, constants.O_RDWR | constants.O_CREAT, FILE_MODE))
    database = new DatabaseSync(file)
    const version = readNumber(database, 'user_version')
    const owner = readNumber(database, 'application_id')
    if (owner !== APPLICATION_ID && (owner !== 0 || version !== 0 || hasTables(database))) {
      throw new DamagedIndex('it is not an index of Shoal')
    }
    if (version > migrations.length) {
      throw new ShoalError('ERR_HOME_INVALID', `${file} was written by a newer version of Shoal`, {
        hint: 'Update Shoal, or use another --home.',
      })
    }
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
    if (version === 0) {
      database.exec('BEGIN IMMEDIATE')
      for (const step of migrations) database.exec(step)
      mark(database, migrations.length)
      return { database, isNew: true }
    }
    migrate(database, version, migrations)
    return { database, isNew: false }
  } catch (error) {
    database?.close()
    throw faultOf(error, file)
  }
}

/** @throws ShoalError ERR_SQLITE_VERSION */
export function assertSqlite(version: string | undefined): void {
  const parts = (text: string): number[] => text.split('.').map(Number)
  const [have, need] = [parts(version ?? '0'), parts(MIN_SQLITE)]
  const differing = need.findIndex((part, i) => part !== (have[i] ?? 0))
  if (differing >= 0 && (have[differing] ?? 0) < (need[differing] ?? 0)) {
    throw new ShoalError('ERR_SQLITE_VERSION', `this Node has SQLite ${version}, older than ${MIN_SQLITE}`)
  }
}

function migrate(database: DatabaseSync, from: number, migrations: readonly string[]): void {
  for (let version = from; version < migrations.length; version++) {
    database.exec('BEGIN IMMEDIATE')
    try {
      database.exec(migrations[version] as string)
      mark(database, version + 1)
      database.exec('COMMIT')
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }
}

function mark(database: DatabaseSync, version: number): void {
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version}`)
}

export function readNumber(database: DatabaseSync, pragma: 'user_version' | 'application_id'): number {
  const row = database.prepare(`PRAGMA ${pragma}`).get()
  return Number(row?.[pragma])
}

function hasTables(database: DatabaseSync): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined
}

// Result codes of SQLite, sqlite.org/rescode.html; the low byte of an extended one.
const [PERM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB] = [3, 8, 10, 11, 13, 14, 26]

/** What a failed call means for a person: DamagedIndex, ERR_DISK_FULL, ERR_PERMISSION, ERR_DISK, or as it was. */
export function faultOf(error: unknown, file: string): unknown {
  if (systemCode(error) !== undefined) return diskError(error, `opening ${file}`)
  const cause = error as { errcode?: unknown; message: string }
  if (typeof cause.errcode !== 'number') return error
  const doing = `${file}: ${cause.message}`
  switch (cause.errcode & 0xff) {
    case CORRUPT:
    case NOTADB:
      return new DamagedIndex(cause.message)
    case FULL:
      return new ShoalError('ERR_DISK_FULL', doing, { cause: error })
    case PERM:
    case READONLY:
    case CANTOPEN:
      return new ShoalError('ERR_PERMISSION', doing, { cause: error })
    case IOERR:
      return new ShoalError(hasRoom(file) ? 'ERR_DISK' : 'ERR_DISK_FULL', doing, { cause: error })
    default:
      return error
  }
}

/** SQLite says that a disk is full only of some calls, and of others that it failed. */
function hasRoom(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file))
    return bavail * bsize >= LEAST_ROOM_BYTES
  } catch {
    return true
  }
}
