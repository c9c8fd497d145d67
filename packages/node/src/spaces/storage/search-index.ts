/** The words and letters by which contents are found. What changed is written once, at the end of each transaction. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { MAX_SHOWN_TAGS } from '../catalogue/limits.ts'
import { prepareWrite } from './schema.ts'

export class SearchIndex {
  readonly #facts: StatementSync
  readonly #tags: StatementSync
  readonly #dropWords: StatementSync
  readonly #dropGrams: StatementSync
  readonly #addWords: StatementSync
  readonly #addGrams: StatementSync
  /** Contents to write, and whether something is written of them already. */
  readonly #changed = new Map<number, boolean>()

  constructor(database: DatabaseSync) {
    this.#facts = database.prepare(
      'SELECT live.e, shown, title, note FROM live JOIN entry USING (e) WHERE v = ?',
    )
    this.#tags = database.prepare(`SELECT DISTINCT tag FROM tag WHERE e = ? LIMIT ${MAX_SHOWN_TAGS}`)
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

  /** A content has its row in `live` for the first time in this transaction. */
  made(v: number): void {
    if (!this.#changed.has(v)) this.#changed.set(v, false)
  }

  /** Something that is searched changed, or the content is no more. */
  touch(v: number): void {
    if (!this.#changed.has(v)) this.#changed.set(v, true)
  }

  flush(): void {
    for (const [v, isWritten] of this.#changed) {
      if (isWritten) {
        this.#dropWords.run(v)
        this.#dropGrams.run(v)
      }
      const facts = this.#facts.get(v)
      if (facts === undefined) continue
      const { e, shown, title, note } = facts as { e: number; shown: string; title: string; note: string }
      const tags = this.#tags.all(e).map((row) => row['tag'] as string)
      const tagText = tags.join('\n')
      this.#addWords.run(v, shown, title, tagText, note)
      this.#addGrams.run(v, [shown, title, tagText, note].filter((text) => text !== '').join('\n'))
    }
    this.#changed.clear()
  }
}
