/** What the index keeps of a record. */
import { basename, dirname } from 'node:path'
import type { HomePaths } from './home.ts'
import type { IndexRow } from './index-jobs.ts'
import { lookupKey } from './share-lookup.ts'
import type { RecordHead } from './share-record.ts'

export function indexRow(id: string, head: RecordHead, paths: HomePaths): IndexRow {
  const { root, key, path, name, bytes, madeMs } = head
  return {
    id,
    root: root.toString(),
    key: key ?? null,
    lookup: lookupKey(head),
    name,
    bytes,
    input: dirname(path) === paths.inputs ? basename(path) : null,
    madeMs,
    usedMs: madeMs,
  }
}
