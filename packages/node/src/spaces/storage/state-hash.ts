/** One digest over all that the operations that count amount to: equal on replicas that hold the same. */
import { createHash, type Hash } from 'node:crypto'
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'

/** In orders that do not depend on the numbers of this database. What is not named here follows from it. */
const STREAMS = [
  `SELECT 'entry', id, e & 255, path, path_at, note, note_at, title, title_at
   FROM entry LEFT JOIN batch ON n = e >> 8 ORDER BY id, e & 255`,
  `SELECT 'content', id, e & 255, live.at, shown, root, inner_path, wrapped_key, epoch, live.bytes, type, modified_ms
   FROM live LEFT JOIN batch ON n = e >> 8 ORDER BY live.at`,
  `SELECT 'tag', ofEntry.id, e & 255, ofTag.id, op & 255, tag
   FROM tag LEFT JOIN batch AS ofEntry ON ofEntry.n = e >> 8 JOIN batch AS ofTag ON ofTag.n = op >> 8
   ORDER BY ofTag.id, op & 255`,
]
const LENGTH_BYTES = 4

/** sha2-256 of the state, in hexadecimal. */
export function stateHashOf(database: DatabaseSync): string {
  const hash = createHash('sha256')
  for (const stream of STREAMS) {
    const statement = database.prepare(stream)
    statement.setReturnArrays(true)
    for (const row of statement.iterate()) for (const value of Object.values(row)) feed(hash, value)
  }
  return hash.digest('hex')
}

/** Each value with its kind and length, so that no two rows read alike. */
function feed(hash: Hash, value: SQLOutputValue): void {
  const kind =
    value === null ? 'n' : value instanceof Uint8Array ? 'b' : typeof value === 'string' ? 't' : 'i'
  const bytes = value instanceof Uint8Array ? value : Buffer.from(String(value ?? ''))
  const length = Buffer.allocUnsafe(LENGTH_BYTES)
  length.writeUInt32BE(bytes.length)
  hash.update(kind).update(length).update(bytes)
}
