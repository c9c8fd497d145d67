/**
 * Loaded into a process before anything else by `loop.ts`: sees how late a timer comes, as the watchdog of a node does, and
 * writes that into SHOAL_LOOP_PROBE when the process ends.
 */
import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { LOOP_LIMITS } from '../../packages/node/src/network/limits.ts'

const { tickMs, ticks } = LOOP_LIMITS
/** Not looked at: while the network library is loaded nothing else runs, and no node does yet. */
const START_TICKS = 15
const file = process.env['SHOAL_LOOP_PROBE']
const late: number[] = []

function wait(): void {
  const dueMs = performance.now() + tickMs
  setTimeout(() => {
    late.push(Math.max(0, performance.now() - dueMs))
    wait()
  }, tickMs).unref()
}

function at(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}

if (isMainThread && file !== undefined) {
  wait()
  process.on('exit', () => {
    late.splice(0, START_TICKS)
    const sorted = late.toSorted((a, b) => a - b)
    const medians = late.map((_, i) =>
      at(
        late.slice(Math.max(0, i - ticks + 1), i + 1).toSorted((a, b) => a - b),
        0.5,
      ),
    )
    const facts = {
      ticks: late.length,
      p50: at(sorted, 0.5),
      p99: at(sorted, 0.99),
      max: at(sorted, 1),
      // What decides whether load is shed.
      maxMedian: Math.max(0, ...medians.slice(ticks - 1)),
    }
    writeFileSync(file, JSON.stringify(facts))
  })
}
