/** The thread side of `SpaceHost`: a database call blocks its thread, and the main one has peers waiting. */
import { workerData } from 'node:worker_threads'
import { systemSeams } from '../../util/system.ts'
import { doJobs } from '../../util/worker-thread.ts'
import type { SpaceCall } from './calls.ts'
import { HomeSpaces } from './home-spaces.ts'
import { runCall } from './space-calls.ts'

const { home } = workerData as { readonly home: string }
const spaces = new HomeSpaces({ home, ...systemSeams })

doJobs((call: SpaceCall) => ({ result: runCall(spaces, call) }))
