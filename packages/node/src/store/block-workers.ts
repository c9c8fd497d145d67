/** The worker threads that read, seal, hash, open and write blocks. */
import { availableParallelism } from 'node:os'
import { WorkerPool, workerUrl } from '../util/worker-pool.ts'
import type {
  BlockJob,
  BlockResult,
  FinishJob,
  OpenJob,
  ReadJob,
  ReadResult,
  Verified,
  WriteJob,
} from './block-jobs.ts'

/** Most threads that one node starts for blocks, whatever the machine has. */
const MAX_THREADS = 4

export interface BlockWorkersOptions {
  /** Threads. Minimum 1. @defaultValue the machine's processors, at most 4 */
  threads?: number
}

export class BlockWorkers {
  readonly #pool: WorkerPool<BlockJob, BlockResult>
  /** Jobs worth having in flight to keep every thread busy. */
  readonly concurrency: number

  constructor(options: BlockWorkersOptions = {}) {
    const threads = options.threads ?? Math.min(MAX_THREADS, availableParallelism())
    this.#pool = new WorkerPool(workerUrl(import.meta.url, './block-worker'), threads)
    this.concurrency = threads * 2
  }

  async read(job: Omit<ReadJob, 'type'>): Promise<ReadResult> {
    // A pass over files to be shared wants every processor; serving and fetching are bound by the network.
    return (await this.#pool.run({ type: 'read', ...job }, job.expected === undefined)) as ReadResult
  }

  async write(job: Omit<WriteJob, 'type'>): Promise<Verified> {
    return (await this.#pool.run({ type: 'write', ...job })) as Verified
  }

  async open(job: Omit<OpenJob, 'type'>): Promise<Verified> {
    return (await this.#pool.run({ type: 'open', ...job })) as Verified
  }

  async finish(job: Omit<FinishJob, 'type'>): Promise<void> {
    await this.#pool.run({ type: 'finish', ...job }, true)
  }

  async close(): Promise<void> {
    await this.#pool.close()
  }
}
