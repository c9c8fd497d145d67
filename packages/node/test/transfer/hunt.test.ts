import { expect, test } from 'vitest'
import { ShoalError } from '../../src/errors.ts'
import type { FoundBy } from '../../src/events.ts'
import { HUNT_LIMITS, Hunt, type HuntInit } from '../../src/transfer/hunt.ts'
import type { Lead, LeadSource } from '../../src/transfer/lead.ts'
import { delay } from '../../src/util/seams.ts'
import { Simulation } from '../helpers/simulation.ts'

/** What a device does: answers after a time, or refuses, or is silent. */
type Device = { readonly afterMs: number; readonly error?: Error } | 'silent'

const REFUSED = new ShoalError('ERR_NO_PROVIDER', 'does not answer')

function world(devices: Readonly<Record<string, Device>>) {
  const simulation = new Simulation(1)
  const { seams } = simulation
  const opened: string[] = []
  const released: string[] = []
  let atOnce = 0
  let mostAtOnce = 0
  const open = async ({ key }: Lead, signal: AbortSignal): Promise<string> => {
    const device = devices[key] ?? { afterMs: 10, error: REFUSED }
    mostAtOnce = Math.max(mostAtOnce, ++atOnce)
    try {
      await delay(seams.timers, device === 'silent' ? 1e9 : device.afterMs, signal)
    } finally {
      atOnce--
    }
    if (device !== 'silent' && device.error !== undefined) throw device.error
    opened.push(key)
    return key
  }
  const hunt = (sources: readonly LeadSource[], more: Partial<HuntInit<string>> = {}): Hunt<string> =>
    new Hunt<string>({
      sources,
      seams,
      open,
      release: (value) => void released.push(value),
      isFatal: (error) => error !== REFUSED,
      waitMs: 30_000,
      graceMs: 0,
      ...more,
    })
  return { simulation, hunt, opened, released, mostAtOnce: () => mostAtOnce }
}

function naming(name: FoundBy, keys: readonly string[], isTrusted = false): LeadSource {
  return {
    name,
    isTrusted,
    leads: async function* () {
      for (const key of keys) yield { key, connect: () => Promise.reject(REFUSED) }
    },
  }
}

const never = new AbortController().signal

test('the first device that has the content wins, and what the others do is ended', async () => {
  const { simulation, hunt, opened } = world({
    slow: { afterMs: 500 },
    quick: { afterMs: 100 },
    dead: 'silent',
  })
  const sought = hunt([naming('link', ['dead'], true), naming('lan', ['slow']), naming('dht', ['quick'])])
  expect(await simulation.run(sought.run(never))).toEqual({ value: 'quick', source: 'dht' })
  expect(simulation.nowMs).toBeLessThan(200)
  await simulation.run(delay(simulation.seams.timers, 1_000))
  expect(opened).toEqual(['quick'])
})

test('a source that names devices without end keeps no other waiting, and is asked in bounded portions', async () => {
  let named = 0
  const flood: LeadSource = {
    name: 'dht',
    isTrusted: false,
    leads: async function* () {
      for (;;) yield { key: `false ${named++}`, connect: () => Promise.reject(REFUSED) }
    },
  }
  const { simulation, hunt, mostAtOnce } = world({ honest: { afterMs: 5_000 } })
  const sought = hunt([flood, naming('lan', ['honest'])])
  expect(await simulation.run(sought.run(never))).toMatchObject({ value: 'honest' })
  expect(mostAtOnce()).toBeLessThanOrEqual(HUNT_LIMITS.triesPerSource + 1)
  expect(named).toBeLessThanOrEqual(6 * HUNT_LIMITS.leadsPerRound)
  expect(sought.report.tallies.get('dht')?.failed).toBeGreaterThan(0)
})

test('a source that goes on looking is asked anew, so that who failed once gets another chance', async () => {
  let rounds = 0
  const lasting: LeadSource = {
    name: 'lan',
    isTrusted: false,
    leads: async function* (signal) {
      rounds++
      yield { key: rounds === 1 ? 'refuses' : 'has it', connect: () => Promise.reject(REFUSED) }
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
  }
  const { simulation, hunt } = world({ 'has it': { afterMs: 5 } })
  expect(await simulation.run(hunt([lasting], { waitMs: 0 }).run(never))).toMatchObject({ value: 'has it' })
  expect(rounds).toBe(2)
  expect(simulation.nowMs).toBeLessThan(HUNT_LIMITS.roundMs + HUNT_LIMITS.pauseMs + 100)
})

test('it ends when the time is over, or a little later for what is being tried', async () => {
  const idle = world({})
  expect(await idle.simulation.run(idle.hunt([naming('link', ['a'], true)]).run(never))).toBeUndefined()
  expect(idle.simulation.nowMs).toBeGreaterThanOrEqual(30_000)
  expect(idle.simulation.nowMs).toBeLessThan(31_000)

  const late = world({ late: { afterMs: 800 } })
  const granted = late.hunt([naming('link', ['late'], true)], { waitMs: 1, graceMs: 999 })
  expect(await late.simulation.run(granted.run(never))).toMatchObject({ value: 'late' })

  const silent = world({ silent: 'silent' })
  const sought = silent.hunt([naming('link', ['silent'], true)], { waitMs: 1_000, graceMs: 500 })
  expect(await silent.simulation.run(sought.run(never))).toBeUndefined()
  expect(silent.simulation.nowMs).toBe(1_500)
})

test('a fault in what the user gave ends it, in what a stranger said it does not', async () => {
  const fault = new ShoalError('ERR_OPTIONS_INVALID', 'no address')
  const devices = { broken: { afterMs: 1, error: fault }, good: { afterMs: 50 } } as const
  const trusted = world(devices)
  const sought = trusted.hunt([naming('peer', ['broken'], true), naming('lan', ['good'])])
  await expect(trusted.simulation.run(sought.run(never))).rejects.toBe(fault)

  const strange = world(devices)
  const other = strange.hunt([naming('dht', ['broken']), naming('lan', ['good'])])
  expect(await strange.simulation.run(other.run(never))).toMatchObject({ value: 'good' })
})

test('an abort ends it with its reason, also before it began', async () => {
  const { simulation, hunt } = world({ dead: 'silent' })
  const stop = new AbortController()
  const reason = new Error('enough')
  const running = hunt([naming('link', ['dead'], true)], { waitMs: 0 }).run(stop.signal)
  simulation.at(100, () => stop.abort(reason))
  await expect(simulation.run(running)).rejects.toBe(reason)
  await expect(hunt([]).run(stop.signal)).rejects.toBe(reason)
})
