/**
 * The index of shares: small rows by which a share is found without reading its record. It can be lost: then it is made
 * anew from the records. Nothing else reads or writes the file.
 */
import { ShoalError, isShoalError } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import { WorkerPool, workerUrl } from '../util/worker-pool.ts'
import type { Disk } from './disk.ts'
import { NOTHING, type ElsewhereFile, type LoadedList } from './elsewhere-file.ts'
import type { HomePaths } from './home.ts'
import { IndexJobs, type IndexAnswer, type IndexJob, type IndexResult, type StoredRow } from './index-jobs.ts'
import { indexRow } from './index-row.ts'
import { decodeHead, type RecordHead } from './share-record.ts'
import type { ShareRecords } from './share-records.ts'

/** Rows that go to the thread at once while the index is made anew. */
const FILL_ROWS = 1_000
/** Indexes that were moved aside before, at most; further ones take the place of the last. */
const MAX_ASIDE = 100

export interface IndexWarning {
  readonly code: 'WARN_INDEX_REBUILT' | 'WARN_SHARE_LOST'
  readonly message: string
}

/** Where the calls of the database are made. */
export interface IndexThread {
  run: (job: IndexJob) => Promise<IndexAnswer>
  close: () => Promise<void>
}

/** A thread of its own: what a node takes, whose main thread has peers waiting. */
export function workerThread(): IndexThread {
  const pool = new WorkerPool<IndexJob, IndexAnswer>(workerUrl(import.meta.url, './index-worker'), 1)
  return { run: (job) => pool.run(job), close: () => pool.close() }
}

/** The caller's own thread: for a command that asks once and ends. */
export function ownThread(): IndexThread {
  const jobs = new IndexJobs()
  return { run: async (job) => jobs.run(job), close: async () => {} }
}

export interface ShareIndexInit {
  readonly paths: HomePaths
  readonly disk: Disk
  readonly records: ShareRecords
  readonly elsewhere: ElsewhereFile
  readonly thread: IndexThread
  readonly onWarning: (warning: IndexWarning) => void
}

export class ShareIndex {
  readonly #init: ShareIndexInit
  #ready: Promise<readonly StoredRow[]> | undefined

  constructor(init: ShareIndexInit) {
    this.#init = init
  }

  /**
   * Opens the index, made anew from the records if it is missing or damaged. Reads no record otherwise. Returns what was
   * begun and not ended when the last process died.
   *
   * @throws ShoalError ERR_SQLITE_VERSION, ERR_HOME_INVALID when a newer Shoal wrote it, ERR_DISK, ERR_DISK_FULL,
   *   ERR_PERMISSION
   */
  async open(): Promise<readonly StoredRow[]> {
    this.#ready ??= this.#open()
    return await this.#ready
  }

  /** Does one job; once more, after the index was made anew, if it turned out to be damaged. */
  async run<T extends IndexResult>(job: IndexJob): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const ready = this.#ready
      await ready
      const answer = await this.#init.thread.run(job)
      if ('result' in answer) return answer.result as T
      if (attempt > 1) throw stillDamaged(answer.damaged)
      // Only the first that finds out makes it anew, the others wait for it.
      if (this.#ready === ready) this.#ready = this.#rebuild(answer.damaged)
    }
  }

  /** Closes the file. Safe when it was never opened. */
  async close(): Promise<void> {
    await this.#init.thread.run({ type: 'close' })
    await this.#init.thread.close()
  }

  async #open(): Promise<readonly StoredRow[]> {
    const answer = await this.#init.thread.run({ type: 'open', file: this.#init.paths.indexFile })
    if ('damaged' in answer) return await this.#rebuild(answer.damaged)
    const { isNew, unfinished } = answer.result as { isNew: boolean; unfinished: readonly StoredRow[] }
    if (isNew) await this.#fill('it was missing')
    return unfinished
  }

  async #rebuild(why: string): Promise<readonly StoredRow[]> {
    await this.#moveAside()
    const answer = await this.#init.thread.run({ type: 'open', file: this.#init.paths.indexFile })
    if ('damaged' in answer) throw stillDamaged(answer.damaged)
    await this.#fill(why)
    return []
  }

  async #moveAside(): Promise<void> {
    const { disk, paths } = this.#init
    const aside = (n: number): string => `${paths.indexFile}.damaged-${n}`
    let n = 1
    while (n < MAX_ASIDE && (await disk.facts(aside(n))) !== undefined) n++
    for (const part of ['', '-wal', '-shm']) {
      const from = `${paths.indexFile}${part}`
      if ((await disk.facts(from)) !== undefined) await disk.rename(from, `${aside(n)}${part}`)
    }
    await disk.syncFolder(paths.home)
  }

  /** Enters all records into a new index, whose transaction is open. */
  async #fill(why: string): Promise<void> {
    const { records, thread, onWarning } = this.#init
    const found: (readonly [id: string, head: RecordHead])[] = []
    for (const id of await records.ids()) {
      const head = await this.#readHead(id)
      if (head !== undefined) found.push([id, head])
    }
    found.sort(([, a], [, b]) => a.madeMs - b.madeMs)
    for (let from = 0; from < found.length; from += FILL_ROWS) {
      const rows = found
        .slice(from, from + FILL_ROWS)
        .map(([id, head]) => indexRow(id, head, this.#init.paths))
      await thread.run({ type: 'fill', rows })
    }
    const { list, shares } = await this.#readElsewhere()
    await thread.run({ type: 'fillElsewhere', list })
    await thread.run({ type: 'filled' })
    const count = found.length + shares
    if (count === 0 && why === 'it was missing') return
    const message = `the index of shares was made anew with ${count}, because ${escapeForDisplay(why)}`
    onWarning({ code: 'WARN_INDEX_REBUILT', message })
  }

  async #readHead(id: string): Promise<RecordHead | undefined> {
    const { records, onWarning } = this.#init
    const bytes = await records.read(id)
    if (bytes === undefined) return undefined
    try {
      return decodeHead(bytes)
    } catch (error) {
      if (!isShoalError(error)) throw error
      await records.setAside(id)
      onWarning({
        code: 'WARN_SHARE_LOST',
        message: `the record ${id} of a share is damaged: ${error.message}`,
      })
      return undefined
    }
  }

  async #readElsewhere(): Promise<LoadedList> {
    const { elsewhere, onWarning } = this.#init
    try {
      return await elsewhere.load()
    } catch (error) {
      if (!isShoalError(error, 'ERR_HOME_INVALID') && !isShoalError(error, 'ERR_CONTENT_INVALID')) throw error
      await elsewhere.setAside()
      onWarning({
        code: 'WARN_SHARE_LOST',
        message: `the list of shares that came along from another home is damaged: ${error.message}`,
      })
      return NOTHING
    }
  }
}

function stillDamaged(why: string): ShoalError {
  return new ShoalError('ERR_HOME_INVALID', `the index of shares is damaged again: ${escapeForDisplay(why)}`)
}
