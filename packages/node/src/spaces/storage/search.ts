/** Finds contents by a query. The first thousand that match, those added last before others, are ranked. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { MAX_RANKED } from './limits.ts'
import { gramsOf, parseQuery, type Query } from './query.ts'

export interface Found {
  /** Numbers of contents, best first. */
  readonly contents: readonly number[]
  /** More matched than were ranked. */
  readonly isCut: boolean
}

interface Candidate {
  readonly v: number
  readonly shown: string
  readonly title: string
  readonly note: string
  readonly tags: string
}

/** Statements kept ready: queries of one form differ in their values only. */
const MAX_STATEMENTS = 64
const TAGS = "coalesce((SELECT group_concat(tag, char(10)) FROM tag WHERE tag.e = live.e), '')"
const COLUMNS = `SELECT live.v, shown, entry.title, entry.note, ${TAGS} AS tags`

export class Search {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  /**
   * @param text as `parseQuery`; an empty one matches everything
   * @throws ShoalError ERR_LIMIT
   */
  find(text: string): Found {
    const query = parseQuery(text)
    let rows = this.#candidates(query)
    if (rows.length === 0 && query.words !== '' && !query.isExact) {
      // Nothing has a word that begins so: maybe it stands within one.
      rows = this.#candidates({ ...query, words: '', parts: [...query.parts, ...query.plain] })
    }
    const isCut = rows.length > MAX_RANKED
    const ranked = rows
      .slice(0, MAX_RANKED)
      .map((row) => ({ v: row.v, score: scoreOf(row, query), length: row.shown.length }))
      .toSorted((a, b) => b.score - a.score || a.length - b.length || b.v - a.v)
    return { contents: ranked.map(({ v }) => v), isCut }
  }

  #candidates(query: Query): Candidate[] {
    const conditions: string[] = []
    const values: SQLInputValue[] = []
    const need = (condition: string, ...given: SQLInputValue[]): void => {
      conditions.push(condition)
      values.push(...given)
    }
    const grams = gramsOf(query.parts)
    // The table of words, or else that of trigrams, gives its matches in order; what it gives is then looked at.
    const source = query.words === '' ? (grams === '' ? undefined : 'grams') : 'words'
    if (query.words !== '') need('words MATCH ?', query.words)
    if (grams !== '') {
      if (source === 'grams') need('grams MATCH ?', grams)
      else need('live.v IN (SELECT rowid FROM grams WHERE grams MATCH ?)', grams)
    }
    for (const part of query.parts) {
      need(
        `instr(lower(shown || char(10) || entry.title || char(10) || ${TAGS} || char(10) || entry.note), ?) > 0`,
        part,
      )
    }
    for (const tag of query.tags) need('live.e IN (SELECT e FROM tag WHERE folded = ?)', tag)
    for (const type of query.types) {
      if (type.includes('/')) need('type = ?', type)
      else need('type > ? AND type < ?', `${type}/`, `${type}0`)
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
    const from = source === undefined ? 'live' : `${source} CROSS JOIN live ON live.v = ${source}.rowid`
    const order = source === undefined ? 'live.v' : `${source}.rowid`
    const sql = `${COLUMNS} FROM ${from} CROSS JOIN entry ON entry.e = live.e ${where}
      ORDER BY ${order} DESC LIMIT ${MAX_RANKED + 1}`
    return this.#statement(sql).all(...values) as unknown as Candidate[]
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      if (this.#statements.size >= MAX_STATEMENTS) {
        this.#statements.delete(this.#statements.keys().next().value as string)
      }
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

const [IN_NAME, IN_TITLE, IN_TAGS, IN_FOLDERS, IN_NOTE] = [16, 8, 6, 4, 2]
/** A whole word is worth this times one that only begins so. */
const WHOLE = 2
const WORDS = /[\p{L}\p{N}\p{M}]+/gu

function scoreOf(row: Candidate, { plain }: Query): number {
  if (plain.length === 0) return 0
  const slash = row.shown.lastIndexOf('/')
  return (
    IN_NAME * worth(row.shown.slice(slash + 1), plain) +
    IN_TITLE * worth(row.title, plain) +
    IN_TAGS * worth(row.tags, plain) +
    IN_FOLDERS * worth(row.shown.slice(0, slash + 1), plain) +
    IN_NOTE * worth(row.note, plain)
  )
}

/** How many of the words stand in this text, whole ones counting twice. */
function worth(text: string, words: readonly string[]): number {
  if (text === '') return 0
  const lower = text.toLowerCase()
  let worthOf = 0
  let inText: Set<string> | undefined
  for (const word of words) {
    if (!lower.includes(word)) continue
    inText ??= new Set(lower.match(WORDS))
    worthOf += inText.has(word) ? WHOLE : 1
  }
  return worthOf
}
