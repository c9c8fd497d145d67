import { expect, test } from 'vitest'
import { RateGate } from '../../../src/network/lan/rate-gate.ts'

/** A clock that is set by hand. */
function clockAt(): { now: () => number; monotonic: () => number; ms: number } {
  const clock = { ms: 0, now: () => clock.ms, monotonic: () => clock.ms }
  return clock
}

const admitted = (gate: RateGate, key: string, times: number): number =>
  Array.from({ length: times }, () => gate.admits(key)).filter(Boolean).length

test('a burst is admitted at once, and then so many a second', () => {
  const clock = clockAt()
  const gate = new RateGate({ burst: 10, perSecond: 2 }, clock)
  expect(admitted(gate, 'a', 100)).toBe(10)
  clock.ms = 999
  expect(admitted(gate, 'a', 100)).toBe(1)
  clock.ms = 2_000
  expect(admitted(gate, 'a', 100)).toBe(3)
  clock.ms = 3_600_000
  expect(admitted(gate, 'a', 100)).toBe(10)
})

test('one does not use up what another may do', () => {
  const gate = new RateGate({ burst: 3, perSecond: 1 }, clockAt())
  expect(admitted(gate, 'a', 10)).toBe(3)
  expect(admitted(gate, 'b', 10)).toBe(3)
})

test('of more than can be remembered, those longest silent are forgotten', () => {
  const gate = new RateGate({ burst: 1, perSecond: 0 }, clockAt())
  for (let i = 0; i < 1_024; i++) expect(gate.admits(`${i}`)).toBe(true)
  expect(gate.admits('0')).toBe(false)
  expect(gate.admits('new')).toBe(true)
  expect([gate.admits('0'), gate.admits('1')]).toEqual([false, true])
})
