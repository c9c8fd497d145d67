/** Worker threads whose jobs are timed: from when one is handed over until its answer is here, the wait for a thread included. */
import { BlockWorkers, type BlockWorkersOptions } from '../../store/block-workers.ts'
import { Distribution } from '../../util/distribution.ts'
import type { Clock } from '../../util/seams.ts'

/** What is told apart: the work that each method stands for. */
export const JOB_KINDS = ['read', 'hash', 'write', 'reclaim', 'open', 'survey', 'sync', 'stage'] as const
export type JobKind = (typeof JOB_KINDS)[number]

/** Upper ends of the ranges of job times, in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export class MeasuredWorkers extends BlockWorkers {
  readonly #clock: Clock
  readonly #times = new Map(JOB_KINDS.map((kind) => [kind, new Distribution(BOUNDS)]))
  #pending = 0

  constructor(clock: Clock, options: BlockWorkersOptions) {
    super(options)
    this.#clock = clock
  }

  /** Jobs handed over and not answered. */
  get pending(): number {
    return this.#pending
  }

  /** How long jobs took, in seconds. */
  get times(): ReadonlyMap<JobKind, Distribution> {
    return this.#times
  }

  override read(job: Parameters<BlockWorkers['read']>[0]): ReturnType<BlockWorkers['read']> {
    return this.#timed('read', super.read(job))
  }

  override hash(job: Parameters<BlockWorkers['hash']>[0]): ReturnType<BlockWorkers['hash']> {
    return this.#timed('hash', super.hash(job))
  }

  override write(job: Parameters<BlockWorkers['write']>[0]): ReturnType<BlockWorkers['write']> {
    return this.#timed('write', super.write(job))
  }

  override reclaim(job: Parameters<BlockWorkers['reclaim']>[0]): ReturnType<BlockWorkers['reclaim']> {
    return this.#timed('reclaim', super.reclaim(job))
  }

  override open(job: Parameters<BlockWorkers['open']>[0]): ReturnType<BlockWorkers['open']> {
    return this.#timed('open', super.open(job))
  }

  override survey(job: Parameters<BlockWorkers['survey']>[0]): ReturnType<BlockWorkers['survey']> {
    return this.#timed('survey', super.survey(job))
  }

  override stage(job: Parameters<BlockWorkers['stage']>[0]): ReturnType<BlockWorkers['stage']> {
    return this.#timed(job.type === 'sync' ? 'sync' : 'stage', super.stage(job))
  }

  #timed<T>(kind: JobKind, work: Promise<T>): Promise<T> {
    const startedMs = this.#clock.monotonic()
    this.#pending++
    const settle = (): void => {
      this.#pending--
      this.#times.get(kind)?.add((this.#clock.monotonic() - startedMs) / 1_000)
    }
    // Beside the answer: who waits for it is told as soon as without this.
    work.then(settle, settle)
    return work
  }
}
