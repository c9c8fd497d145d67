/** One content of a space as people see it. */
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import { MAX_SHOWN_TAGS } from '../catalogue/limits.ts'
import type { EntryContent } from '../catalogue/operations.ts'

export interface ShownEntry {
  /** Where it is shown; differs from `wantedPath` where another content stands there. */
  readonly path: string
  readonly wantedPath: string
  /** Names the entry, 33 bytes. Several contents of one entry are concurrent edits. */
  readonly entry: Uint8Array
  /** Names the content: the operation that gave it, 33 bytes. An edit or a delete says that it replaces this. */
  readonly version: Uint8Array
  /** Who gave this content, 32 bytes. */
  readonly author: Uint8Array
  readonly content: EntryContent
  readonly title: string
  readonly note: string
  /** At most 100. */
  readonly tags: readonly string[]
}

const SELECT = `SELECT live.v, live.e, live.at, shown, entry.path, title, note, root, inner_path, wrapped_key, epoch,
  live.bytes, type, modified_ms, author.key AS author, made.id AS made
  FROM live JOIN entry ON entry.e = live.e JOIN batch AS made ON made.n = live.e >> 8
  JOIN batch AS given ON given.n = live.v >> 8 JOIN author ON author.a = given.author WHERE live.v = ?`
const LAMPORT_BYTES = 6

export class ShownEntries {
  readonly #one: StatementSync
  readonly #tags: StatementSync

  constructor(database: DatabaseSync) {
    this.#one = database.prepare(SELECT)
    this.#tags = database.prepare(
      `SELECT DISTINCT tag FROM tag WHERE e = ? ORDER BY tag LIMIT ${MAX_SHOWN_TAGS}`,
    )
  }

  /** The content that this operation gave, by the operation's number. */
  get(v: number): ShownEntry | undefined {
    const row = this.#one.get(v)
    if (row === undefined) return undefined
    const tags = this.#tags.all(row['e'] as number).map(({ tag }) => tag as string)
    const entry = Buffer.concat([row['made'] as Uint8Array, Uint8Array.of((row['e'] as number) % 256)])
    return {
      path: row['shown'] as string,
      wantedPath: row['path'] as string,
      entry: new Uint8Array(entry),
      version: (row['at'] as Uint8Array).subarray(LAMPORT_BYTES),
      author: row['author'] as Uint8Array,
      content: contentOf(row),
      title: row['title'] as string,
      note: row['note'] as string,
      tags,
    }
  }
}

/** The content in a row of `live`. */
export function contentOf(row: Record<string, SQLOutputValue>): EntryContent {
  return {
    root: row['root'] as Uint8Array,
    inner: row['inner_path'] as string,
    wrappedKey: row['wrapped_key'] as Uint8Array,
    epoch: row['epoch'] as Uint8Array,
    bytes: row['bytes'] as number,
    type: row['type'] as string,
    modifiedMs: row['modified_ms'] as number,
  }
}
