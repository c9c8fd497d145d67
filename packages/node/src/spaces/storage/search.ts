/** Finds contents by a query. Of what matches the 500 that were added last are ranked. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { MAX_RANKED } from './limits.ts'
import { gramsOf, hasGrams, parseQuery, type Query } from './query.ts'

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

const TAGGED = 'SELECT 1 FROM tag WHERE folded = ? LIMIT 1'

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
    // What nothing is tagged with need not be looked for in all that the words match.
    if (query.tags.some((tag) => this.#statement(TAGGED).get(tag) === undefined)) return []
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
      // Marks and emoji: what has no letter case.
      if (!hasGrams(part))
        need('instr(shown || char(10) || entry.title || char(10) || entry.note, ?) > 0', part)
    }
    for (const tag of query.tags) need('live.e IN (SELECT e FROM tag WHERE folded = ?)', tag)
    for (const type of query.types) {
      if (type.includes('/')) need('type = ?', type)
      else need('type > ? AND type < ?', `${type}/`, `${type}0`)
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
    const from = source === undefined ? 'live' : `${source} CROSS JOIN live ON live.v = ${source}.rowid`
    const order = source === undefined ? 'live.v' : `${source}.rowid`
    // First which, then what they are: else all that match would be read to be put in order.
    const sql = `WITH hit AS MATERIALIZED (
        SELECT live.v AS v FROM ${from} CROSS JOIN entry ON entry.e = live.e ${where}
        ORDER BY ${order} DESC LIMIT ${MAX_RANKED + 1})
      SELECT live.v, shown, title, note, ${TAGS} AS tags
      FROM hit CROSS JOIN live ON live.v = hit.v CROSS JOIN entry ON entry.e = live.e ORDER BY live.v DESC`
    const rows = this.#statement(sql).all(...values) as unknown as Candidate[]
    return rows.filter((row) => hasParts(row, query.parts))
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

/** Trigrams only say that a text may contain another. */
function hasParts({ shown, title, note, tags }: Candidate, parts: readonly string[]): boolean {
  if (parts.length === 0) return true
  const text = [shown, title, tags, note].join('\n').toLowerCase()
  return parts.every((part) => text.includes(part))
}

const [IN_NAME, IN_TITLE, IN_TAGS, IN_FOLDERS, IN_NOTE] = [16, 8, 6, 4, 2]
/** A whole word is worth this times one that only begins so. */
const WHOLE = 2
const MARKS = /\p{M}/gu
// oxlint-disable-next-line no-control-regex -- all of ASCII
const ASCII = /^[\u0000-\u007f]*$/
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

/** How many of the words begin one of this text, whole ones counting twice. */
function worth(text: string, words: readonly string[]): number {
  if (text === '') return 0
  const lower = withoutAccents(text.toLowerCase())
  let sum = 0
  let inText: string[] | undefined
  for (const word of words) {
    const plain = withoutAccents(word)
    if (!lower.includes(plain)) continue
    inText ??= lower.match(WORDS) ?? []
    if (inText.includes(plain)) sum += WHOLE
    else if (inText.some((other) => other.startsWith(plain))) sum++
  }
  return sum
}

/** As the table of words has them. */
function withoutAccents(text: string): string {
  return ASCII.test(text) ? text : text.normalize('NFD').replace(MARKS, '')
}
