/** Rows of the index, in and out. */
import type { DatabaseSync } from 'node:sqlite'
import type { IndexRow, StoredRow } from './index-jobs.ts'

/** @param isOld whoever pinned it or not was in an index that is lost: what lies in the home for it counts as pinned */
export function insertRow(
  database: DatabaseSync,
  row: IndexRow,
  intent: 'making' | null,
  isOld = false,
): void {
  const { id, root, key, lookup, name, bytes, input, kept, madeMs, usedMs } = row
  const isPinned = isOld && kept !== null ? 1 : null
  database
    .prepare(
      `INSERT INTO share (id, intent, root, key, lookup, name, bytes, input, kept, pinned, made_ms, used_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(id, intent, root, key, lookup, name, bytes, input, kept, isPinned, madeMs, usedMs)
}

export function selectRows(
  database: DatabaseSync,
  where: string,
  values: readonly (string | number | Uint8Array)[],
): StoredRow[] {
  const found = database.prepare(`SELECT * FROM share WHERE ${where}`).all(...values)
  return found.map((row) => ({
    seq: Number(row['seq']),
    id: String(row['id']),
    root: String(row['root']),
    key: row['key'] as Uint8Array | null,
    lookup: row['lookup'] as Uint8Array,
    name: String(row['name']),
    bytes: Number(row['bytes']),
    input: row['input'] as string | null,
    madeMs: Number(row['made_ms']),
    usedMs: Number(row['used_ms']),
    isStale: row['stale'] === 1,
    kept: row['kept'] as string | null,
    isPinned: row['pinned'] === null ? null : row['pinned'] === 1,
    isElsewhere: row['elsewhere'] === 1,
  }))
}
