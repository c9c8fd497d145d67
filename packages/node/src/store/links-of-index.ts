/** Reads what makes the links of all shares out of an index, also one that a running node writes to. Changes nothing. */
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { ShoalError } from '../errors.ts'
import { elsewhereOf } from './elsewhere-jobs.ts'
import { encodeElsewhere, MAX_ELSEWHERE_BYTES, MAX_ELSEWHERE_SHARES } from './elsewhere-share.ts'
import { assertSqlite, DamagedIndex, faultOf, MIGRATIONS, readNumber } from './index-database.ts'

export interface LinkList {
  /** As `encodeElsewhere` gives each, in the order in which they were made. */
  readonly list: Uint8Array
  /** How many there are in it. */
  readonly shares: number
  /** The oldest, for which there was no room. */
  readonly leftOut: number
}

/**
 * Each root once.
 *
 * @throws ShoalError ERR_HOME_BUSY when a process is just making the index, ERR_HOME_INVALID for one that is damaged or of a
 *   newer Shoal; ERR_SQLITE_VERSION, ERR_DISK, ERR_PERMISSION
 */
export function linksOfIndex(
  file: string,
  most: { readonly shares: number; readonly bytes: number } = {
    shares: MAX_ELSEWHERE_SHARES,
    bytes: MAX_ELSEWHERE_BYTES,
  },
): LinkList {
  assertSqlite(process.versions.sqlite)
  if (!existsSync(file)) throw justBegun(file)
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { readOnly: true })
    const version = readNumber(database, 'user_version')
    if (version === 0) throw justBegun(file)
    if (version > MIGRATIONS.length) {
      throw new ShoalError('ERR_HOME_INVALID', `${file} was written by a newer version of Shoal`, {
        hint: 'Update Shoal, or use another --home.',
      })
    }
    return newest(database, most)
  } catch (error) {
    const fault = faultOf(error, file)
    if (!(fault instanceof DamagedIndex)) throw fault
    throw new ShoalError('ERR_HOME_INVALID', `${file} is damaged`, {
      cause: fault,
      hint: 'Stop the Shoal that runs, then try again: the index is made anew.',
    })
  } finally {
    database?.close()
  }
}

function justBegun(file: string): ShoalError {
  return new ShoalError('ERR_HOME_BUSY', `${file} is just being made`)
}

function newest(database: DatabaseSync, most: { shares: number; bytes: number }): LinkList {
  const rows = database
    .prepare('SELECT root, key, name, bytes FROM share WHERE intent IS NULL ORDER BY seq DESC')
    .iterate()
  const roots = new Set<string>()
  const parts: Uint8Array[] = []
  let room = most.bytes
  let isFull = false
  for (const row of rows) {
    const share = elsewhereOf(row)
    if (roots.has(share.root)) continue
    roots.add(share.root)
    if (isFull) continue
    const bytes = encodeElsewhere(share)
    isFull = parts.length >= most.shares || bytes.byteLength > room
    if (isFull) continue
    parts.push(bytes)
    room -= bytes.byteLength
  }
  const list = new Uint8Array(Buffer.concat(parts.toReversed()))
  return { list, shares: parts.length, leftOut: roots.size - parts.length }
}
