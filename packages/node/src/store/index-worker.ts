/** The thread side of `ShareIndex`: a database call blocks its thread, and the main one has peers waiting. */
import { doJobs } from '../util/worker-thread.ts'
import { IndexJobs, type IndexJob } from './index-jobs.ts'

const jobs = new IndexJobs()

doJobs((job: IndexJob) => ({ result: jobs.run(job) }))
