/**
 * Sixteen nodes do mixed work for a while. Everything asked is done, what is fetched is what was shared, and what a process
 * holds does not grow. SHOAL_SOAK_SECONDS=600 for the figures, SHOAL_SOAK_KINDS=fetch,restart for some kinds of
 * work alone. Needs `tsc -b`, and Linux for the descriptors.
 */
import { setTimeout as later } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { seededFloats } from '../../packages/node/test/helpers/simulation.ts'
import { temporaryFolder } from '../helpers/nodes.ts'
import { runSeed } from './points.ts'
import { LEAST_SECONDS, MIB, course, leaksOf, leftOver, perHour, warm, type Reading } from './soak-figures.ts'
import { SoakNodes } from './soak-nodes.ts'
import type { Sample } from './soak-orders.ts'
import { SoakWork, kindsOf } from './soak-work.ts'

const SECONDS = Number(process.env['SHOAL_SOAK_SECONDS'] ?? 30)
const SEED = runSeed()
const NODES = 16
const PROCESSES = 4
/** Operations at a time. */
const LOOPS = 8
/** How often all come to rest and are measured. */
const ROUNDS = Math.max(9, Math.floor(SECONDS / 10))
/** How many of its values show how a quantity went. */
const COURSE = 16
/** Longest until nothing is left of the work: sessions are kept for a minute, and the DHT looks around. */
const MOST_REST_MS = 300_000
const POLL_MS = 1_000
/** For a machine that has much else to do. */
const MOST_OVERHEAD_MS = 600_000

test.skipIf(process.platform !== 'linux')(
  `${NODES} nodes at mixed work for ${SECONDS} s hold no more at the end (seed ${SEED})`,
  { timeout: SECONDS * 2_000 + MOST_OVERHEAD_MS },
  async () => {
    const folder = await temporaryFolder()
    const nodes = new SoakNodes(folder, NODES, PROCESSES)
    await nodes.startAll()
    const work = new SoakWork(nodes, folder, seededFloats(SEED), kindsOf(process.env['SHOAL_SOAK_KINDS']))
    await work.begin()
    const startMs = performance.now()
    const passed = (): number => (performance.now() - startMs) / 1_000
    const read = async (): Promise<Reading[]> => {
      const [seconds, operations] = [passed(), work.operations / PROCESSES]
      return (await nodes.sample()).map((sample) => ({ seconds, operations, sample }))
    }
    const rounds: Reading[][] = []
    for (let round = 1; round <= ROUNDS; round++) {
      const until = (SECONDS * round) / ROUNDS
      await Promise.all(Array.from({ length: LOOPS }, () => work.run(() => passed() < until)))
      rounds.push(await read())
    }
    const readings = Array.from({ length: PROCESSES }, (_, i) =>
      rounds.map((round) => round[i]).filter((one) => one !== undefined),
    )
    let [rest, left]: [Reading[], string[]] = [[], []]
    for (const endMs = performance.now() + MOST_REST_MS; performance.now() < endMs; await later(POLL_MS)) {
      rest = await read()
      left = rest.flatMap((reading, i) => leftOver(warm(readings[i] ?? [])[0], reading))
      if (left.length === 0) break
    }
    const each = (of: (quantity: keyof Sample, process: number) => number): Record<string, number[]> =>
      Object.fromEntries(
        Object.keys(rest[0]?.sample ?? {}).map((quantity) => [
          quantity,
          readings.map((_, i) => Number(of(quantity as keyof Sample, i).toPrecision(3))),
        ]),
      )
    console.log(
      JSON.stringify({
        soak: NODES,
        processes: PROCESSES,
        seconds: Math.round(readings[0]?.at(-1)?.seconds ?? 0),
        seed: SEED,
        operations: work.operations,
        done: work.done,
        warm: each((quantity, i) => warm(readings[i] ?? [])[0]?.sample[quantity] ?? 0),
        last: each((quantity, i) => readings[i]?.at(-1)?.sample[quantity] ?? 0),
        rest: each((quantity, i) => rest[i]?.sample[quantity] ?? 0),
        perHour: each((quantity, i) => perHour(readings[i] ?? [], quantity)),
        // A slope does not tell a leak from what fills up to a level.
        residentMiB: readings.map((all) =>
          course(all, 'rss', COURSE).map((bytes) => Math.round(bytes / MIB)),
        ),
      }),
    )
    expect(work.operations).toBeGreaterThanOrEqual(ROUNDS * LOOPS)
    expect(left).toEqual([])
    if (SECONDS >= LEAST_SECONDS) {
      expect(readings.flatMap((all, i) => leaksOf(all).map((leak) => `process ${i}: ${leak}`))).toEqual([])
    }
  },
)

const NOTHING: Sample = {
  rss: 0,
  heap: 0,
  external: 0,
  sockets: 0,
  files: 0,
  timers: 0,
  handles: 0,
  wal: 0,
  connected: 0,
  late: 0,
  shed: 0,
}

test('the course of a quantity is means of equal parts of the run, in order', () => {
  const readings = Array.from({ length: 40 }, (_, i) => ({
    seconds: i,
    operations: i,
    sample: { ...NOTHING, rss: i },
  }))
  expect(course(readings, 'rss', 4)).toEqual([4.5, 14.5, 24.5, 34.5])
  expect(course(readings.slice(0, 2), 'rss', 4)).toEqual([0, 1])
})

test('what one operation in three leaves behind is seen, and what comes and goes is not', () => {
  const at = (operations: number, timers: number): Reading => ({
    seconds: operations,
    operations,
    sample: { ...NOTHING, timers, files: 40 },
  })
  expect(leftOver(at(100, 50), at(600, 349))).toEqual([])
  expect(leftOver(at(100, 50), at(600, 370))).toEqual(['timers grow by 0.34 an operation, over 0.3'])
  expect(leftOver(at(100, 50), at(110, 190))).toEqual([])
  const noisy = Array.from({ length: 60 }, (_, i) => at(i * 10, 50 + (i % 7) * 5))
  expect(leaksOf(noisy)).toEqual([])
  const leaking = noisy.map((reading, i) => at(reading.operations, reading.sample.timers + i * 3))
  expect(leaksOf(leaking)).toHaveLength(1)
})
