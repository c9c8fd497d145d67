/**
 * The auth log of one space on the disk: every operation that has its place in the log, as it travelled. What they come
 * to is worked out in memory when the log is opened. Operations that wait for others are not kept: they can be had again.
 *
 * Synchronous, like `SpaceStore`; only one may be open on a file.
 */
import type { DatabaseSync } from 'node:sqlite'
import { ShoalError } from '../../errors.ts'
import type { Clock } from '../../util/seams.ts'
import { fromHex, toHex } from '../auth/action-codec.ts'
import type { Action, Hex } from '../auth/action.ts'
import type { LogLimits } from '../auth/limits.ts'
import { AuthLog, type Taken } from '../auth/log.ts'
import { decodeKeptOperation, decodeOperation, encodeOperation, type Operation } from '../auth/operation.ts'
import { MET_TABLE, MetDevices } from './met-devices.ts'
import { notPermitted } from './not-permitted.ts'
import { inTransaction, openDatabase, type DatabaseKind } from './open-database.ts'

/** "ShAu" as a number. */
const APPLICATION_ID = 0x53684175
const CACHE_KIB = 2_048

const KIND: DatabaseKind = {
  applicationId: APPLICATION_ID,
  migrations: [
    `CREATE TABLE space (one INTEGER PRIMARY KEY CHECK (one = 1), id BLOB NOT NULL) STRICT;
     CREATE TABLE operation (
       n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, came_at_ms INTEGER NOT NULL, frame BLOB NOT NULL
     ) STRICT;`,
    MET_TABLE,
  ],
  cacheKib: CACHE_KIB,
  begin: 'INSERT INTO space (one, id) VALUES (1, ?)',
}

export interface AuthStoreInit {
  readonly file: string
  readonly space: Hex
  readonly clock: Pick<Clock, 'now'>
  readonly limits?: LogLimits
}

/** Who signs operations. */
export interface OperationAuthor {
  /** Ed25519 public key, 32 bytes. */
  readonly key: Uint8Array
  readonly sign: (bytes: Uint8Array) => Uint8Array
}

/** What became of an operation that came: why it is refused, in a sentence. `isFalse`: nobody honest passes such a one on. */
export type AuthOutcome = Taken | { readonly refused: string; readonly isFalse: boolean }

export class AuthStore {
  readonly #init: AuthStoreInit
  readonly #database: DatabaseSync
  /** Where members were met. */
  readonly met: MetDevices
  #log: AuthLog

  /** @throws ShoalError as `openDatabase` */
  constructor(init: AuthStoreInit) {
    this.#init = init
    this.#database = openDatabase(init.file, fromHex(init.space), KIND)
    try {
      this.met = new MetDevices(this.#database)
      this.#log = this.#read()
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** To look at; it is another object after a write to the disk failed. */
  get log(): AuthLog {
    return this.#log
  }

  /** Takes operations as they came, in one transaction; one outcome for each. */
  receive(frames: readonly Uint8Array[]): AuthOutcome[] {
    return this.#change((take) =>
      frames.map((frame) => {
        try {
          return take(decodeOperation(frame))
        } catch (error) {
          if (!(error instanceof ShoalError)) throw error
          return { refused: error.message, isFalse: error.code === 'ERR_PROTOCOL' }
        }
      }),
    )
  }

  /**
   * Writes an operation after all that is here, and keeps it if it counts.
   *
   * @throws ShoalError ERR_SPACE_ROLE when it would count for nothing, ERR_LIMIT when the log is full,
   *   ERR_OPTIONS_INVALID for what no reader would take
   */
  write(author: OperationAuthor, action: Action): Operation {
    const fields = { space: this.#init.space, author: toHex(author.key), prev: this.#log.heads, action }
    const operation = encodeOperation(fields, author.sign)
    try {
      return this.#change((take) => {
        take(operation)
        const reason = this.#log.state.voided.get(operation.id)
        if (reason === undefined) return operation
        throw notPermitted(reason)
      })
    } catch (error) {
      // By somebody who never was a member.
      if (error instanceof ShoalError && error.code === 'ERR_PROTOCOL')
        throw new ShoalError('ERR_SPACE_ROLE', 'this device is no member of the space', { cause: error })
      throw error
    }
  }

  /** An operation as it travels; undefined when it has no place in the log. */
  frame(id: Hex): Uint8Array | undefined {
    const row = this.#database.prepare('SELECT frame FROM operation WHERE id = ?').get(fromHex(id))
    return row?.['frame'] as Uint8Array | undefined
  }

  /** When an operation came that has its place in the log, by this device's clock, in milliseconds since 1970. */
  cameAtMs(id: Hex): number {
    const row = this.#database.prepare('SELECT came_at_ms FROM operation WHERE id = ?').get(fromHex(id))
    return (row?.['came_at_ms'] as number | undefined) ?? this.#init.clock.now()
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  /** One transaction. What was taken in memory is forgotten when the disk does not take it. */
  #change<Result>(work: (take: (operation: Operation) => Taken) => Result): Result {
    const insert = this.#database.prepare('INSERT INTO operation (id, came_at_ms, frame) VALUES (?, ?, ?)')
    const onTaken = ({ id, frame }: Operation): void =>
      void insert.run(fromHex(id), this.#init.clock.now(), frame)
    let isTouched = false
    try {
      return inTransaction(this.#database, this.#init.file, () =>
        work((operation) => {
          isTouched = true
          return this.#log.add(operation, onTaken)
        }),
      )
    } catch (error) {
      if (isTouched) this.#log = this.#read()
      throw error
    }
  }

  #read(): AuthLog {
    const { space, limits } = this.#init
    const log = new AuthLog(space, limits)
    const rows = this.#database.prepare('SELECT frame FROM operation ORDER BY n').iterate()
    for (const row of rows) log.add(decodeKeptOperation(row['frame'] as Uint8Array))
    return log
  }
}
