/** Which sessions are open, who is left alone, who is greeted, what is due. */
import { expect, test } from 'vitest'
import type { SpaceHost } from '../../../src/spaces/host/space-host.ts'
import { Faults } from '../../../src/spaces/sync/faults.ts'
import {
  BELIEVE_MS,
  FAULT_MS,
  MAX_FAULT_MS,
  MAX_FAULTY_DEVICES,
  MAX_LOOKS,
  MAX_OPEN_SESSIONS,
  MAX_VAIN_SESSIONS,
  MAX_WAITING_SESSIONS,
  ROUND_MS,
} from '../../../src/spaces/sync/limits.ts'
import { SessionSlots } from '../../../src/spaces/sync/session-slots.ts'
import { SpaceState } from '../../../src/spaces/sync/space-state.ts'
import { Strangers } from '../../../src/spaces/sync/strangers.ts'
import { systemSeams } from '../../../src/util/system.ts'

const clockAt = (): { nowMs: number; monotonic: () => number; now: () => number } => {
  const clock = { nowMs: 1_000, monotonic: () => clock.nowMs, now: () => clock.nowMs }
  return clock
}

test('so many sessions are open at once, the others wait, and what is asked for meanwhile is done once more', async () => {
  const slots = new SessionSlots()
  const open = new Map<string, PromiseWithResolvers<void>>()
  const begun: string[] = []
  const work = (key: string) => async (signal: AbortSignal) => {
    begun.push(key)
    const end = Promise.withResolvers<void>()
    open.set(key, end)
    signal.addEventListener('abort', () => end.resolve())
    await end.promise
  }
  for (let i = 0; i < MAX_OPEN_SESSIONS + 2; i++) slots.run(`${i}`, work(`${i}`))
  for (let i = 0; i < 3; i++) slots.run('0', work('0'))
  expect(begun).toHaveLength(MAX_OPEN_SESSIONS)
  slots.end('1')
  await expect.poll(() => begun.at(-1)).toBe(`${MAX_OPEN_SESSIONS}`)
  open.get('0')?.resolve()
  await expect.poll(() => begun.at(-1)).toBe(`${MAX_OPEN_SESSIONS + 1}`)
  open.get('2')?.resolve()
  await expect.poll(() => begun.at(-1)).toBe('0')
  const many = begun.length
  for (let i = 0; i < 2 * MAX_WAITING_SESSIONS; i++) slots.run(`later ${i}`, work('later'))
  await slots.stop()
  expect(begun).toHaveLength(many)
  slots.run('after', work('after'))
  expect(begun).toHaveLength(many)
})

test('faults bar a device for longer each time, sessions in vain after many, and both are forgotten when one works', () => {
  const clock = clockAt()
  const faults = new Faults(clock)
  faults.fault('eve')
  expect(faults.isBarred('eve')).toBe(true)
  clock.nowMs += FAULT_MS
  expect(faults.isBarred('eve')).toBe(false)
  faults.fault('eve')
  clock.nowMs += FAULT_MS
  expect(faults.isBarred('eve')).toBe(true)
  for (let i = 0; i < 40; i++) faults.fault('eve')
  clock.nowMs += MAX_FAULT_MS - 1
  expect(faults.isBarred('eve')).toBe(true)
  faults.worked('eve')
  expect(faults.isBarred('eve')).toBe(false)
  for (let i = 1; i < MAX_VAIN_SESSIONS; i++) faults.vain('mallory')
  expect(faults.isBarred('mallory')).toBe(false)
  faults.vain('mallory')
  expect(faults.isBarred('mallory')).toBe(true)
  for (let i = 0; i < MAX_FAULTY_DEVICES; i++) faults.fault(`sybil ${i}`)
  expect(faults.isBarred('mallory')).toBe(false)
})

test('a stranger is greeted once it told what it speaks, and again after a while', () => {
  const clock = clockAt()
  const strangers = new Strangers(clock)
  const connected = new Set(['ben', 'carol'])
  expect(strangers.fresh(connected)).toEqual(connected)
  strangers.isUnclear('ben')
  strangers.done('carol')
  expect([...strangers.fresh(connected)]).toEqual(['ben'])
  for (let i = 1; i < MAX_LOOKS; i++) strangers.isUnclear('ben')
  expect(strangers.fresh(connected).size).toBe(0)
  clock.nowMs += BELIEVE_MS
  expect(strangers.fresh(connected)).toEqual(connected)
  strangers.done('carol')
  clock.nowMs += BELIEVE_MS
  expect([...strangers.fresh(connected)]).toEqual(['ben'])
  strangers.forget('carol')
  expect(strangers.fresh(connected)).toEqual(connected)
  strangers.done('ben')
  strangers.fresh(new Set())
  expect([...strangers.fresh(new Set(['ben']))]).toEqual(['ben'])
})

test('a member is due for what was written since its session began, and what came by others since it ended', () => {
  const clock = clockAt()
  const host = { call: async () => undefined } as unknown as SpaceHost
  const discovery = { announce: () => {}, withdraw: () => {}, sources: [] }
  const state = new SpaceState({ space: 'ab', host, discovery, seams: { ...systemSeams, clock } })
  expect(state.isDue('ben')).toBe(true)
  const startMs = clock.nowMs
  clock.nowMs += 10
  state.changed(false)
  clock.nowMs += 10
  state.synced('ben', startMs)
  // What it gave itself it has.
  expect(state.isDue('ben')).toBe(false)
  clock.nowMs += 10
  state.changed(false)
  expect(state.isDue('ben')).toBe(true)
  const secondMs = clock.nowMs
  clock.nowMs += 10
  state.changed(true)
  state.synced('ben', secondMs)
  // Written while the session went on, perhaps too late for it.
  expect(state.isDue('ben')).toBe(true)
  clock.nowMs += 10
  state.synced('ben', clock.nowMs)
  expect(state.isDue('ben')).toBe(false)
  state.keep(new Set())
  expect(state.isDue('ben')).toBe(true)
})

test('rounds come every few seconds, and tries to reach somebody are rarer the longer they are in vain', () => {
  const clock = clockAt()
  const host = { call: async () => undefined } as unknown as SpaceHost
  const discovery = { announce: () => {}, withdraw: () => {}, sources: [] }
  const state = new SpaceState({ space: 'ab', host, discovery, seams: { ...systemSeams, clock } })
  expect([state.takeRound(), state.takeRound()]).toEqual([true, false])
  clock.nowMs += (2 / 3) * ROUND_MS - 1
  expect(state.takeRound()).toBe(false)
  clock.nowMs += (2 / 3) * ROUND_MS + 1
  expect(state.takeRound()).toBe(true)
  const tries: number[] = []
  for (let i = 0; i < 6; i++) {
    const fromMs = clock.nowMs
    while (!state.takeReach()) clock.nowMs += 100
    expect(state.takeReach()).toBe(false)
    state.reachEnded()
    tries.push(clock.nowMs - fromMs)
  }
  expect(tries.toSorted((a, b) => a - b)).toEqual(tries)
  expect(tries.at(-1)).toBeGreaterThan(8 * (tries[1] as number))
  state.reached()
  clock.nowMs += 2_000
  expect(state.takeReach()).toBe(true)
})
