/** The worker threads that read, seal, hash, open and write blocks. */
import { availableParallelism } from 'node:os'
import { WorkerPool, workerUrl, type JobWeight } from '../util/worker-pool.ts'
import type { BlockJob, BlockResult, ReadJob, ReadResult } from './block-jobs.ts'
import type { HashJob } from './hash-job.ts'
import type { StagingJob, SurveyResult } from './staging-jobs.ts'
import type { OpenJob, ReclaimJob, WriteJob, WriteResult } from './write-block.ts'

/** Most threads that one node starts for blocks, whatever the machine has. */
const MAX_THREADS = 4

/** Files whose finishing keeps a thread busy for longer than it takes to start another. */
const MANY_FILES = 32

/** Bytes that are read or written in less time than it takes to wake a thread. */
const LIGHT_BYTES = 32_768

export interface BlockWorkersOptions {
  /** Threads. Minimum 1. @defaultValue the machine's processors, at most 4 */
  threads?: number
}

export class BlockWorkers {
  readonly #pool: WorkerPool<BlockJob | HashJob, BlockResult | Uint8Array>
  /** Jobs worth having in flight to keep every thread busy. */
  readonly concurrency: number

  constructor(options: BlockWorkersOptions = {}) {
    const threads = options.threads ?? Math.min(MAX_THREADS, availableParallelism())
    this.#pool = new WorkerPool(workerUrl(import.meta.url, './block-worker'), threads)
    this.concurrency = threads * 2
  }

  /** Starts a thread ahead of its first job. */
  start(): void {
    this.#pool.start()
  }

  async read(job: Omit<ReadJob, 'type'>): Promise<ReadResult> {
    // A pass over files to be shared wants every processor; serving and fetching are bound by the network.
    const weight = job.expected === undefined ? 'bulk' : weightOf(job.length)
    return (await this.#pool.run({ type: 'read', ...job }, weight)) as ReadResult
  }

  /** The digests of all segments, joined. Rejects when one cannot be read. */
  async hash(job: Omit<HashJob, 'type'>): Promise<Uint8Array> {
    return (await this.#pool.run({ type: 'hash', ...job }, 'bulk')) as Uint8Array
  }

  async write(job: Omit<WriteJob, 'type'>): Promise<WriteResult> {
    const weight = job.places.length > 1 ? 'normal' : weightOf(job.bytes.byteLength)
    return (await this.#pool.run({ type: 'write', ...job }, weight)) as WriteResult
  }

  async reclaim(job: Omit<ReclaimJob, 'type'>): Promise<boolean> {
    return (await this.#pool.run({ type: 'reclaim', ...job }, 'bulk')) as boolean
  }

  /** False: the block is not what was promised. */
  async open(job: Omit<OpenJob, 'type'>): Promise<boolean> {
    return (await this.#pool.run({ type: 'open', ...job })) as boolean
  }

  async survey(job: Omit<Extract<StagingJob, { type: 'survey' }>, 'type'>): Promise<SurveyResult> {
    return (await this.#pool.run({ type: 'survey', ...job })) as SurveyResult
  }

  /** Work on a staging folder. Many files are worth another thread. */
  async stage(job: Exclude<StagingJob, { type: 'survey' }>): Promise<void> {
    await this.#pool.run(job, 'files' in job && job.files.length >= MANY_FILES ? 'bulk' : 'normal')
  }

  async close(): Promise<void> {
    await this.#pool.close()
  }
}

function weightOf(bytes: number): JobWeight {
  return bytes <= LIGHT_BYTES ? 'light' : 'normal'
}
