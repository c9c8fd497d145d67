import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { WarningEvent } from '../../src/events.ts'
import { LOOP_LIMITS } from '../../src/network/limits.ts'
import { LoopWatchdog } from '../../src/network/loop-watchdog.ts'

const { tickMs, ticks, shedAboveMs, calmMs, calmForMs, warnEveryMs } = LOOP_LIMITS
const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)
const LATE = shedAboveMs + 1
const MOST = (ticks + 1) / 2
const HOUR_MS = 3_600_000

/** A loop that runs its one timer as late as a test says. */
class Loop {
  nowMs = 0
  readonly warnings: WarningEvent[] = []
  #due: { readonly atMs: number; readonly run: () => void } | undefined
  readonly watchdog = new LoopWatchdog({
    clock: { now: () => this.nowMs, monotonic: () => this.nowMs },
    timers: {
      set: (run, delayMs) => (this.#due = { atMs: this.nowMs + delayMs, run }),
      clear: () => (this.#due = undefined),
    },
    onWarning: (warning) => this.warnings.push(warning),
  })

  constructor() {
    this.watchdog.start()
  }

  get isWatched(): boolean {
    return this.#due !== undefined
  }

  tick(...late: number[]): boolean {
    for (const ms of late) {
      const due = this.#due
      if (due === undefined) throw new Error('nothing is due')
      this.nowMs = due.atMs + ms
      due.run()
    }
    return this.watchdog.isOn
  }

  /** Ticks on time for so long. */
  calm(ms: number): boolean {
    for (const endMs = this.nowMs + ms; this.nowMs + tickMs <= endMs;) this.tick(0)
    return this.watchdog.isOn
  }
}

test('a process that was stopped for an hour, or slept with its machine, sheds nothing', () => {
  const loop = new Loop()
  loop.calm(1_000)
  expect(loop.tick(HOUR_MS)).toBe(false)
  expect(loop.calm(1_000)).toBe(false)
  expect(loop.watchdog.status).toEqual({ delayMs: 0, shedding: false, shed: 0 })
})

test(`load is shed when ${MOST} of ${ticks} ticks were later than ${shedAboveMs} ms`, () => {
  const loop = new Loop()
  for (let i = 1; i < MOST; i++) expect(loop.tick(LATE)).toBe(false)
  expect(loop.tick(LATE)).toBe(true)
  expect(loop.watchdog.status).toMatchObject({ delayMs: LATE, shedding: true })
  expect(loop.warnings.map(({ code }) => code)).toEqual(['WARN_OVERLOADED'])
})

test(`exactly ${shedAboveMs} ms are not too late`, () => {
  expect(new Loop().tick(...Array.from({ length: 20 }, () => shedAboveMs))).toBe(false)
})

test(`newcomers are taken again after ${calmForMs} ms on time, and one late tick does not begin that anew`, () => {
  const loop = new Loop()
  loop.tick(LATE, LATE, LATE)
  expect(loop.calm(MOST * tickMs)).toBe(true)
  expect(loop.calm(calmForMs - 2 * tickMs)).toBe(true)
  expect(loop.tick(50)).toBe(true)
  expect(loop.calm(tickMs)).toBe(false)
})

test('a delay between the two bounds neither begins nor ends it', () => {
  const between = Array.from({ length: 100 }, () => calmMs + 1)
  expect(new Loop().tick(...between)).toBe(false)
  const loop = new Loop()
  loop.tick(LATE, LATE, LATE)
  expect(loop.tick(...between)).toBe(true)
})

test('a calm that is broken off begins anew', () => {
  const loop = new Loop()
  loop.tick(LATE, LATE, LATE)
  loop.calm(calmForMs - 2 * tickMs)
  loop.tick(LATE, LATE, LATE)
  expect(loop.calm(calmForMs)).toBe(true)
  expect(loop.calm(calmForMs)).toBe(false)
})

test(`it is told once in ${warnEveryMs} ms, however often it begins`, () => {
  const loop = new Loop()
  for (let i = 0; i < 5; i++) {
    loop.tick(LATE, LATE, LATE)
    expect(loop.calm(2 * calmForMs)).toBe(false)
  }
  expect(loop.warnings).toHaveLength(1)
  loop.calm(warnEveryMs)
  loop.tick(LATE, LATE, LATE)
  expect(loop.warnings).toHaveLength(2)
})

test('what was refused is counted, and after its end it refuses nobody and leaves no timer', () => {
  const loop = new Loop()
  loop.tick(LATE, LATE, LATE)
  loop.watchdog.refused()
  loop.watchdog.refused()
  loop.watchdog.stop()
  loop.watchdog.stop()
  expect(loop.watchdog.status).toMatchObject({ shedding: false, shed: 2 })
  expect(loop.isWatched).toBe(false)
})

test(`whatever comes late: fewer than ${MOST} of any ${ticks} never shed, ${MOST} together always do (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2 * shedAboveMs), { minLength: ticks, maxLength: 60 }), (late) => {
      const loop = new Loop()
      let wasOn = false
      for (const [i, ms] of late.entries()) {
        const isOn = loop.tick(ms)
        const tooLate = late
          .slice(Math.max(0, i - ticks + 1), i + 1)
          .filter((one) => one > shedAboveMs).length
        if (!wasOn) expect(isOn).toBe(tooLate >= MOST)
        else if (tooLate >= MOST) expect(isOn).toBe(true)
        wasOn = isOn
      }
    }),
    { seed, numRuns: 300 },
  )
})
