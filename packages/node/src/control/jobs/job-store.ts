/** Keeps jobs over restarts. The file is opened when it is there, or made when the first is kept. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { WarningEvent } from '../../events.ts'
import { escapeForDisplay } from '../../util/display.ts'
import { WorkerPool, workerUrl } from '../../util/worker-pool.ts'
import { JobDatabase, type JobCall, type OpenedJobs } from './job-database.ts'
import { jobSchema, type Job } from './job.ts'

/** Where the calls of the database are made. */
export interface JobThread {
  run: (call: JobCall) => Promise<OpenedJobs | undefined>
  close: () => Promise<void>
}

/** A thread of its own: what a node takes, whose main thread has peers waiting. It starts with the first call. */
export function jobThread(): JobThread {
  const pool = new WorkerPool<JobCall, OpenedJobs | undefined>(workerUrl(import.meta.url, './job-worker'), 1)
  return { run: (call) => pool.run(call), close: () => pool.close() }
}

/** The caller's own thread: for a command that asks once and ends. */
export function ownJobThread(): JobThread {
  const database = new JobDatabase()
  return { run: async (call) => database.run(call), close: async () => {} }
}

export interface JobStoreInit {
  /** The home. */
  readonly home: string
  readonly thread: JobThread
  /** Told of what was lost. */
  readonly onWarning: (warning: WarningEvent) => void
}

export class JobStore {
  readonly #init: JobStoreInit
  readonly #file: string
  #opened: Promise<OpenedJobs | undefined> | undefined
  #closed: Promise<void> | undefined

  constructor(init: JobStoreInit) {
    this.#init = init
    this.#file = join(init.home, 'jobs.db')
  }

  /**
   * All jobs, in the order in which they came.
   *
   * @throws ShoalError ERR_SQLITE_VERSION, ERR_HOME_INVALID when a newer Shoal wrote it, ERR_DISK, ERR_DISK_FULL,
   *   ERR_PERMISSION
   */
  async load(): Promise<Job[]> {
    if (!existsSync(this.#file)) return []
    const { bodies = [] } = (await this.#open()) ?? {}
    return bodies.flatMap((body) => this.#read(body))
  }

  /** Keeps a job, new or not. When it resolves it is on the disk. @throws ShoalError as `load` */
  async save(job: Job): Promise<void> {
    await this.#open()
    await this.#init.thread.run({ type: 'save', id: job.id, body: JSON.stringify(job) })
  }

  /** @throws ShoalError as `load` */
  async remove(id: string): Promise<void> {
    await this.#open()
    await this.#init.thread.run({ type: 'remove', id })
  }

  /** Safe when it was never opened, and twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    if (this.#opened !== undefined) await this.#init.thread.run({ type: 'close' })
    await this.#init.thread.close()
  }

  async #open(): Promise<OpenedJobs | undefined> {
    this.#opened ??= this.#begin()
    return await this.#opened
  }

  async #begin(): Promise<OpenedJobs | undefined> {
    try {
      const opened = await this.#init.thread.run({ type: 'open', file: this.#file })
      const damaged = opened?.damaged ?? null
      if (damaged !== null) this.#warn(`what was to go on in the background is lost: see ${damaged}`)
      return opened
    } catch (error) {
      // A disk that was full may have room the next time.
      this.#opened = undefined
      throw error
    }
  }

  /** Of a newer Shoal there may be some that this one does not understand: they stay in the file. */
  #read(body: string): Job[] {
    try {
      return [jobSchema.parse(JSON.parse(body))]
    } catch {
      this.#warn(`something that was to go on in the background is none that this Shoal understands`)
      return []
    }
  }

  #warn(text: string): void {
    this.#init.onWarning({ type: 'warning', code: 'WARN_JOB_LOST', message: escapeForDisplay(text) })
  }
}
