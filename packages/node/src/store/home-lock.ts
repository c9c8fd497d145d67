/** Ownership of a home: an exclusive SQLite lock on `lock.db`, which the system drops when the process dies. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ShoalError } from '../errors.ts'

const SQLITE_BUSY = 5

export interface HomeLock {
  release: () => void
}

/**
 * Takes the home, or returns undefined when a living process has it.
 *
 * @throws ShoalError ERR_HOME_INVALID when the lock file is damaged or may not be written
 */
export function takeHome(home: string): HomeLock | undefined {
  const file = join(home, 'lock.db')
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: 0 })
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
    const held = database
    return { release: () => held.close() }
  } catch (cause) {
    database?.close()
    if ((cause as { errcode?: number }).errcode === SQLITE_BUSY) return undefined
    throw new ShoalError('ERR_HOME_INVALID', `cannot lock the home: ${file}: ${(cause as Error).message}`, {
      cause,
    })
  }
}
