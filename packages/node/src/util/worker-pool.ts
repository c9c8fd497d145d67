/**
 * A pool of worker threads that run one kind of synchronous job each. Threads start when there is work for them;
 * content comes in shared memory and leaves by transfer, never copied. A job that was started is finished even when its caller gave up:
 * what it touched stays in a known state. Jobs that come together go to a thread in one message, and so do their
 * answers: to wake a thread costs more than to write a small file.
 */
import { Worker } from 'node:worker_threads'
import { ShoalError, isShoalError } from '../errors.ts'
import type { WorkerAnswer, WorkerTask } from './worker-thread.ts'

/** Jobs handed to a thread before it answered the first: keeps it busy while an answer travels. */
const JOBS_PER_WORKER = 4

/** The same where each is light: they go together, and a thread should not run dry before more come. */
const LIGHT_JOBS_PER_WORKER = 16

/** A bulk job is worth a thread of its own; a light one is done in less time than it takes to wake a thread. */
export type JobWeight = 'bulk' | 'normal' | 'light'

/**
 * A thread's young generation. Its garbage is a few objects that hold large buffers: a small one is collected
 * often, which keeps tens of MiB of dead buffers from piling up, and costs next to nothing.
 */
const YOUNG_GENERATION_MIB = 1

/** How the threads of a pool are made. */
export interface ThreadOptions {
  /** What they find in `workerData`. @defaultValue nothing */
  readonly data?: unknown
  /** MiB of the young generation. @defaultValue 1, for who keeps little but large buffers */
  readonly youngGenerationMib?: number
}

interface Task extends WorkerTask {
  readonly weight: JobWeight
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

interface Thread {
  readonly worker: Worker
  readonly running: Map<number, Task>
  /** Given to it and not yet told, by the end of what the process does now. */
  untold: WorkerTask[]
}

export class WorkerPool<Job, Result> {
  readonly #url: URL
  readonly #size: number
  readonly #options: ThreadOptions
  readonly #threads: Thread[] = []
  #queue: Task[] = []
  #nextId = 0
  #closed = false

  /** @param size most threads; at least 1 */
  constructor(url: URL, size: number, options: ThreadOptions = {}) {
    this.#url = url
    this.#size = Math.max(1, size)
    this.#options = options
  }

  /**
   * Runs one job. For a bulk one a further thread may be started; another waits for those that are there,
   * since what one thread can do is not worth the memory of another. Rejects with the job's own error, that of a thread
   * that refused to start, or ERR_INTERNAL when the thread died.
   */
  run(job: Job, weight: JobWeight = 'normal'): Promise<Result> {
    if (this.#closed) return Promise.reject(new ShoalError('ERR_INTERNAL', 'the worker pool is closed'))
    return new Promise((resolve, reject) => {
      const task: Task = {
        id: this.#nextId++,
        job,
        weight,
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
      const thread = this.#pickThread(task.weight)
      if (thread === undefined) return
      this.#queue.shift()
      // Somebody waits for the answer, perhaps in a process that has nothing else to do.
      if (thread.running.size === 0) thread.worker.ref()
      thread.running.set(task.id, task)
      if (thread.untold.push({ id: task.id, job: task.job }) === 1) process.nextTick(() => this.#tell(thread))
    }
  }

  #tell(thread: Thread): void {
    const tasks = thread.untold
    thread.untold = []
    thread.worker.postMessage(tasks)
  }

  #pickThread(weight: JobWeight): Thread | undefined {
    const most = weight === 'light' ? LIGHT_JOBS_PER_WORKER : JOBS_PER_WORKER
    let best: Thread | undefined
    for (const thread of this.#threads) {
      const size = thread.running.size
      // It will be woken anyway.
      if (weight === 'light' && thread.untold.length > 0 && size < most) return thread
      if (best === undefined || size < best.running.size) best = thread
    }
    const mayStart = this.#threads.length < (weight === 'bulk' ? this.#size : 1)
    if (mayStart && (best === undefined || best.running.size > 0)) return this.#start()
    return best !== undefined && best.running.size < most ? best : undefined
  }

  #start(): Thread {
    const thread: Thread = {
      worker: new Worker(this.#url, {
        workerData: this.#options.data,
        resourceLimits: {
          maxYoungGenerationSizeMb: this.#options.youngGenerationMib ?? YOUNG_GENERATION_MIB,
        },
        ...(process.execArgv.some(isInputType) ? { execArgv: [] } : {}),
      }),
      running: new Map(),
      untold: [],
    }
    thread.worker.on('message', (answers: readonly WorkerAnswer[]) => {
      for (const { id, error, result } of answers) {
        const task = thread.running.get(id)
        thread.running.delete(id)
        if (error !== undefined) task?.reject(rebuildError(error))
        else task?.resolve(result)
      }
      if (thread.running.size === 0 && !this.#closed) thread.worker.unref()
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

function rebuildError(error: NonNullable<WorkerAnswer['error']>): unknown {
  if (error.system !== undefined) {
    return Object.assign(new Error(error.message), { code: error.system, path: error.path })
  }
  return ShoalError.fromJSON(error)
}

/** It speaks of a program that was given as text: a thread that is a file refuses to start with it. */
function isInputType(flag: string): boolean {
  return flag.startsWith('--input-type')
}

/** URL of a worker module beside the caller, whether it runs from source or compiled. */
export function workerUrl(callerUrl: string, name: string): URL {
  return new URL(`${name}${callerUrl.endsWith('.ts') ? '.ts' : '.js'}`, callerUrl)
}
