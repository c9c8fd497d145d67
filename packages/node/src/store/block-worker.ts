/** The thread side of `BlockWorkers`: runs jobs one after the other and answers each. */
import { parentPort } from 'node:worker_threads'
import { selfTest } from '../content/self-test.ts'
import { ShoalError, systemCode } from '../errors.ts'
import type { WorkerAnswer } from '../util/worker-pool.ts'
import { runJob, type BlockJob } from './block-jobs.ts'

selfTest()

parentPort?.on('message', ({ id, job }: { id: number; job: BlockJob }) => {
  try {
    const { result, transfer } = runJob(job)
    parentPort?.postMessage({ id, result } satisfies WorkerAnswer, transfer)
  } catch (error) {
    parentPort?.postMessage({ id, error: describe(error) } satisfies WorkerAnswer)
  }
})

function describe(error: unknown): NonNullable<WorkerAnswer['error']> {
  if (error instanceof ShoalError) return error.toJSON()
  const message = error instanceof Error ? error.message : String(error)
  const system = systemCode(error)
  if (system === undefined) return { message }
  const path = (error as { path?: unknown }).path
  return typeof path === 'string' ? { message, system, path } : { message, system }
}
