/** Which limits hold when, and what waits, in virtual time. The world begins on Tuesday, 14 November 2023, 22:13:20 UTC. */
import { expect, test } from 'vitest'
import { Bandwidth, type BandwidthInit, type Wait } from '../../../src/control/bandwidth/bandwidth.ts'
import { MAX_SCHEDULE_WAIT_MS, METERED_ROUND_MS } from '../../../src/control/bandwidth/limits.ts'
import { RateLimits, type Limits } from '../../../src/transfer/rates/rate-limits.ts'
import { parseSchedule } from '../../../src/util/schedule/schedule-text.ts'
import { Simulation } from '../../helpers/simulation.ts'

const UTC = { offsetMinutes: () => 0 }
const START = Date.parse('2023-11-14T22:13:20Z')
const HOUR_MS = 3_600_000

interface Given extends Partial<Omit<BandwidthInit['options'], 'schedule'>> {
  readonly schedule?: readonly string[]
}

function world({ schedule = [], ...given }: Given = {}) {
  const simulation = new Simulation(1)
  const rates = new RateLimits(simulation.seams)
  const changes: Limits[] = []
  let metered: boolean | undefined
  let asked = 0
  let leapMs = 0
  const { clock, timers } = simulation.seams
  const bandwidth = new Bandwidth({
    rates: {
      get current() {
        return rates.current
      },
      set: (limits) => {
        rates.set(limits)
        changes.push(rates.current)
      },
      holdUp: (root) => rates.holdUp(root),
    },
    seams: { clock: { ...clock, now: () => clock.now() + leapMs }, timers },
    zone: UTC,
    probe: async () => {
      asked++
      return metered
    },
    options: {
      up: 0,
      down: 0,
      metered: 'auto',
      whenMetered: 'pause',
      onStopRequest: undefined,
      ...given,
      schedule: parseSchedule(schedule),
    },
  })
  const pauses: (Wait | undefined)[] = []
  bandwidth.onPause((pause) => pauses.push(pause))
  return {
    simulation,
    bandwidth,
    rates,
    changes,
    pauses,
    asked: () => asked,
    setMetered: (value: boolean | undefined) => void (metered = value),
    leap: (ms: number) => void (leapMs += ms),
    now: () => clock.now() + leapMs,
  }
}

test('what is usual holds where nothing is scheduled, and no timer runs', async () => {
  const { bandwidth, rates, simulation } = world({ up: 1, down: 2 })
  bandwidth.start()
  expect(rates.current).toEqual({ up: 1, down: 2 })
  const { events } = simulation
  await simulation.pass(100 * HOUR_MS)
  // That pass itself.
  expect(simulation.events - events).toBe(1)
  expect(bandwidth.status).toEqual({
    usual: { up: 1, down: 2 },
    scheduled: false,
    until: null,
    metered: null,
    pause: null,
  })
})

test('limits change when the schedule says so, and back', async () => {
  const { simulation, bandwidth, rates, changes } = world({
    up: 5,
    schedule: ['daily 23:00-01:00 down=7 up=6', 'wed 01:00-02:00 up=0'],
  })
  bandwidth.start()
  expect(bandwidth.status).toMatchObject({ scheduled: false, until: Date.parse('2023-11-14T23:00Z') })
  await simulation.pass(4 * HOUR_MS)
  expect(changes).toEqual([
    { up: 5, down: 0 },
    { up: 6, down: 7 },
    { up: 0, down: 0 },
    { up: 5, down: 0 },
  ])
  await simulation.pass(21 * HOUR_MS)
  expect(rates.current).toEqual({ up: 6, down: 7 })
  expect(bandwidth.status).toMatchObject({
    usual: { up: 5, down: 0 },
    scheduled: true,
    until: Date.parse('2023-11-16T01:00Z'),
  })
})

test('it holds from the start, and to the second', async () => {
  const { simulation, bandwidth, rates, now } = world({ schedule: ['tue 20:00-23:00 down=7'] })
  // Before anything else is started.
  expect(rates.current).toEqual({ up: 0, down: 7 })
  bandwidth.start()
  await simulation.pass(Date.parse('2023-11-14T23:00Z') - now() - 1)
  expect(rates.current.down).toBe(7)
  await simulation.pass(1)
  expect(rates.current.down).toBe(0)
})

test('another schedule and other usual limits hold at once', () => {
  const { bandwidth, rates } = world({ schedule: ['tue 20:00-23:00 down=7'] })
  bandwidth.start()
  bandwidth.setLimits({ up: 3, down: 4 })
  expect(rates.current).toEqual({ up: 3, down: 7 })
  bandwidth.setSchedule(parseSchedule(['tue 20:00-23:00 up=1']))
  expect(rates.current).toEqual({ up: 1, down: 4 })
  bandwidth.setLimits({ down: 5 })
  bandwidth.setSchedule([])
  expect(rates.current).toEqual({ up: 3, down: 5 })
})

test('after a sleep, in which timers stand still, it holds within the longest wait', async () => {
  const { simulation, bandwidth, rates, leap } = world({ schedule: ['wed 08:00-18:00 down=7'] })
  bandwidth.start()
  await simulation.pass(1_000)
  leap(12 * HOUR_MS)
  await simulation.pass(MAX_SCHEDULE_WAIT_MS)
  expect(rates.current.down).toBe(7)
  // The clock is put back.
  leap(-12 * HOUR_MS)
  await simulation.pass(MAX_SCHEDULE_WAIT_MS)
  expect(rates.current.down).toBe(0)
})

test('what goes on in the background waits while the schedule says so, until when is told', async () => {
  const { simulation, bandwidth, pauses, rates } = world({ schedule: ['tue 23:00-24:00 pause up=1'] })
  bandwidth.start()
  await simulation.pass(HOUR_MS)
  expect(bandwidth.status.pause).toBe('schedule')
  expect(rates.current).toEqual({ up: 1, down: 0 })
  await simulation.pass(HOUR_MS)
  const until = Date.parse('2023-11-15T00:00Z')
  expect(pauses).toEqual([undefined, { reason: 'schedule', detail: { until } }, undefined])
})

test('a metered connection is found in rounds, and only by a node of the background', async () => {
  const { simulation, bandwidth, pauses, asked, setMetered } = world({ onStopRequest: () => {} })
  bandwidth.start()
  await simulation.pass(METERED_ROUND_MS)
  expect(bandwidth.status).toMatchObject({ metered: null, pause: null })
  setMetered(true)
  await simulation.pass(METERED_ROUND_MS)
  expect(bandwidth.status).toMatchObject({ metered: true, pause: 'metered' })
  setMetered(undefined)
  await simulation.pass(METERED_ROUND_MS)
  expect(pauses).toEqual([undefined, { reason: 'metered', detail: null }, undefined])
  bandwidth.stop()
  const before = asked()
  await simulation.pass(10 * METERED_ROUND_MS)
  expect(asked()).toBe(before)

  const command = world()
  command.setMetered(true)
  command.bandwidth.start()
  await command.simulation.pass(10 * METERED_ROUND_MS)
  expect(command.asked()).toBe(0)
  expect(command.bandwidth.status).toMatchObject({ metered: null, pause: null })
})

test('what the user says of metered connections holds at once, and the system is asked only if it matters', async () => {
  const { simulation, bandwidth, asked, setMetered, pauses } = world({
    onStopRequest: () => {},
    whenMetered: 'go',
  })
  setMetered(true)
  bandwidth.start()
  await simulation.pass(10 * METERED_ROUND_MS)
  expect(asked()).toBe(0)
  bandwidth.setMetered({ metered: 'on' })
  expect(bandwidth.status).toMatchObject({ metered: true, pause: null })
  bandwidth.setMetered({ whenMetered: 'pause' })
  expect(bandwidth.status.pause).toBe('metered')
  bandwidth.setMetered({ metered: 'off' })
  expect(bandwidth.status).toMatchObject({ metered: false, pause: null })
  await simulation.pass(10 * METERED_ROUND_MS)
  expect(asked()).toBe(0)
  bandwidth.setMetered({ metered: 'auto' })
  await simulation.pass(0)
  expect(bandwidth.status).toMatchObject({ metered: true, pause: 'metered' })
  expect(pauses.map((pause) => pause?.reason)).toEqual([undefined, 'metered', undefined, 'metered'])
  expect(asked()).toBe(1)
})

test('an answer that comes when nobody asks any more is not gone by', async () => {
  const { simulation, bandwidth, setMetered } = world({ onStopRequest: () => {} })
  setMetered(true)
  bandwidth.start()
  bandwidth.setMetered({ metered: 'off' })
  bandwidth.setMetered({ whenMetered: 'go', metered: 'auto' })
  await simulation.pass(0)
  expect(bandwidth.status).toMatchObject({ metered: null, pause: null })
})

test('why something is slow: the limit of the node, of the schedule, or its own', () => {
  const { bandwidth, rates } = world({ down: 1_000 })
  expect(bandwidth.slowedBy('root')).toBeUndefined()
  const end = rates.add('root', { down: 0 })
  rates.allowance('root').whenRoom(() => {})
  expect(bandwidth.slowedBy('root')).toEqual({ reason: 'own-limit', detail: { limit: 1_000 } })
  bandwidth.setSchedule(parseSchedule(['tue 20:00-23:00 down=2kB']))
  const until = Date.parse('2023-11-14T23:00Z')
  expect(bandwidth.slowedBy('root')).toEqual({ reason: 'schedule', detail: { limit: 2_000, until } })
  bandwidth.setSchedule(parseSchedule(['daily 00:00-24:00 down=2kB']))
  expect(bandwidth.slowedBy('root')).toEqual({ reason: 'schedule', detail: { limit: 2_000 } })
  const narrow = rates.add('root', { down: 500 })
  end()
  expect(bandwidth.slowedBy('root')).toEqual({ reason: 'own-limit', detail: { limit: 500 } })
  narrow()
  expect(START).toBe(Date.parse('2023-11-14T22:13:20Z'))
})
