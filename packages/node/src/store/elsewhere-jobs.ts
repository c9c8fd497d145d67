/** What the index says of shares whose files are elsewhere. A root of which there is a record has no such row. */
import type { DatabaseSync } from 'node:sqlite'
import { encode } from '@ipld/dag-cbor'
import { CborReader } from '../content/cbor.ts'
import { sha256 } from '../content/cid.ts'
import { encodeElsewhere, readElsewhere, type ElsewhereShare } from './elsewhere-share.ts'

const LABEL = 'shoal/share-elsewhere/1'
const ID_BYTES = 16

/** Enters them into the transaction that is open. @param list as `encodeElsewhere` gives each */
export function insertElsewhere(database: DatabaseSync, list: Uint8Array): void {
  // When they were made is not known; the order of the list is that in which they were.
  const statement = database.prepare(
    `INSERT INTO share (id, root, key, lookup, name, bytes, made_ms, used_ms, elsewhere)
     VALUES (?, ?, ?, ?, ?, ?, 0, 0, 1)`,
  )
  for (const { root, key, name, bytes } of readElsewhere(
    new CborReader(list, 'ERR_CONTENT_INVALID', 'a list of shares'),
  )) {
    // No path is looked up by this: whatever is shared here is a share of its own.
    const lookup = sha256(encode([LABEL, root]))
    const id = Buffer.from(lookup.subarray(0, ID_BYTES)).toString('hex')
    statement.run(id, root, key, lookup, name, bytes)
  }
  database.exec(
    'DELETE FROM share WHERE elsewhere = 1 AND root IN (SELECT root FROM share WHERE elsewhere = 0)',
  )
}

/** Puts these in place of all that there were. */
export function replaceElsewhere(database: DatabaseSync, list: Uint8Array): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec('DELETE FROM share WHERE elsewhere = 1')
    insertElsewhere(database, list)
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** All that count, as `encodeElsewhere` gives each, in their order. */
export function listElsewhere(database: DatabaseSync): Uint8Array {
  const rows = database
    .prepare('SELECT root, key, name, bytes FROM share WHERE elsewhere = 1 AND intent IS NULL ORDER BY seq')
    .iterate()
  const parts: Uint8Array[] = []
  for (const row of rows) parts.push(encodeElsewhere(elsewhereOf(row)))
  return new Uint8Array(Buffer.concat(parts))
}

/** What makes the link of a share. */
export function elsewhereOf(row: Record<string, unknown>): ElsewhereShare {
  return {
    root: String(row['root']),
    key: row['key'] as Uint8Array | null,
    name: String(row['name']),
    bytes: Number(row['bytes']),
  }
}
