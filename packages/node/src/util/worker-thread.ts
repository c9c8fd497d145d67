/** The thread side of `WorkerPool`: does jobs one after the other, and answers those together that are soon done. */
import { parentPort } from 'node:worker_threads'
import { ShoalError, systemCode } from '../errors.ts'
import { systemSeams } from './system.ts'

/** Longest that an answer waits for those of the jobs that came with it, in milliseconds. */
const TOGETHER_MS = 1

export interface WorkerTask {
  readonly id: number
  readonly job: unknown
}

/** What a worker answers; `error` is a ShoalError as JSON or a failed system call. */
export interface WorkerAnswer {
  readonly id: number
  readonly result?: unknown
  readonly error?: { code?: string; message: string; hint?: string; system?: string; path?: string }
}

/** What came of a job. A promise lets the jobs after it begin before it is settled. */
export interface JobOutcome {
  readonly result: unknown
  /** Memory of the result that is handed over. */
  readonly transfer?: readonly ArrayBuffer[]
}

/** Does every job that comes with `run`, whose errors are answered as well. */
export function doJobs(run: (job: never) => JobOutcome): void {
  parentPort?.on('message', (tasks: readonly WorkerTask[]) => {
    let answers: WorkerAnswer[] = []
    let transfer: ArrayBuffer[] = []
    let since = systemSeams.clock.monotonic()
    const tell = (): void => {
      if (answers.length > 0) parentPort?.postMessage(answers, transfer)
      answers = []
      transfer = []
      since = systemSeams.clock.monotonic()
    }
    for (const { id, job } of tasks) {
      const fail = (error: unknown): WorkerAnswer => ({ id, error: describeError(error) })
      try {
        const outcome = run(job as never)
        if (outcome.result instanceof Promise) answerLater(id, outcome.result, fail)
        else answers.push({ id, result: outcome.result })
        if (outcome.transfer !== undefined) transfer.push(...outcome.transfer)
      } catch (error) {
        answers.push(fail(error))
      }
      if (systemSeams.clock.monotonic() - since >= TOGETHER_MS) tell()
    }
    tell()
  })
}

function answerLater(id: number, result: Promise<unknown>, fail: (error: unknown) => WorkerAnswer): void {
  const answer = (one: WorkerAnswer): void => parentPort?.postMessage([one])
  result.then(
    (done) => answer({ id, result: done }),
    (error: unknown) => answer(fail(error)),
  )
}

/** An error as it crosses from a thread: a ShoalError as JSON, a failed system call with its code. */
function describeError(error: unknown): NonNullable<WorkerAnswer['error']> {
  if (error instanceof ShoalError) return error.toJSON()
  const message = error instanceof Error ? error.message : String(error)
  const system = systemCode(error)
  if (system === undefined) return { message }
  const path = (error as { path?: unknown }).path
  return typeof path === 'string' ? { message, system, path } : { message, system }
}
