/**
 * Entries in the database, as states that operations can be applied to. A state is loaded when an operation first
 * reaches it in a transaction, and what changed is written at its end.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { EntryState, PLACES, type LiveContent, type ReplacedBefore } from '../catalogue/entry-state.ts'
import { whoOf, type Places } from './places.ts'
import type { SearchIndex } from './search-index.ts'
import { contentOf } from './shown-entry.ts'
import { foldTag } from './tag-form.ts'
import { prepareWrite } from './schema.ts'

/** What stands in the tables of an entry. */
interface Stored {
  readonly state: EntryState
  readonly hasRow: boolean
  readonly path: string
  readonly contents: ReadonlySet<number>
  readonly tags: ReadonlySet<number>
}

interface EntryRow {
  readonly path: string
  readonly path_at: Uint8Array
  readonly note: string
  readonly note_at: Uint8Array
  readonly title: string
  readonly title_at: Uint8Array
}

const NONE: ReadonlySet<number> = new Set()

function blank(replaced: ReplacedBefore): Stored {
  return { state: new EntryState(replaced), hasRow: false, path: '', contents: NONE, tags: NONE }
}

export class EntryTable {
  readonly #loaded = new Map<number, Stored>()
  readonly #places: Places
  readonly #search: SearchIndex
  readonly #row: StatementSync
  readonly #contents: StatementSync
  readonly #tags: StatementSync
  readonly #put: StatementSync
  readonly #drop: StatementSync
  readonly #addContent: StatementSync
  readonly #dropContent: StatementSync
  readonly #addTag: StatementSync
  readonly #dropTag: StatementSync
  readonly #isReplaced: StatementSync
  readonly #replace: StatementSync
  readonly #dropReplaced: StatementSync
  readonly #author: StatementSync
  #lastWho = { n: -1, who: 0 }

  constructor(database: DatabaseSync, places: Places, search: SearchIndex) {
    this.#places = places
    this.#search = search
    this.#row = database.prepare('SELECT * FROM entry WHERE e = ?')
    this.#contents = database.prepare('SELECT * FROM live WHERE e = ?')
    this.#tags = database.prepare('SELECT op, tag FROM tag WHERE e = ?')
    this.#put = prepareWrite(
      database,
      `INSERT OR REPLACE INTO entry (e, path, path_at, note, note_at, title, title_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#drop = prepareWrite(database, 'DELETE FROM entry WHERE e = ?')
    this.#addContent = prepareWrite(
      database,
      `INSERT INTO live (v, e, at, who, place, shown, root, inner_path, wrapped_key, epoch, bytes, type, modified_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#dropContent = prepareWrite(database, 'DELETE FROM live WHERE v = ?')
    this.#addTag = prepareWrite(database, 'INSERT INTO tag (e, op, tag, folded) VALUES (?, ?, ?, ?)')
    this.#dropTag = prepareWrite(database, 'DELETE FROM tag WHERE e = ? AND op = ?')
    this.#isReplaced = database.prepare('SELECT 1 FROM replaced WHERE e = ? AND op = ?')
    this.#replace = prepareWrite(database, 'INSERT OR IGNORE INTO replaced (e, op) VALUES (?, ?)')
    this.#dropReplaced = prepareWrite(database, 'DELETE FROM replaced WHERE e = ?')
    this.#author = database.prepare(
      'SELECT substr(key, 1, 4) AS who FROM author JOIN batch ON batch.author = author.a WHERE n = ?',
    )
  }

  begin(): void {
    this.#loaded.clear()
    this.#lastWho = { n: -1, who: 0 }
  }

  /** The state of an entry; `isNew` when nothing can have been said of it before. */
  stateOf(entry: number, isNew: boolean): EntryState {
    let stored = this.#loaded.get(entry)
    if (stored === undefined) {
      stored = isNew ? blank(this.#replacedOf(entry, false)) : this.#load(entry)
      this.#loaded.set(entry, stored)
    }
    return stored.state
  }

  /** An empty state in place of what is there, to fold the entry anew. */
  reset(entry: number): EntryState {
    const before = this.#loaded.get(entry) ?? this.#load(entry)
    this.#dropReplaced.run(entry)
    const state = new EntryState(this.#replacedOf(entry, false))
    state.hasNewRegister = true
    state.hasNewText = true
    this.#loaded.set(entry, { ...before, state })
    return state
  }

  /** Writes what changed. */
  flush(): void {
    for (const [entry, stored] of this.#loaded) this.#save(entry, stored)
    this.#loaded.clear()
  }

  #save(entry: number, stored: Stored): void {
    const { state } = stored
    const isMoved = stored.path !== state.path.text
    const kept: number[] = []
    for (const v of stored.contents) {
      const isGone = !state.contents.has(v)
      if (!isGone) kept.push(v)
      if (isGone || isMoved) this.#places.remove(v, stored.path)
      if (!isGone) continue
      this.#dropContent.run(v)
      this.#search.touch(v)
    }
    if (state.isEmpty) {
      if (stored.hasRow) this.#drop.run(entry)
    } else if (state.hasNewRegister || !stored.hasRow) this.#writeRow(entry, state)
    for (const v of kept) if (isMoved) this.#place(v, state)
    for (const [v, live] of state.contents) {
      if (stored.contents.has(v)) continue
      this.#place(v, state, (place, shown, who) => {
        this.#writeContent(entry, v, live, who, place, shown)
        this.#search.made(v, { shown, title: state.title.text, note: state.note.text, tags: state.tags })
      })
    }
    this.#saveTags(entry, stored)
    if (state.hasNewText) for (const v of kept) this.#search.touch(v)
  }

  #saveTags(entry: number, { state, tags }: Stored): void {
    for (const op of tags) if (!state.tags.has(op)) this.#dropTag.run(entry, op)
    for (const [op, tag] of state.tags) {
      if (!tags.has(op)) this.#addTag.run(entry, op, tag, foldTag(tag))
    }
  }

  #writeRow(entry: number, { path, note, title }: EntryState): void {
    this.#put.run(entry, path.text, path.at, note.text, note.at, title.text, title.at)
  }

  #writeContent(
    entry: number,
    v: number,
    { content, at }: LiveContent,
    ...where: [who: number, place: string, shown: string]
  ): void {
    const { root, inner, wrappedKey, epoch, bytes, type, modifiedMs } = content
    const values = [root, inner, wrappedKey, epoch, bytes, type, modifiedMs]
    this.#addContent.run(v, entry, at, ...where, ...values)
  }

  #place(v: number, state: EntryState, write?: (place: string, shown: string, who: number) => void): void {
    const at = state.contents.get(v)?.at as Uint8Array
    const who = this.#whoOfBatch(Math.floor(v / PLACES))
    const row = write === undefined ? undefined : (place: string, shown: string) => write(place, shown, who)
    this.#places.add({ v, at, who }, state.path.text, row)
  }

  /** Kept for the last batch, since operations come batch by batch. */
  #whoOfBatch(n: number): number {
    if (this.#lastWho.n !== n) {
      const key = this.#author.get(n)?.['who'] as Uint8Array
      this.#lastWho = { n, who: whoOf(key) }
    }
    return this.#lastWho.who
  }

  /** @param mayHave whether something of the entry may have been replaced already */
  #replacedOf(entry: number, mayHave: boolean): ReplacedBefore {
    let isAsked = mayHave
    return {
      has: (op) => isAsked && this.#isReplaced.get(entry, op) !== undefined,
      add: (op) => {
        isAsked = true
        this.#replace.run(entry, op)
      },
    }
  }

  #load(entry: number): Stored {
    const stored = blank(this.#replacedOf(entry, true))
    const row = this.#row.get(entry) as unknown as EntryRow | undefined
    if (row === undefined) return stored
    const { state } = stored
    Object.assign(state.path, { text: row.path, at: row.path_at })
    Object.assign(state.note, { text: row.note, at: row.note_at })
    Object.assign(state.title, { text: row.title, at: row.title_at })
    for (const live of this.#contents.all(entry)) {
      state.contents.set(live['v'] as number, { at: live['at'] as Uint8Array, content: contentOf(live) })
    }
    for (const { op, tag } of this.#tags.all(entry)) state.tags.set(op as number, tag as string)
    const contents = new Set(state.contents.keys())
    return { state, hasRow: true, path: row.path, contents, tags: new Set(state.tags.keys()) }
  }
}
