/**
 * Questions about a space, on a connection that cannot write. Each answer is of one moment: what was committed when
 * it was asked.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { ShoalError } from '../../errors.ts'
import { pathKey } from '../catalogue/conflict-name.ts'
import { PLACES } from '../catalogue/entry-state.ts'
import type { Operation } from '../catalogue/operations.ts'
import { EntryLookup } from './entry-lookup.ts'
import { SPACE_ENTRY } from './fold.ts'
import { History, type HistoryItem } from './history.ts'
import { inverseOf } from './inverse.ts'
import { MAX_PAGE } from './limits.ts'
import { openSpaceReader } from './schema.ts'
import { Search } from './search.ts'
import { ShownEntries, type ShownEntry } from './shown-entry.ts'

export interface Page {
  /** At most 1,000. */
  readonly limit: number
  /** How many to leave out. */
  readonly offset?: number
}

/** One line of a folder: a content, or a folder by its name. */
export type Listed =
  | { readonly kind: 'file'; readonly entry: ShownEntry }
  | { readonly kind: 'folder'; readonly name: string; readonly path: string }

export interface Listing {
  readonly items: readonly Listed[]
  /** Give it as `after` for what follows; undefined at the end. */
  readonly next: string | undefined
}

export interface SearchPage {
  readonly entries: readonly ShownEntry[]
  /** How many there are, those on other pages too; at most 500 are ranked. */
  readonly total: number
  /** More matched than were ranked: ask for something narrower. */
  readonly isCut: boolean
}

const ID_BYTES = 32
const NO_BYTES = new Uint8Array(0)

export class SpaceReader {
  readonly lookup: EntryLookup
  readonly #database: DatabaseSync
  readonly #shown: ShownEntries
  readonly #search: Search
  readonly #history: History
  readonly #next: StatementSync
  readonly #at: StatementSync
  readonly #number: StatementSync
  readonly #counts: StatementSync
  readonly #spaceTitle: StatementSync

  /** @throws ShoalError ERR_DISK, ERR_PERMISSION, ERR_HOME_INVALID */
  constructor(file: string) {
    this.#database = openSpaceReader(file)
    this.#shown = new ShownEntries(this.#database)
    this.#search = new Search(this.#database)
    this.#history = new History(this.#database)
    this.lookup = new EntryLookup(this.#database, this.#shown)
    this.#next = this.#database.prepare(
      'SELECT v, place, shown FROM live WHERE place >= ? AND place < ? ORDER BY place LIMIT 1',
    )
    this.#at = this.#database.prepare('SELECT v, shown FROM live WHERE place = ?')
    this.#number = this.#database.prepare('SELECT n FROM batch WHERE id = ?')
    this.#counts = this.#database.prepare(
      'SELECT (SELECT count(*) FROM live) AS contents, (SELECT coalesce(sum(bytes), 0) FROM live) AS bytes',
    )
    this.#spaceTitle = this.#database.prepare(`SELECT title FROM entry WHERE e = ${SPACE_ENTRY}`)
  }

  /** The content that is shown at this path. */
  at(path: string): ShownEntry | undefined {
    const row = this.#at.get(pathKey(path))
    return row === undefined || row['shown'] !== path ? undefined : this.#shown.get(row['v'] as number)
  }

  /**
   * What lies in a folder, by name without regard to letter case. Folders that differ in letter case only are listed
   * as one, under the name of their first content.
   *
   * @param folder empty for the whole space
   * @throws ShoalError ERR_OPTIONS_INVALID
   */
  ls(folder: string, { limit }: Pick<Page, 'limit'>, after?: string): Listing {
    checkPage(limit, 0)
    const prefix = folder === '' ? '' : `${pathKey(folder)}/`
    // '0' follows '/': the first that lies outside. To SQLite bytes stand after all text.
    const end = folder === '' ? NO_BYTES : `${pathKey(folder)}0`
    const items: Listed[] = []
    let last = after ?? prefix
    while (items.length < limit) {
      const row = this.#next.get(last, end)
      if (row === undefined) return { items, next: undefined }
      const place = row['place'] as string
      const slash = place.indexOf('/', prefix.length)
      if (slash === -1) {
        items.push({ kind: 'file', entry: this.#shown.get(row['v'] as number) as ShownEntry })
        // No name has a NUL: the first that can follow.
        last = `${place}\0`
      } else {
        const depth = place.slice(0, slash).split('/').length
        const path = (row['shown'] as string).split('/').slice(0, depth).join('/')
        items.push({ kind: 'folder', name: path.slice(path.lastIndexOf('/') + 1), path })
        last = `${place.slice(0, slash)}0`
      }
    }
    return { items, next: last }
  }

  /** @throws ShoalError ERR_LIMIT for a query that is too long, ERR_OPTIONS_INVALID */
  search(query: string, { limit, offset = 0 }: Page): SearchPage {
    checkPage(limit, offset)
    const { contents, isCut } = this.#search.find(query)
    const entries = contents.slice(offset, offset + limit).flatMap((v) => this.#shown.get(v) ?? [])
    return { entries, total: contents.length, isCut }
  }

  /** Operations on an entry, or on the space's title, the last first. */
  entryHistory(entry: Uint8Array | undefined, { limit, offset = 0 }: Page): HistoryItem[] {
    checkPage(limit, offset)
    if (entry === undefined) return this.#history.ofEntry(SPACE_ENTRY, limit, offset)
    const n = this.#number.get(entry.subarray(0, ID_BYTES))?.['n'] as number | undefined
    if (n === undefined) return []
    return this.#history.ofEntry(n * PLACES + (entry[ID_BYTES] ?? 0), limit, offset)
  }

  /** Batches, the last first, each as its operations. */
  history({ limit, offset = 0 }: Page): HistoryItem[][] {
    checkPage(limit, offset)
    return this.#history.ofSpace(limit, offset)
  }

  /** What undoes a batch, as things are now: operations for a batch of one's own. Empty when nothing of it is left. */
  undo(batch: Uint8Array): Operation[] {
    return inverseOf(this.#database, batch)
  }

  title(): string {
    return (this.#spaceTitle.get()?.['title'] as string | undefined) ?? ''
  }

  totals(): { readonly contents: number; readonly bytes: number } {
    const row = this.#counts.get()
    return { contents: row?.['contents'] as number, bytes: row?.['bytes'] as number }
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }
}

function checkPage(limit: number, offset: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE && Number.isInteger(offset) && offset >= 0)
    return
  throw new ShoalError('ERR_OPTIONS_INVALID', `a page has 1 to ${MAX_PAGE} entries, and begins at 0 or later`)
}
