/** Keys of all batches that count, for who compares them with those of others. Read from the disk when they are first asked for. */
import type { DatabaseSync } from 'node:sqlite'
import { IdSet } from '../sync/id-set.ts'

export class CountedKeys {
  readonly #database: DatabaseSync
  #set: IdSet | undefined

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  get set(): IdSet {
    this.#set ??= this.#read()
    return this.#set
  }

  /** A batch counts from now on, or no more. @param at lamport || id */
  note(at: Uint8Array, counts: boolean): void {
    if (counts) this.#set?.add(at)
    else this.#set?.remove(at)
  }

  /** What was noted may not have come about. */
  forget(): void {
    this.#set = undefined
  }

  #read(): IdSet {
    const rows = this.#database.prepare('SELECT at FROM batch WHERE verdict = 0 ORDER BY at').iterate()
    const keys: Uint8Array[] = []
    for (const row of rows) keys.push(row['at'] as Uint8Array)
    return new IdSet(new Uint8Array(Buffer.concat(keys)))
  }
}
