/** Metrics of the process, under the names that they commonly have. */
import { readdir } from 'node:fs/promises'
import type { Metric } from './metric.ts'
import { only } from './metric.ts'

const MICROSECONDS = 1e6

export const PROCESS_METRICS: readonly Metric[] = [
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'Processor time of the process, of all its threads together, in seconds.',
    read: () => {
      const { user, system } = process.cpuUsage()
      return only((user + system) / MICROSECONDS)
    },
  },
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Memory of the process that lies in the machine, in bytes.',
    read: () => only(process.memoryUsage.rss()),
  },
  {
    name: 'process_open_fds',
    type: 'gauge',
    help: 'Open files and sockets of the process. Linux only.',
    read: async () => {
      try {
        return only((await readdir('/proc/self/fd')).length)
      } catch {
        return []
      }
    },
  },
  {
    name: 'nodejs_heap_size_used_bytes',
    type: 'gauge',
    help: 'Used heap of the main thread, in bytes.',
    read: () => only(process.memoryUsage().heapUsed),
  },
  {
    name: 'nodejs_external_memory_bytes',
    type: 'gauge',
    help: 'Memory of buffers outside the heap of the main thread, in bytes.',
    read: () => only(process.memoryUsage().external),
  },
  {
    name: 'nodejs_eventloop_delay_seconds',
    type: 'gauge',
    help: 'How late timers were since the last question, in seconds; with a resolution of 20 ms, from the first question on.',
    labels: { stat: ['mean', 'p99', 'max'] },
    read: ({ loopDelay }) =>
      Object.entries(loopDelay()).map(([stat, value]) => ({ labels: { stat }, value: Number(value) })),
  },
]
