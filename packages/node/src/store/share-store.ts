/**
 * The shares of a home over restarts: the record of each and a row in the index. A record is written, and removed,
 * between two steps in the index, so that a crash leaves neither without the other for longer than to the next start.
 */
import { escapeForDisplay } from '../util/display.ts'
import type { Seams } from '../util/seams.ts'
import type { BlockWorkers } from './block-workers.ts'
import type { Disk } from './disk.ts'
import { ElsewhereFile } from './elsewhere-file.ts'
import type { HomePaths } from './home.ts'
import type { StoredRow } from './index-jobs.ts'
import { indexRow } from './index-row.ts'
import { InputStore } from './input-store.ts'
import type { KeptUnit } from './kept-jobs.ts'
import { Ledger } from './quota/ledger.ts'
import { KEPT_PAGE, MORE_KEPT_PAGE } from './quota/limits.ts'
import { compareContent, haveSameEntries, type CompareOptions } from './share-continuation.ts'
import { ShareIndex, type IndexThread, type IndexWarning } from './share-index.ts'
import { lookupKey, type ShareSpec } from './share-lookup.ts'
import type { FoundShare, MadeShare } from './share-maker.ts'
import { ShareRecords } from './share-records.ts'
import { recordOf, restoreShare } from './share-restore.ts'
import { StagingLog } from './staging-log.ts'
import type { Walk, WalkedEntry } from './walk-facts.ts'

/** Earlier shares of one path under the same options that are looked at, newest first. */
export const MAX_CANDIDATES = 4
const ID_BYTES = 16
/** Rows that are taken out of the index at once. */
const LIST_ROWS = 500

export interface ShareStoreInit {
  readonly paths: HomePaths
  readonly disk: Disk
  readonly seams: Pick<Seams, 'clock' | 'random'>
  readonly thread: IndexThread
  /** What lies in the home is entered there. @defaultValue one without a limit */
  readonly ledger?: Ledger
  /** Told of what was lost. */
  readonly onWarning: (warning: IndexWarning) => void
}

export interface FindSameOptions extends CompareOptions {
  readonly workers: BlockWorkers
  /** The share of a record that is served now. */
  readonly served: (id: string) => MadeShare | undefined
  /** Told of each earlier share whose entries or bytes are others now. */
  readonly onDifferent: (id: string) => void
}

type RemovedRow = Pick<StoredRow, 'id' | 'input' | 'isElsewhere'>

export class ShareStore {
  readonly #init: ShareStoreInit
  readonly #records: ShareRecords
  readonly #elsewhere: ElsewhereFile
  readonly #index: ShareIndex
  /** What was handed in to be shared. */
  readonly inputs: InputStore
  readonly stagings: StagingLog

  constructor(init: ShareStoreInit) {
    const { paths, disk, thread, onWarning } = init
    this.#init = init
    this.#records = new ShareRecords(paths.shares, disk)
    this.#elsewhere = new ElsewhereFile(paths, disk)
    const [records, elsewhere] = [this.#records, this.#elsewhere]
    this.#index = new ShareIndex({ paths, disk, records, elsewhere, thread, onWarning })
    const { random } = init.seams
    const ledger = init.ledger ?? new Ledger()
    this.stagings = new StagingLog(this.#index)
    this.inputs = new InputStore({ folder: paths.inputs, disk, random, index: this.#index, ledger })
  }

  /**
   * Opens the index and clears away what a process that died had begun. Walks and hashes nothing.
   *
   * @throws ShoalError as `ShareIndex.open`
   */
  async open(): Promise<void> {
    const unfinished = await this.#index.open()
    if (unfinished.length > 0) await this.#removeRows(unfinished)
    await this.inputs.open()
  }

  async close(): Promise<void> {
    await this.#index.close()
  }

  /** The newest share of the same path and options whose entries and bytes are what was walked. */
  async findSame(spec: ShareSpec, walked: Walk, options: FindSameOptions): Promise<FoundShare | undefined> {
    const job = { type: 'find', lookup: lookupKey(spec), limit: MAX_CANDIDATES } as const
    for (const row of await this.#index.run<readonly StoredRow[]>(job)) {
      const before = options.served(row.id) ?? (await this.#load(row))
      if (before === undefined) continue
      if (haveSameEntries(before.entries, walked)) {
        const comparison = await compareContent(before.plan, before.entries, walked.entries, options)
        if (comparison === 'same') return { made: before, wasRead: false }
        if (comparison === 'same after reading') {
          // Times of the list of files stay as they were: they are part of what was sealed.
          const entries = before.entries.map((entry, i) => ({
            ...entry,
            facts: walked.entries[i]?.facts ?? entry.facts,
          }))
          return { made: { ...before, entries }, wasRead: true }
        }
      }
      options.onDifferent(row.id)
    }
    return undefined
  }

  /** Records a new share durably. Returns the name of its record. */
  async add(spec: ShareSpec, made: MadeShare): Promise<string> {
    const { clock, random } = this.#init.seams
    const id = Buffer.from(random.bytes(ID_BYTES)).toString('hex')
    const record = recordOf(spec, made, clock.now())
    const row = indexRow(id, record, this.#init.paths)
    await this.#index.run({ type: 'making', row })
    try {
      await this.#records.save(id, record)
      await this.#index.run({ type: 'made', id })
    } catch (error) {
      // What cannot be cleared away now is at the next start.
      await this.#removeRows([{ ...row, isElsewhere: false }]).catch(() => {})
      throw error
    }
    // Its files are here now. Where that cannot be noted it is listed twice, and can still be unshared.
    await this.#dropElsewhere(row.root).catch(() => {})
    return id
  }

  /**
   * Knows these, of which only the links are here, in place of all such that there were.
   *
   * @param list as `encodeElsewhere` gives each
   */
  async setElsewhere(list: Uint8Array): Promise<void> {
    await this.#elsewhere.save(list)
    await this.#index.run({ type: 'setElsewhere', list })
  }

  /** Notes that a recorded share goes on, under the facts that its files have now if they were read. */
  async goOn(spec: ShareSpec, { made, wasRead }: FoundShare): Promise<void> {
    const id = made.id as string
    if (wasRead) {
      const before = await this.#records.load(id)
      if (before !== undefined) await this.#records.save(id, { ...before, ...spec, entries: made.entries })
    }
    await this.#index.run({ type: 'used', id, atMs: this.#init.seams.clock.now() })
    await this.setStale(id, false)
  }

  /**
   * Notes that files of a recorded share hold what was shared, under the facts that they have now.
   *
   * @param isSound whether all of them do
   */
  async noteFacts(id: string, entries: readonly WalkedEntry[], isSound: boolean): Promise<void> {
    const before = await this.#records.load(id)
    if (before !== undefined) await this.#records.save(id, { ...before, entries })
    if (isSound) await this.setStale(id, false)
  }

  async setStale(id: string, isStale: boolean): Promise<void> {
    await this.#index.run({ type: 'stale', id, isStale })
  }

  /**
   * What is recorded, in the order in which it was made.
   *
   * @param among leaves out all others that are not stale
   */
  async *list(among?: readonly string[]): AsyncGenerator<StoredRow> {
    for (let after = 0; ;) {
      const job = {
        type: 'list',
        after,
        limit: LIST_ROWS,
        ...(among === undefined ? {} : { among }),
      } as const
      const rows = await this.#index.run<readonly StoredRow[]>(job)
      yield* rows
      if (rows.length < LIST_ROWS) return
      after = (rows.at(-1) as StoredRow).seq
    }
  }

  /** What is recorded under a root: one share, or public content from several places. */
  async byRoot(root: string): Promise<readonly StoredRow[]> {
    return await this.#index.run({ type: 'byRoot', root })
  }

  /** Which of these roots have a share. */
  async known(roots: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(await this.#index.run<readonly string[]>({ type: 'known', roots }))
  }

  /** Which of these roots have a share of which no file is known to have changed. */
  async sound(roots: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(await this.#index.run<readonly string[]>({ type: 'sound', roots }))
  }

  /** The newest of these, at most `limit`, newest first. */
  async newest(root: string, limit: number): Promise<readonly StoredRow[]> {
    return await this.#index.run({ type: 'newest', root, limit })
  }

  /** What lies in the home for shares of which none is pinned, used longest ago first. */
  async *kept(): AsyncGenerator<KeptUnit> {
    for (let after: KeptUnit | undefined; ;) {
      const limit = after === undefined ? KEPT_PAGE : MORE_KEPT_PAGE
      const units = await this.#index.run<readonly KeptUnit[]>({ type: 'kept', after, limit })
      yield* units
      if (units.length < limit) return
      after = units.at(-1)
    }
  }

  /** The shares of something that lies in the home. */
  async ofUnit(unit: string): Promise<readonly StoredRow[]> {
    return await this.#index.run({ type: 'ofUnit', unit })
  }

  async setPinned(root: string, isPinned: boolean): Promise<void> {
    await this.#index.run({ type: 'pin', root, isPinned })
  }

  /** Notes that shares of a root are used now, if their files lie in the home. */
  async noteUse(root: string): Promise<void> {
    await this.#index.run({ type: 'keptUsed', root, atMs: this.#init.seams.clock.now() })
  }

  /**
   * A recorded share as it was made: nothing is walked or hashed. Undefined when its files are elsewhere, or its record is lost,
   * which is told.
   */
  async restore(row: StoredRow): Promise<MadeShare | undefined> {
    return await this.#load(row)
  }

  /** Removes shares for good, and what lies in the home for them alone. */
  async remove(rows: readonly StoredRow[]): Promise<void> {
    await this.#index.run({ type: 'removing', ids: rows.map((row) => row.id) })
    await this.#removeRows(rows)
  }

  async #dropElsewhere(root: string): Promise<void> {
    const rows = (await this.byRoot(root)).filter((row) => row.isElsewhere)
    if (rows.length > 0) await this.remove(rows)
  }

  async #removeRows(rows: readonly RemovedRow[]): Promise<void> {
    const ids = rows.map((row) => row.id)
    await this.#records.remove(ids)
    for (const { input } of rows) if (input !== null) await this.inputs.drop(input)
    // Rows that are about to be removed do not count any more.
    const isOfList = rows.some((row) => row.isElsewhere)
    if (isOfList) await this.#elsewhere.save(await this.#index.run<Uint8Array>({ type: 'elsewhere' }))
    await this.#index.run({ type: 'removed', ids })
  }

  async #load(row: StoredRow): Promise<MadeShare | undefined> {
    if (row.isElsewhere) return undefined
    const record = await this.#records.load(row.id)
    const made = record === undefined ? undefined : restoreShare(row.id, record)
    if (made !== undefined) return made
    if (record !== undefined) await this.#records.setAside(row.id)
    const message = `the record of ${escapeForDisplay(row.name)} is lost or damaged: its link no longer works`
    this.#init.onWarning({ code: 'WARN_SHARE_LOST', message })
    await this.#index.run({ type: 'removed', ids: [row.id] })
    return undefined
  }
}
