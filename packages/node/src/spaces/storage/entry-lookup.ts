/** Finds entries of a space for who is about to do something with them, on a connection that cannot write. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { decodeBatch } from '../catalogue/batch.ts'
import { pathKey } from '../catalogue/conflict-name.ts'
import { PLACES } from '../catalogue/entry-state.ts'
import type { EntryContent } from '../catalogue/operations.ts'
import { VERDICT } from './batch-log.ts'
import { DecodedBatches } from './decoded-batches.ts'
import type { ShownEntries, ShownEntry } from './shown-entry.ts'
import { foldTag } from './tag-form.ts'

const ID_BYTES = 32
/** To SQLite bytes stand after all text. */
const AFTER_ALL = new Uint8Array(0)

/** Contents below a folder, in the order of their paths without regard to letter case. */
export interface Below {
  readonly entries: readonly ShownEntry[]
  /** Give it as `after` for what follows; undefined at the end. */
  readonly next: string | undefined
}

/** An entry that is gone, with the content that it had last. */
export interface GoneEntry {
  readonly entry: Uint8Array
  readonly path: string
  readonly content: EntryContent
}

interface LastContent {
  readonly content: EntryContent
  readonly lamport: number
}

export class EntryLookup {
  readonly #shown: ShownEntries
  readonly #below: StatementSync
  readonly #first: StatementSync
  readonly #gone: StatementSync
  readonly #tagged: StatementSync
  readonly #number: StatementSync
  readonly #id: StatementSync
  readonly #path: StatementSync
  readonly #roots: StatementSync
  readonly #given: StatementSync
  readonly #frame: StatementSync

  constructor(database: DatabaseSync, shown: ShownEntries) {
    this.#shown = shown
    const columns = 'SELECT v, place FROM live WHERE'
    this.#first = database.prepare(`${columns} place = ?`)
    this.#below = database.prepare(`${columns} place > ? AND place < ? ORDER BY place LIMIT ?`)
    this.#gone = database.prepare(
      `SELECT e, path FROM entry WHERE (path = ?1 OR (path >= ?1 || '/' AND path < ?1 || '0') OR ?1 = '') AND e <> 0
       AND NOT EXISTS (SELECT 1 FROM live WHERE live.e = entry.e) ORDER BY e LIMIT ?2`,
    )
    this.#tagged = database.prepare('SELECT op FROM tag WHERE e = ? AND folded = ? ORDER BY op')
    this.#number = database.prepare('SELECT n FROM batch WHERE id = ?')
    this.#id = database.prepare('SELECT id FROM batch WHERE n = ?')
    this.#path = database.prepare('SELECT path FROM entry WHERE e = ?')
    this.#roots = database.prepare('SELECT DISTINCT root FROM live')
    this.#given = database.prepare(
      `SELECT n, op FROM op JOIN batch ON n = op >> 8
       WHERE entry = ? AND verdict = ${VERDICT.ok} ORDER BY lamport DESC, id DESC, op DESC`,
    )
    this.#frame = database.prepare('SELECT frame FROM log WHERE n = ?')
  }

  /** The content that is shown at a path, and all that lie in the folder of this path. Empty: the whole space. */
  below(path: string, limit: number, after?: string): Below {
    const key = path === '' ? '' : pathKey(path)
    const from = key === '' ? '' : `${key}/`
    // '0' follows '/': the first that lies outside.
    const to = key === '' ? AFTER_ALL : `${key}0`
    const own = key === '' || after !== undefined ? [] : this.#first.all(key)
    const rows = [...own, ...this.#below.all(after ?? from, to, limit)].slice(0, limit)
    const entries = rows.flatMap(({ v }) => this.#shown.get(v as number) ?? [])
    const last = rows.at(-1)?.['place'] as string | undefined
    return { entries, next: rows.length < limit ? undefined : last === key ? from : last }
  }

  /** Entries that were at a path, or in the folder of this path, and have no content any more; of each path that which had one last. */
  gone(path: string, limit: number): GoneEntry[] {
    const last = new Map<string, GoneEntry & LastContent>()
    const decoded = new DecodedBatches((n) => decodeBatch(this.#frame.get(n)?.['frame'] as Uint8Array))
    for (const row of this.#gone.all(path, limit)) {
      const [e, shown] = [row['e'] as number, row['path'] as string]
      const given = this.#lastContent(e, decoded)
      if (given === undefined || (last.get(shown)?.lamport ?? -1) > given.lamport) continue
      last.set(shown, { entry: this.#refOf(e), path: shown, ...given })
    }
    return [...last.values()].map(({ entry, path: at, content }) => ({ entry, path: at, content }))
  }

  /** Operations that gave an entry this tag, in whatever letter case. */
  tagged(entry: Uint8Array, tag: string): Uint8Array[] {
    const e = this.#numberOf(entry)
    if (e === undefined) return []
    return this.#tagged.all(e, foldTag(tag)).map(({ op }) => this.#refOf(op as number))
  }

  /** Where an entry is, or was when it had a content last; undefined for one that is not known. */
  pathOf(entry: Uint8Array): string | undefined {
    const e = this.#numberOf(entry)
    return e === undefined ? undefined : (this.#path.get(e)?.['path'] as string | undefined)
  }

  /** Roots of all contents, each once. */
  roots(): Uint8Array[] {
    return this.#roots.all().map(({ root }) => root as Uint8Array)
  }

  /** What an entry held last, by operations that count. */
  #lastContent(e: number, decoded: DecodedBatches): LastContent | undefined {
    for (const row of this.#given.all(e)) {
      const n = row['n'] as number
      const batch = decoded.get(n)
      const operation = batch.operations[(row['op'] as number) % PLACES]
      if (operation !== undefined && 'content' in operation)
        return { content: operation.content, lamport: batch.lamport }
    }
    return undefined
  }

  #numberOf(ref: Uint8Array): number | undefined {
    const n = this.#number.get(ref.subarray(0, ID_BYTES))?.['n'] as number | undefined
    return n === undefined ? undefined : n * PLACES + (ref[ID_BYTES] ?? 0)
  }

  #refOf(number: number): Uint8Array {
    const id = this.#id.get(Math.floor(number / PLACES))?.['id'] as Uint8Array
    return Uint8Array.of(...id, number % PLACES)
  }
}
