/** The thread side of `JobStore`: a database call blocks its thread, and the main one has peers waiting. */
import { doJobs } from '../../util/worker-thread.ts'
import { JobDatabase, type JobCall } from './job-database.ts'

const database = new JobDatabase()

doJobs((call: JobCall) => ({ result: database.run(call) }))
