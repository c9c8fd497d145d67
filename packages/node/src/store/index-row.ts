/** What the index keeps of a record. */
import { basename, dirname } from 'node:path'
import type { HomePaths } from './home.ts'
import type { IndexRow } from './index-jobs.ts'
import { lookupKey } from './share-lookup.ts'
import type { RecordHead } from './share-record.ts'

export function indexRow(id: string, head: RecordHead, paths: HomePaths): IndexRow {
  const { root, key, paths: shared, name, bytes, madeMs } = head
  const [path = ''] = shared
  return {
    id,
    root: root.toString(),
    key: key ?? null,
    lookup: lookupKey(head),
    name,
    bytes,
    // What was handed in is shared by itself.
    input: dirname(path) === paths.inputs ? basename(path) : null,
    madeMs,
    usedMs: madeMs,
  }
}
