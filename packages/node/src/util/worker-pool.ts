/**
 * A pool of worker threads that run one kind of synchronous job each. Threads start when there is work for them;
 * content comes in shared memory and leaves by transfer, never copied. A job that was started is finished even when its caller gave up:
 * what it touched stays in a known state.
 */
import { Worker } from 'node:worker_threads'
import { ShoalError, isShoalError, systemCode } from '../errors.ts'

/** Jobs handed to a thread before it answered the first: keeps it busy while an answer travels. */
const JOBS_PER_WORKER = 4

/**
 * A thread's young generation. Its garbage is a few objects that hold large buffers: a small one is collected
 * often, which keeps tens of MiB of dead buffers from piling up, and costs next to nothing.
 */
const YOUNG_GENERATION_MIB = 1

/** What a worker answers; `error` is a ShoalError as JSON or a failed system call. */
export interface WorkerAnswer {
  readonly id: number
  readonly result?: unknown
  readonly error?: { code?: string; message: string; hint?: string; system?: string; path?: string }
}

interface Task {
  readonly id: number
  readonly job: unknown
  readonly isBulk: boolean
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

interface Thread {
  readonly worker: Worker
  readonly running: Map<number, Task>
}

export class WorkerPool<Job, Result> {
  readonly #url: URL
  readonly #size: number
  readonly #threads: Thread[] = []
  #queue: Task[] = []
  #nextId = 0
  #closed = false

  /** @param size most threads; at least 1 */
  constructor(url: URL, size: number) {
    this.#url = url
    this.#size = Math.max(1, size)
  }

  /**
   * Runs one job. With `isBulk` a further thread may be started for it; without, it waits for those that are there,
   * since what one thread can do is not worth the memory of another. Rejects with the job's own error, that of a thread
   * that refused to start, or ERR_INTERNAL when the thread died.
   */
  run(job: Job, isBulk = false): Promise<Result> {
    if (this.#closed) return Promise.reject(new ShoalError('ERR_INTERNAL', 'the worker pool is closed'))
    return new Promise((resolve, reject) => {
      const task: Task = {
        id: this.#nextId++,
        job,
        isBulk,
        resolve: resolve as (result: unknown) => void,
        reject,
      }
      this.#queue.push(task)
      this.#dispatch()
    })
  }

  /** Starts a thread for the first job before there is one. */
  start(): void {
    if (!this.#closed && this.#threads.length === 0) this.#start()
  }

  /** Ends all threads; jobs still waiting are rejected. */
  async close(): Promise<void> {
    this.#closed = true
    const waiting = this.#queue
    this.#queue = []
    for (const task of waiting) task.reject(new ShoalError('ERR_INTERNAL', 'the worker pool was closed'))
    await Promise.all(
      this.#threads.map((thread) => {
        // Its end is waited for, with nothing else that would keep the process alive.
        thread.worker.ref()
        return thread.worker.terminate()
      }),
    )
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const task = this.#queue[0] as Task
      const thread = this.#pickThread(task.isBulk)
      if (thread === undefined) return
      this.#queue.shift()
      // Somebody waits for the answer, perhaps in a process that has nothing else to do.
      if (thread.running.size === 0) thread.worker.ref()
      thread.running.set(task.id, task)
      thread.worker.postMessage({ id: task.id, job: task.job })
    }
  }

  #pickThread(isBulk: boolean): Thread | undefined {
    let best: Thread | undefined
    for (const thread of this.#threads) {
      if (best === undefined || thread.running.size < best.running.size) best = thread
    }
    const mayStart = this.#threads.length < (isBulk ? this.#size : 1)
    if (mayStart && (best === undefined || best.running.size > 0)) return this.#start()
    return best !== undefined && best.running.size < JOBS_PER_WORKER ? best : undefined
  }

  #start(): Thread {
    const thread: Thread = {
      worker: new Worker(this.#url, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB } }),
      running: new Map(),
    }
    thread.worker.on('message', (answer: WorkerAnswer) => {
      const task = thread.running.get(answer.id)
      thread.running.delete(answer.id)
      if (thread.running.size === 0 && !this.#closed) thread.worker.unref()
      if (answer.error !== undefined) task?.reject(rebuildError(answer.error))
      else task?.resolve(answer.result)
      this.#dispatch()
    })
    const onDeath = (cause?: unknown): void => {
      const at = this.#threads.indexOf(thread)
      if (at >= 0) this.#threads.splice(at, 1)
      // One that refuses to start, as after a failed self-test, says why.
      const reason = isShoalError(cause)
        ? ShoalError.fromJSON(cause)
        : new ShoalError('ERR_INTERNAL', 'a worker thread died', { cause })
      for (const task of thread.running.values()) task.reject(reason)
      thread.running.clear()
      if (!this.#closed) this.#dispatch()
    }
    thread.worker.on('error', onDeath)
    thread.worker.on('exit', () => onDeath())
    // An idle pool must not keep the process alive.
    thread.worker.unref()
    this.#threads.push(thread)
    return thread
  }
}

/** An error as it crosses from a thread: a ShoalError as JSON, a failed system call with its code. */
export function describeError(error: unknown): NonNullable<WorkerAnswer['error']> {
  if (error instanceof ShoalError) return error.toJSON()
  const message = error instanceof Error ? error.message : String(error)
  const system = systemCode(error)
  if (system === undefined) return { message }
  const path = (error as { path?: unknown }).path
  return typeof path === 'string' ? { message, system, path } : { message, system }
}

function rebuildError(error: NonNullable<WorkerAnswer['error']>): unknown {
  if (error.system !== undefined) {
    return Object.assign(new Error(error.message), { code: error.system, path: error.path })
  }
  return ShoalError.fromJSON(error)
}

/** URL of a worker module beside the caller, whether it runs from source or compiled. */
export function workerUrl(callerUrl: string, name: string): URL {
  return new URL(`${name}${callerUrl.endsWith('.ts') ? '.ts' : '.js'}`, callerUrl)
}
