/** Ownership of a folder: an exclusive SQLite lock on its `lock.db`, which the system drops when the process dies. */
import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { ShoalError, systemCode } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import { NO_FOLLOW, Within, type Anchor } from './anchor.ts'

const SQLITE_BUSY = 5
const LOCK_FILE = 'lock.db'
const LOCK_MODE = 0o600

/** A database that nobody refers to is closed by the garbage collector, and its lock with it. */
const held = new Set<DatabaseSync>()

export interface FolderLock {
  release: () => void
}

/**
 * Takes a home, or returns undefined when a living process has it.
 *
 * @throws ShoalError ERR_HOME_INVALID when the lock file is damaged or may not be written
 */
export function takeHome(home: string): FolderLock | undefined {
  const file = join(home, LOCK_FILE)
  try {
    return lock(file)
  } catch (cause) {
    throw new ShoalError('ERR_HOME_INVALID', `cannot lock the home: ${file}: ${(cause as Error).message}`, {
      cause,
    })
  }
}

/**
 * Takes a folder that others may move about: the lock file is made in it and nowhere else.
 *
 * @throws the system's error when the file cannot be made; ShoalError ERR_DISK when it is no lock, or the folder is being
 *   moved about just now
 */
export function takeFolder(folder: Anchor): FolderLock | undefined {
  using within = new Within(folder)
  try {
    // Only ever opened by who makes it: to close a file drops every lock that this process has on it.
    closeSync(
      openSync(
        within.at(LOCK_FILE),
        constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW,
        LOCK_MODE,
      ),
    )
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  }
  // SQLite goes by the path, which may lead elsewhere by now: it must not make a file there.
  const url = pathToFileURL(within.at(LOCK_FILE))
  url.searchParams.set('mode', 'rw')
  try {
    return lock(url)
  } catch (cause) {
    const file = escapeForDisplay(join(folder.path, LOCK_FILE))
    throw new ShoalError('ERR_DISK', `cannot lock ${file}: ${(cause as Error).message}`, { cause })
  }
}

function lock(file: string | URL): FolderLock | undefined {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: 0 })
    // Nothing is ever written, so there is never a journal.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    const taken = database
    held.add(taken)
    return {
      release: () => {
        held.delete(taken)
        taken.close()
      },
    }
  } catch (error) {
    database?.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined
    throw error
  }
}
