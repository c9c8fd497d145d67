/** The words and letters by which contents are found. What changed is written once, at the end of each transaction. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { MAX_SHOWN_TAGS } from '../catalogue/limits.ts'
import { prepareWrite } from './schema.ts'

/** What is searched of a content. */
interface Facts {
  readonly shown: string
  readonly title: string
  readonly note: string
  /** By the operations that gave them. */
  readonly tags: ReadonlyMap<number, string>
}

interface Change {
  /** Is something written of it that has to go? */
  readonly isWritten: boolean
  /** Undefined where they have to be read. */
  readonly facts: Facts | undefined
}

export class SearchIndex {
  readonly #facts: StatementSync
  readonly #tags: StatementSync
  readonly #dropWords: StatementSync
  readonly #dropGrams: StatementSync
  readonly #addWords: StatementSync
  readonly #addGrams: StatementSync
  /** Contents to write. */
  readonly #changed = new Map<number, Change>()

  constructor(database: DatabaseSync) {
    this.#facts = database.prepare(
      'SELECT live.e, shown, title, note FROM live JOIN entry USING (e) WHERE v = ?',
    )
    this.#tags = database.prepare('SELECT op, tag FROM tag WHERE e = ?')
    this.#dropWords = prepareWrite(database, 'DELETE FROM words WHERE rowid = ?')
    this.#dropGrams = prepareWrite(database, 'DELETE FROM grams WHERE rowid = ?')
    this.#addWords = prepareWrite(
      database,
      'INSERT INTO words (rowid, path, title, tags, note) VALUES (?, ?, ?, ?, ?)',
    )
    this.#addGrams = prepareWrite(database, 'INSERT INTO grams (rowid, text) VALUES (?, ?)')
  }

  begin(): void {
    this.#changed.clear()
  }

  /** A content has its row in `live` for the first time, and so nothing is written of it yet. */
  made(v: number, facts: Facts): void {
    this.#changed.set(v, { isWritten: this.#changed.has(v), facts })
  }

  /** Something that is searched changed, or the content is no more. */
  touch(v: number): void {
    this.#changed.set(v, { isWritten: this.#changed.get(v)?.isWritten ?? true, facts: undefined })
  }

  flush(): void {
    for (const [v, { isWritten, facts }] of this.#changed) {
      if (isWritten) {
        this.#dropWords.run(v)
        this.#dropGrams.run(v)
      }
      const now = facts ?? this.#read(v)
      if (now !== undefined) this.#write(v, now)
    }
    this.#changed.clear()
  }

  #write(v: number, { shown, title, note, tags }: Facts): void {
    if (tags.size === 0 && title === '' && note === '') {
      this.#addWords.run(v, shown, '', '', '')
      this.#addGrams.run(v, shown)
      return
    }
    const tagText = [...new Set(tags.values())].toSorted().slice(0, MAX_SHOWN_TAGS).join('\n')
    this.#addWords.run(v, shown, title, tagText, note)
    this.#addGrams.run(v, [shown, title, tagText, note].join('\n'))
  }

  #read(v: number): Facts | undefined {
    const row = this.#facts.get(v)
    if (row === undefined) return undefined
    const { e, shown, title, note } = row as { e: number; shown: string; title: string; note: string }
    const tags = new Map(this.#tags.all(e).map(({ op, tag }) => [op as number, tag as string]))
    return { shown, title, note, tags }
  }
}
