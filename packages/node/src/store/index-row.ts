/** What the index keeps of a record. */
import type { HomePaths } from './home.ts'
import type { IndexRow } from './index-jobs.ts'
import { lookupKey } from './share-lookup.ts'
import { inputOf, unitOfPaths } from './quota/unit.ts'
import type { RecordHead } from './share-record.ts'

export function indexRow(id: string, head: RecordHead, paths: HomePaths): IndexRow {
  const { root, key, paths: shared, name, bytes, madeMs } = head
  const kept = unitOfPaths(shared, paths)
  return {
    id,
    root: root.toString(),
    key: key ?? null,
    lookup: lookupKey(head),
    name,
    bytes,
    input: kept === null ? null : (inputOf(kept) ?? null),
    kept,
    madeMs,
    usedMs: madeMs,
  }
}
