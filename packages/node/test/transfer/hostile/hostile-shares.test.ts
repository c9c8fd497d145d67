/**
 * More than two thousand hostile shares, each offered by a provider in the same process to a real fetch: real threads,
 * a real disk.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { COUNT, FAMILIES } from './all.ts'
import type { Outcome } from './run-hostile.ts'
import type { Family } from './share.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
/** Shares that one process takes. */
const BATCH = 500
/** One that takes longer hangs. */
const BATCH_MS = 240_000
/** What has to be left of all when those that turned out harmless are taken off. */
const AT_LEAST = 2_000
const MOST_MS = 100
const MOST_BYTES = 64 * 2 ** 20
const RUNNER = fileURLToPath(new URL('./run-hostile.ts', import.meta.url))

async function runBatch(from: number, to: number): Promise<Outcome[]> {
  const args = ['--expose-gc', RUNNER, String(from), String(to), String(SEED)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: BATCH_MS })
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  const outcomes: Outcome[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    outcomes.push(JSON.parse(line) as Outcome)
  }
  expect(await ended, 'the process that fetches crashed or hung').toBe(0)
  return outcomes
}

/** What is wrong with an outcome; undefined when nothing is. */
function faultOf(outcome: Outcome, family: Family): string | undefined {
  const { code, ms, memory, left, isUntouched } = outcome
  const isHarmless = code === 'accepted' && family.mayBeHarmless === true
  const isParts = family.mayKeepParts === true && left.every((name) => /^\.shoal-[0-9a-f]{16}$/.test(name))
  if (!isUntouched) return 'something outside was touched'
  if (isHarmless) return undefined
  if (!(family.codes as readonly string[]).includes(code)) return `it ended with ${code}`
  if (left.length > 0 && !isParts) return `it left ${left.join(', ')}`
  if (ms >= MOST_MS) return `it took ${ms} ms`
  return memory >= MOST_BYTES ? `it took ${memory} bytes` : undefined
}

function figures(name: string, of: readonly Outcome[]): Record<string, unknown> {
  const codes: Record<string, number> = {}
  for (const { code } of of) codes[code] = (codes[code] ?? 0) + 1
  return {
    name,
    shares: of.length,
    codes,
    worstMs: Math.round(Math.max(...of.map(({ ms }) => ms))),
    worstMiB: Math.round(Math.max(...of.map(({ memory }) => memory)) / 2 ** 20),
    keptParts: of.filter(({ left, code }) => code !== 'accepted' && left.length > 0).length,
  }
}

test(`hostile shares are refused soon, in little memory, and touch nothing (seed ${SEED})`, async () => {
  const outcomes: Outcome[] = []
  for (let from = 0; from < COUNT; from += BATCH) {
    outcomes.push(...(await runBatch(from, Math.min(COUNT, from + BATCH))))
  }
  const byName = new Map(FAMILIES.map((family) => [family.name, family]))
  const faults = outcomes.flatMap((outcome) => {
    const fault = faultOf(outcome, byName.get(outcome.family) as Family)
    return fault === undefined ? [] : [`share ${outcome.number}, ${outcome.family}: ${fault}`]
  })
  expect(faults).toEqual([])

  const refused = outcomes.filter(({ code }) => code !== 'accepted')
  const different = new Set(refused.map(({ digest }) => digest))
  console.log(JSON.stringify({ ...figures('hostile shares', outcomes), different: different.size }))
  if (process.env['SHOAL_FIGURES'] !== undefined) {
    for (const [name, of] of Map.groupBy(outcomes, ({ family }) => family)) {
      console.log(JSON.stringify(figures(name, of)))
    }
  }
  expect(new Set(outcomes.map(({ family }) => family)).size).toBe(FAMILIES.length)
  expect(different.size).toBeGreaterThanOrEqual(AT_LEAST)
}, 1_200_000)
