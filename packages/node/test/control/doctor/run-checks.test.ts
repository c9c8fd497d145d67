import { expect, test } from 'vitest'
import type { Verdict } from '../../../src/control/doctor/finding.ts'
import { CHECK_MS } from '../../../src/control/doctor/limits.ts'
import { runChecks, type Check } from '../../../src/control/doctor/run-checks.ts'
import { delay } from '../../../src/util/seams.ts'
import { Simulation } from '../../helpers/simulation.ts'

const FINE: Verdict = { severity: 'ok', effect: 'fine', remedy: null, data: {} }
const HANGING: Check = { id: 'internet', look: () => new Promise<never>(() => {}) }

async function all(simulation: Simulation, checks: readonly Check[]): Promise<[string, string, number][]> {
  const found: [string, string, number][] = []
  const work = async (): Promise<void> => {
    for await (const { id, effect } of runChecks(checks, simulation.seams, new AbortController().signal)) {
      found.push([id, effect, simulation.nowMs])
    }
  }
  await simulation.run(work())
  return found
}

test('findings come as they end; one that fails or hangs is one, and holds up no other', async () => {
  const simulation = new Simulation(1)
  const { timers } = simulation.seams
  const late = async (): Promise<Verdict> => {
    await delay(timers, 300)
    return FINE
  }
  const found = await all(simulation, [
    HANGING,
    { id: 'disk', look: late },
    {
      id: 'home',
      look: () => {
        throw new Error('no\u001b[2J')
      },
    },
    { id: 'files', look: () => Promise.reject(new Error('EIO')) },
    { id: 'limits', look: () => FINE },
  ])
  expect(found.slice(0, 3).toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual([
    ['files', 'could not be found out: EIO', 0],
    ['home', 'could not be found out: no\\u{1b}[2J', 0],
    ['limits', 'fine', 0],
  ])
  expect(found.slice(3)).toEqual([
    ['disk', 'fine', 300],
    ['internet', `could not be found out within ${CHECK_MS / 1_000} s`, CHECK_MS],
  ])
})

test('a check that is given up is told, and so is one whose reader left', async () => {
  const simulation = new Simulation(1)
  const ends: unknown[] = []
  const watching = (id: Check['id']): Check => ({
    id,
    look: ({ signal }) => {
      signal.addEventListener('abort', () => ends.push(id))
      return new Promise<never>(() => {})
    },
  })
  await all(simulation, [watching('disk')])
  expect(ends).toEqual(['disk'])
  const reader = runChecks(
    [watching('home'), { id: 'limits', look: () => FINE }],
    simulation.seams,
    new AbortController().signal,
  )
  expect(await simulation.run(reader.next())).toMatchObject({ value: { id: 'limits' } })
  await reader.return(undefined)
  expect(ends).toEqual(['disk', 'home'])
})

test('on abort it ends at once, with the reason', async () => {
  const simulation = new Simulation(1)
  const stop = new AbortController()
  const findings = runChecks([HANGING], simulation.seams, stop.signal)
  const next = findings.next()
  stop.abort(new Error('enough'))
  await expect(next).rejects.toThrow('enough')
  const late = runChecks([HANGING], simulation.seams, AbortSignal.abort(new Error('never')))
  await expect(late.next()).rejects.toThrow('never')
  expect(simulation.nowMs).toBe(0)
})
