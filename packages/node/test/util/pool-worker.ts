/** A thread for `worker-pool.test.ts`. */
import { parentPort, resourceLimits, threadId, workerData } from 'node:worker_threads'
import { ShoalError } from '../../src/errors.ts'
import { doJobs } from '../../src/util/worker-thread.ts'

export type PoolJob = 'where' | 'share' | 'throw' | 'system' | 'later' | 'made' | 'die'

/** What a thread says of itself: its number, and how many messages have come to it. */
export interface Where {
  readonly thread: number
  readonly messages: number
}

let messages = 0
parentPort?.on('message', () => void messages++)

doJobs((job: PoolJob) => {
  switch (job) {
    case 'where':
      return { result: { thread: threadId, messages } satisfies Where }
    case 'share': {
      const bytes = new Uint8Array([1, 2, 3])
      return { result: bytes, transfer: [bytes.buffer] }
    }
    case 'throw':
      throw new ShoalError('ERR_LIMIT', 'too much', { hint: 'ask for less' })
    case 'system':
      throw Object.assign(new Error('no such file'), { code: 'ENOENT', path: '/nowhere' })
    case 'later':
      return { result: Promise.reject(new ShoalError('ERR_INTERNAL', 'settled late')) }
    case 'made':
      return { result: { data: workerData as unknown, young: resourceLimits.maxYoungGenerationSizeMb } }
    case 'die':
      process.exit(1)
  }
})
