/** What the index says of shares whose files lie in the home: which go first when there is no more room. */
import type { DatabaseSync } from 'node:sqlite'

/** Where a page of `keptUnits` goes on. */
export interface KeptPlace {
  /** When one of its shares was used last, in milliseconds since 1970. */
  readonly usedMs: number
  readonly unit: string
}

/** A share of something that lies in the home, as far as it matters for whether that may go. */
export interface KeptShare {
  /** Name of the record. */
  readonly id: string
  readonly root: string
  /** As `IndexRow.lookup`. */
  readonly lookup: Uint8Array
  /** As `StoredRow.isPinned`. */
  readonly isPinned: boolean | null
}

/** Something that lies in the home for shares of which none is pinned. */
export interface KeptUnit extends KeptPlace {
  readonly shares: readonly KeptShare[]
}

/** Units that are needed for no share that is pinned or being made, used longest ago first. */
export function keptUnits(database: DatabaseSync, after: KeptPlace | undefined, limit: number): KeptUnit[] {
  const rows = database
    .prepare(
      `SELECT kept, max(used_ms) AS used,
       json_group_array(json_array(id, root, hex(lookup), pinned)) AS shares
       FROM share WHERE kept IS NOT NULL AND intent IS NOT 'removing'
       GROUP BY kept HAVING max(pinned IS 1) = 0 AND max(intent IS 'making') = 0
       AND (max(used_ms) > ?1 OR (max(used_ms) = ?1 AND kept > ?2))
       ORDER BY used, kept LIMIT ?3`,
    )
    .all(after?.usedMs ?? -1, after?.unit ?? '', limit)
  return rows.map((row) => ({
    unit: String(row['kept']),
    usedMs: Number(row['used']),
    shares: (JSON.parse(String(row['shares'])) as [string, string, string, number | null][]).map(
      ([id, root, lookup, pinned]) => ({
        id,
        root,
        lookup: Buffer.from(lookup, 'hex'),
        isPinned: pinned === null ? null : pinned === 1,
      }),
    ),
  }))
}
