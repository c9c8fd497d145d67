/** The thread side of `BlockWorkers`: runs jobs one after the other and answers each. */
import { parentPort } from 'node:worker_threads'
import { selfTest } from '../content/self-test.ts'
import { describeError, type WorkerAnswer } from '../util/worker-pool.ts'
import { runJob, type BlockJob, type BlockResult } from './block-jobs.ts'
import { hashSegments, type HashJob } from './hash-job.ts'

selfTest()

parentPort?.on('message', ({ id, job }: { id: number; job: BlockJob | HashJob }) => {
  const fail = (error: unknown): void => {
    parentPort?.postMessage({ id, error: describeError(error) } satisfies WorkerAnswer)
  }
  try {
    const { result, transfer } = run(job)
    const answer = (done: unknown): void => {
      parentPort?.postMessage({ id, result: done } satisfies WorkerAnswer, transfer)
    }
    if (result instanceof Promise) result.then(answer, fail)
    else answer(result)
  } catch (error) {
    fail(error)
  }
})

function run(job: BlockJob | HashJob): {
  result: BlockResult | Uint8Array | Promise<void>
  transfer?: ArrayBuffer[]
} {
  return job.type === 'hash' ? { result: hashSegments(job) } : runJob(job)
}
