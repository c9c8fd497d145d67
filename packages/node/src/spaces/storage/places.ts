/**
 * Which path each content is shown at. A content of a wanted path is shown there if it is the greatest by (lamport,
 * id, place) of those whose paths have the same key, nothing lies below that path, and the path has not the form of a
 * conflict's name; else under a conflict's name. So where all are shown is a function of the set of them, and each
 * that comes or goes changes at most three.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { conflictPath, isConflictKey, pathKey } from '../catalogue/conflict-name.ts'
import { operationOf } from '../catalogue/entry-state.ts'
import { prepareWrite } from './schema.ts'

const MAX_FREE_FOLDERS = 10_000

export interface Placed {
  /** Number of the operation that gave the content. */
  readonly v: number
  /** As `operationOrder`. */
  readonly at: Uint8Array
  /** As `whoOf`. */
  readonly who: number
}

/** Writes where a content is shown: the key, and the path. */
type Write = (place: string, shown: string) => void

/** The first four bytes of an author's key as a number: what tells authors apart in names of conflicts. */
export function whoOf(author: Uint8Array): number {
  return Buffer.from(author.buffer, author.byteOffset, author.byteLength).readUInt32BE()
}

/** Keys of the folders on the way to `key`, the nearest first. */
function* foldersOf(key: string): Generator<string> {
  for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1)) yield key.slice(0, end)
}

export class Places {
  readonly #show: StatementSync
  readonly #holder: StatementSync
  readonly #below: StatementSync
  readonly #addLoser: StatementSync
  readonly #dropLoser: StatementSync
  readonly #topOf: StatementSync
  readonly #best: StatementSync
  readonly #anyLoser: StatementSync
  readonly #pathOf: StatementSync
  readonly #placed: StatementSync
  /** Is told of each content that is shown elsewhere than before. */
  readonly #onShown: (v: number) => void
  /** Keys of folders at which no content stands, as of this transaction. */
  readonly #freeFolders = new Set<string>()
  #hasLosers = true

  constructor(database: DatabaseSync, onShown: (v: number) => void) {
    this.#onShown = onShown
    this.#show = prepareWrite(database, 'UPDATE live SET place = ?, shown = ? WHERE v = ?')
    this.#holder = database.prepare('SELECT v, at, who FROM live WHERE place = ?')
    this.#below = database.prepare('SELECT 1 FROM live WHERE place > ? AND place < ? LIMIT 1')
    this.#addLoser = prepareWrite(database, 'INSERT INTO contest (key, who, at, v) VALUES (?, ?, ?, ?)')
    this.#dropLoser = prepareWrite(database, 'DELETE FROM contest WHERE key = ? AND who = ? AND at = ?')
    this.#topOf = database.prepare(
      'SELECT v, at, who FROM contest WHERE key = ? AND who = ? ORDER BY at DESC LIMIT 1',
    )
    this.#best = database.prepare('SELECT v, at, who FROM contest WHERE key = ? ORDER BY at DESC LIMIT 1')
    this.#anyLoser = database.prepare('SELECT 1 FROM contest LIMIT 1')
    this.#placed = database.prepare('SELECT v, at, who, place FROM live WHERE v = ?')
    this.#pathOf = database.prepare('SELECT path FROM entry JOIN live USING (e) WHERE v = ?')
  }

  /** Another transaction begins: what was known of the tables may have been taken back. */
  begin(): void {
    this.#freeFolders.clear()
    this.#hasLosers = this.#anyLoser.get() !== undefined
  }

  /**
   * Finds the place of a content.
   *
   * @param path the path of its entry, whose row is written already
   * @param write makes its row in `live`, if it has none yet
   */
  add(content: Placed, path: string, write?: Write): void {
    const key = pathKey(path)
    this.#clearWay(key)
    if (isConflictKey(key) || this.#isFolder(key)) {
      this.#lose(content, key, path, write)
      return
    }
    const holder = this.#holderOf(key)
    if (holder !== undefined && Buffer.compare(holder.at, content.at) > 0) {
      this.#lose(content, key, path, write)
      return
    }
    this.#write(content.v, key, path, write)
    this.#freeFolders.delete(key)
    if (holder !== undefined) this.#lose(holder, key, this.#path(holder.v))
  }

  /**
   * A content goes away, or from this path to another. Its row in `live` and that of its entry are still as they were.
   *
   * @param v number of the operation that gave it
   * @param path the path that its entry had
   */
  remove(v: number, path: string): void {
    const key = pathKey(path)
    const content = this.#placed.get(v) as unknown as Placed & { place: string }
    // Out of the way of what is looked for below; whoever calls removes the row or adds it anew.
    this.#show.run('', '', content.v)
    if (content.place === key) this.#promote(key)
    else {
      const top = this.#topOfWho(key, content.who)
      this.#dropLoser.run(key, content.who, content.at)
      if (top?.v === content.v) this.#nameTop(key, content.who)
    }
    if (!this.#hasLosers) return
    for (const folder of foldersOf(key)) this.#promote(folder)
  }

  /** A file stands where a folder has to be: it is shown elsewhere from now on. */
  #clearWay(key: string): void {
    for (const folder of foldersOf(key)) {
      // What is free has only free folders above it.
      if (this.#freeFolders.has(folder)) return
      const holder = this.#holderOf(folder)
      if (holder !== undefined) this.#lose(holder, folder, this.#path(holder.v))
      if (this.#freeFolders.size >= MAX_FREE_FOLDERS) this.#freeFolders.clear()
      this.#freeFolders.add(folder)
    }
  }

  #isFolder(key: string): boolean {
    // '0' follows '/': all that lies below, and nothing else.
    return this.#below.get(`${key}/`, `${key}0`) !== undefined
  }

  /** The greatest of those that lost gets the path, if it is free. */
  #promote(key: string): void {
    if (!this.#hasLosers || isConflictKey(key)) return
    const best = this.#best.get(key) as unknown as Placed | undefined
    if (best === undefined || this.#holderOf(key) !== undefined || this.#isFolder(key)) return
    this.#dropLoser.run(key, best.who, best.at)
    this.#write(best.v, key, this.#path(best.v))
    this.#freeFolders.delete(key)
    this.#nameTop(key, best.who)
  }

  #lose(content: Placed, key: string, path: string, write?: Write): void {
    this.#hasLosers = true
    const top = this.#topOfWho(key, content.who)
    this.#addLoser.run(key, content.who, content.at, content.v)
    const isTop = top === undefined || Buffer.compare(content.at, top.at) > 0
    if (isTop && top !== undefined) this.#rename(top, this.#path(top.v), false)
    this.#rename(content, path, isTop, write)
  }

  #nameTop(key: string, who: number): void {
    const top = this.#topOfWho(key, who)
    if (top !== undefined) this.#rename(top, this.#path(top.v), true)
  }

  #rename(content: Placed, path: string, isFirst: boolean, write?: Write): void {
    const who = Buffer.allocUnsafe(4)
    who.writeUInt32BE(content.who)
    const shown = conflictPath(path, who, operationOf(content.at), isFirst)
    this.#write(content.v, pathKey(shown), shown, write)
  }

  #write(v: number, place: string, shown: string, write?: Write): void {
    if (write !== undefined) write(place, shown)
    else {
      this.#show.run(place, shown, v)
      this.#onShown(v)
    }
  }

  #topOfWho(key: string, who: number): Placed | undefined {
    return this.#topOf.get(key, who) as unknown as Placed | undefined
  }

  /** The content that is shown at its own path, which has this key. */
  #holderOf(key: string): Placed | undefined {
    return this.#holder.get(key) as unknown as Placed | undefined
  }

  #path(v: number): string {
    return this.#pathOf.get(v)?.['path'] as string
  }
}
