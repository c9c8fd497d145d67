/**
 * What one space is made of, kept in one SQLite database: the log of batches and the tables folded of them, both
 * changed in the same transaction. Only one of these may be open on a file; any number of `SpaceReader`s may.
 *
 * All calls are synchronous and end on the disk (WAL, synchronous FULL), so it belongs into a thread of its own.
 */
import { rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { ShoalError } from '../../errors.ts'
import type { CatalogueAuth } from '../catalogue/auth.ts'
import { decodeBatch, encodeBatch, type Batch, type Sign } from '../catalogue/batch.ts'
import type { Operation } from '../catalogue/operations.ts'
import type { Verifier } from '../catalogue/verifier.ts'
import type { IdSet } from '../sync/id-set.ts'
import { VERDICT } from './batch-log.ts'
import { CountedKeys } from './counted-keys.ts'
import { Intake, type IntakeLimits, type Outcome } from './intake.ts'
import { AUTHOR_QUOTA, ORPHAN_LIMITS, VOID_LIMITS } from './limits.ts'
import { mayNotWrite } from './not-permitted.ts'
import { inTransaction } from './open-database.ts'
import { FOLD_VERSION, openSpaceDatabase, prepareWrite } from './schema.ts'
import { stateHashOf } from './state-hash.ts'

export interface SpaceStoreInit {
  readonly file: string
  /** Id of the space, 32 bytes. */
  readonly space: Uint8Array
  readonly auth: CatalogueAuth
  readonly verifier: Verifier
  readonly limits?: Partial<IntakeLimits>
}

/** Whose batches are written here. */
export interface Author {
  /** Ed25519 public key, 32 bytes. */
  readonly key: Uint8Array
  readonly sign: Sign
}

/** A batch that came from somebody, read and with a good signature; or why it is none. */
export type Opened = { readonly batch: Batch; readonly frame: Uint8Array } | { readonly reason: string }

export interface Check {
  readonly isSame: boolean
  /** State hashes: as the tables are, and as the log makes them. */
  readonly stored: string
  readonly replayed: string
  readonly batches: number
}

const DERIVED = ['op', 'entry', 'live', 'contest', 'tag', 'replaced']
const REPLAY_BATCHES = 1_000

export class SpaceStore {
  readonly #init: SpaceStoreInit
  readonly #limits: IntakeLimits
  readonly #database: DatabaseSync
  readonly #intake: Intake
  readonly #counted: CountedKeys
  /** Set while verdicts may be older than what the auth log knows. */
  #isBehind = false

  /** @throws ShoalError as `openSpaceDatabase` */
  constructor(init: SpaceStoreInit) {
    this.#init = init
    this.#limits = { quota: AUTHOR_QUOTA, voids: VOID_LIMITS, orphans: ORPHAN_LIMITS, ...init.limits }
    this.#database = openSpaceDatabase(init.file, init.space)
    try {
      this.#counted = new CountedKeys(this.#database)
      const onCount = (at: Uint8Array, counts: boolean): void => this.#counted.note(at, counts)
      this.#intake = new Intake(this.#database, init.auth, this.#limits, onCount)
      const row = this.#database.prepare('SELECT fold, auth FROM space').get()
      if (row?.['fold'] !== FOLD_VERSION) this.rebuild()
      this.#isBehind = row?.['auth'] !== init.auth.revision()
      if (this.#isBehind) this.judgeAgain()
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** Reads a frame and checks its space and signature; `store.take` is given the result. */
  open(frame: Uint8Array): Opened {
    const opened = this.read(frame)
    if ('reason' in opened) return opened
    const { author, signed, signature } = opened.batch
    return this.#init.verifier.verify(author, signed, signature)
      ? opened
      : { reason: 'its signature is false' }
  }

  /** The same without the signature, for who checks it elsewhere. */
  read(frame: Uint8Array): Opened {
    try {
      const batch = decodeBatch(frame)
      if (Buffer.compare(batch.space, this.#init.space) !== 0) return { reason: 'it is of another space' }
      return { batch, frame }
    } catch (error) {
      if (error instanceof ShoalError) return { reason: error.message }
      throw error
    }
  }

  /** Takes batches as they came, in one transaction; one outcome for each. */
  receive(frames: readonly Uint8Array[]): Outcome[] {
    return this.take(frames.map((frame) => this.open(frame)))
  }

  /** Takes what `open` gave, in one transaction. */
  take(opened: readonly Opened[]): Outcome[] {
    return this.#change(() =>
      opened.map((one) =>
        'reason' in one
          ? { state: 'refused', reason: one.reason, isFalse: true }
          : this.#intake.take(one.batch, one.frame),
      ),
    )
  }

  /**
   * Writes a batch of one's own after all that is here.
   *
   * @returns the batch as it travels
   * @throws ShoalError ERR_LIMIT over 256 operations or 64 KiB, ERR_QUOTA over the author's quota, ERR_SPACE_ROLE
   *   when its author may not write, ERR_UNSAFE_NAME
   */
  write(author: Author, operations: readonly Operation[], authHeads: readonly Uint8Array[]): Uint8Array {
    return this.#change(() => {
      const { ids, lamport } = this.#intake.log.heads()
      const sorted = authHeads.toSorted((a, b) => Buffer.compare(a, b))
      const { space } = this.#init
      const frame = encodeBatch(
        { space, author: author.key, lamport: lamport + 1, parents: ids, authHeads: sorted, operations },
        author.sign,
      )
      const batch = decodeBatch(frame)
      const entries = operations.filter((operation) => operation.kind === 'put').length
      const number = this.#intake.authors.numberOf(author.key)
      if (!this.#intake.authors.fits(number, { batches: 1, bytes: frame.length, entries })) {
        throw new ShoalError('ERR_QUOTA', 'this device has put as much into the space as one may')
      }
      const outcome = this.#intake.take(batch, frame)
      if (outcome.state === 'kept' && outcome.counts) return frame
      const reason = outcome.state === 'refused' ? outcome.reason : 'what it may do is not known here yet'
      throw mayNotWrite(reason)
    })
  }

  /** Judges again what the auth log may judge otherwise than before; to be called whenever it has changed. */
  judgeAgain(): void {
    this.#change(() => undefined)
  }

  /** Frame of a batch that is held. */
  frame(id: Uint8Array): Uint8Array | undefined {
    const n = this.#intake.log.heldNumber(id)
    return n === undefined ? undefined : this.#intake.log.frame(n)
  }

  /** Author and parents of a batch that is held, whether it counts or not. */
  facts(id: Uint8Array): Pick<Batch, 'author' | 'parents'> | undefined {
    const frame = this.frame(id)
    return frame === undefined ? undefined : decodeBatch(frame)
  }

  /** Does this batch count? Undefined when it is not held. */
  counts(id: Uint8Array): boolean | undefined {
    const n = this.#intake.log.heldNumber(id)
    return n === undefined ? undefined : this.#intake.log.row(n).verdict === VERDICT.ok
  }

  /** Ids of the batches that the next one would name, at most 64. */
  heads(): readonly Uint8Array[] {
    return this.#intake.log.heads().ids
  }

  /** Keys of all batches that count. It is another object after a write failed. */
  counted(): IdSet {
    return this.#counted.set
  }

  /** Ids of batches for which others wait here, at most `limit`. */
  wanted(limit: number): readonly Uint8Array[] {
    return this.#intake.orphans.wanted(limit)
  }

  /** How much waits. */
  waiting(): { readonly batches: number; readonly bytes: number } {
    return this.#intake.orphans.total()
  }

  stateHash(): string {
    return stateHashOf(this.#database)
  }

  /** Replays the log into another database and compares. Changes nothing. */
  check(): Check {
    const file = `${this.#init.file}.check`
    removeDatabase(file)
    const verdicts = this.#database.prepare('SELECT verdict FROM batch WHERE id = ?')
    const other = new SpaceStore({
      ...this.#init,
      file,
      verifier: { verify: () => true },
      auth: {
        judge: ({ id }) =>
          verdicts.get(id)?.['verdict'] === VERDICT.refused ? { refused: 'as it was' } : 'ok',
        takeChanged: () => [],
        revision: () => '',
      },
      limits: {
        ...this.#limits,
        voids: { ...UNBOUNDED, batchesPerAuthor: Infinity, bytesPerAuthor: Infinity },
      },
    })
    try {
      let batches = 0
      for (const frames of this.#frames()) {
        other.receive(frames)
        batches += frames.length
      }
      const [stored, replayed] = [this.stateHash(), other.stateHash()]
      return { isSame: stored === replayed, stored, replayed, batches }
    } finally {
      other.close()
      removeDatabase(file)
    }
  }

  /** Makes all tables that follow from the log anew. */
  rebuild(): void {
    inTransaction(this.#database, this.#init.file, () => {
      for (const table of DERIVED) this.#database.exec(`DELETE FROM ${table}`)
      for (const table of ['words', 'grams']) {
        this.#database.exec(`INSERT INTO ${table} (${table}) VALUES ('delete-all')`)
      }
      const { fold, log } = this.#intake
      fold.begin()
      for (const frames of this.#frames()) {
        for (const frame of frames) {
          const batch = decodeBatch(frame)
          const n = log.heldNumber(batch.id) as number
          fold.add(n, batch, false, log.row(n).verdict === VERDICT.ok)
        }
        fold.flush()
      }
      prepareWrite(this.#database, 'UPDATE space SET fold = ?').run(FOLD_VERSION)
    })
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  /** All frames, each after its parents. */
  *#frames(): Generator<Uint8Array[]> {
    const page = this.#database.prepare(
      `SELECT lamport, n, frame FROM batch JOIN log USING (n)
       WHERE verdict IS NOT NULL AND (lamport, n) > (?, ?) ORDER BY lamport, n LIMIT ${REPLAY_BATCHES}`,
    )
    for (let after: readonly [number, number] = [0, 0]; ;) {
      const rows = page.all(...after)
      const last = rows.at(-1)
      if (last === undefined) return
      yield rows.map((row) => row['frame'] as Uint8Array)
      after = [last['lamport'] as number, last['n'] as number]
    }
  }

  /** One transaction: what the auth log has to say first, then `work`, then what follows from both. */
  #change<Result>(work: () => Result): Result {
    const { auth } = this.#init
    const changed = this.#isBehind ? 'all' : auth.takeChanged()
    if (this.#isBehind) auth.takeChanged()
    // Until it is committed: what was taken is not told again.
    this.#isBehind = changed === 'all' || changed.length > 0
    const result = this.#inTransaction(() => {
      this.#intake.fold.begin()
      if (this.#isBehind) {
        this.#intake.judgeAgain(changed)
        prepareWrite(this.#database, 'UPDATE space SET auth = ?').run(auth.revision())
      }
      const done = work()
      // A batch that came may be one that a removal left to its author, and with it all before it.
      for (let more = auth.takeChanged(); more.length > 0; more = auth.takeChanged()) {
        this.#isBehind = true
        this.#intake.judgeAgain(more)
      }
      this.#intake.fold.flush()
      return done
    })
    this.#isBehind = false
    return result
  }

  #inTransaction<Result>(work: () => Result): Result {
    try {
      return inTransaction(this.#database, this.#init.file, work)
    } catch (error) {
      this.#counted.forget()
      throw error
    }
  }
}

const UNBOUNDED = { batches: Infinity, bytes: Infinity }

function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
}
