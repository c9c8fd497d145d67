/** The thread side of `BlockWorkers`. */
import { selfTest } from '../content/self-test.ts'
import { doJobs } from '../util/worker-thread.ts'
import { runJob, type BlockJob } from './block-jobs.ts'
import { hashSegments, type HashJob } from './hash-job.ts'

selfTest()

doJobs((job: BlockJob | HashJob) => (job.type === 'hash' ? { result: hashSegments(job) } : runJob(job)))
