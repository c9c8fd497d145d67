/** Reads what a space is called out of its auth log, also one that a running node writes to. Changes nothing. */
import { DatabaseSync } from 'node:sqlite'
import type { Hex } from '../auth/action.ts'
import { AuthLog } from '../auth/log.ts'
import { decodeKeptOperation } from '../auth/operation.ts'

/** Undefined when its log is not here, or cannot be read: whoever opens the space is told why. */
export function readSpaceName(file: string, space: Hex): string | undefined {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { readOnly: true })
    const log = new AuthLog(space)
    const rows = database.prepare('SELECT frame FROM operation ORDER BY n').iterate()
    for (const row of rows) log.add(decodeKeptOperation(row['frame'] as Uint8Array))
    return log.state.name
  } catch {
    return undefined
  } finally {
    database?.close()
  }
}
