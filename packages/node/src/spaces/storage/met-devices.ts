/** Devices of members that this one met: by author key, under which peer id and where. Kept, so that a restart finds them again. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { fromHex, toHex } from '../auth/action-codec.ts'
import type { Hex } from '../auth/action.ts'
import { MAX_MET_ADDRESSES, MAX_MET_DEVICES } from './limits.ts'

export interface MetDevice {
  readonly author: Hex
  readonly peerId: string
  /** Multiaddrs, as it said or as others said of it. */
  readonly addresses: readonly string[]
}

export const MET_TABLE = `CREATE TABLE met (
  author BLOB PRIMARY KEY, peer TEXT NOT NULL, addresses TEXT NOT NULL, seen_ms INTEGER NOT NULL
) STRICT;`

export class MetDevices {
  readonly #all: StatementSync
  readonly #put: StatementSync
  readonly #trim: StatementSync

  constructor(database: DatabaseSync) {
    this.#all = database.prepare('SELECT author, peer, addresses FROM met ORDER BY seen_ms DESC')
    this.#put = database.prepare(
      `INSERT INTO met (author, peer, addresses, seen_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (author) DO UPDATE SET peer = excluded.peer, addresses = excluded.addresses, seen_ms = excluded.seen_ms`,
    )
    this.#trim = database.prepare(
      `DELETE FROM met WHERE author IN (SELECT author FROM met ORDER BY seen_ms DESC LIMIT -1 OFFSET ${MAX_MET_DEVICES})`,
    )
  }

  /** The last met first. */
  all(): MetDevice[] {
    return this.#all.all().map((row) => ({
      author: toHex(row['author'] as Uint8Array),
      peerId: row['peer'] as string,
      addresses: JSON.parse(row['addresses'] as string) as string[],
    }))
  }

  /** @param nowMs milliseconds since 1970 */
  note({ author, peerId, addresses }: MetDevice, nowMs: number): void {
    const kept = JSON.stringify(addresses.slice(0, MAX_MET_ADDRESSES))
    this.#put.run(fromHex(author), peerId, kept, nowMs)
    this.#trim.run()
  }
}
