/** The thread side of `ShareIndex`: a database call blocks its thread, and the main one has peers waiting. */
import { parentPort } from 'node:worker_threads'
import { describeError, type WorkerAnswer } from '../util/worker-pool.ts'
import { IndexJobs, type IndexJob } from './index-jobs.ts'

const jobs = new IndexJobs()

parentPort?.on('message', ({ id, job }: { id: number; job: IndexJob }) => {
  try {
    parentPort?.postMessage({ id, result: jobs.run(job) } satisfies WorkerAnswer)
  } catch (error) {
    parentPort?.postMessage({ id, error: describeError(error) } satisfies WorkerAnswer)
  }
})
