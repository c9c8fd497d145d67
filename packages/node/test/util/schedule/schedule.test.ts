import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { entryAt, nextChange, type Schedule } from '../../../src/util/schedule/schedule.ts'
import { parseSchedule } from '../../../src/util/schedule/schedule-text.ts'
import { wallTime, type Zone } from '../../../src/util/schedule/zone.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

interface Place extends Zone {
  /** What a calendar made by others says, as `Mon 08:00`. */
  readonly shown: (atMs: number) => string
}

function place(timeZone: string): Place {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  })
  const partsAt = (atMs: number): Record<string, string> =>
    Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]))
  return {
    offsetMinutes: (atMs) => {
      const { year, month, day, hour, minute } = partsAt(atMs)
      const shown = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute))
      return Math.round((shown - Math.floor(atMs / MINUTE_MS) * MINUTE_MS) / MINUTE_MS)
    },
    shown: (atMs) => {
      const { weekday, hour, minute } = partsAt(atMs)
      return `${weekday} ${hour}:${minute}`
    },
  }
}

const BERLIN = place('Europe/Berlin')
/** With moments at which their clocks are put forward or back; in Beirut and Santiago at midnight, on Lord Howe by half an hour. */
const PLACES: readonly [string, readonly string[]][] = [
  ['UTC', []],
  ['Asia/Kolkata', []],
  ['Europe/Berlin', ['2026-03-29T01:00Z', '2026-10-25T01:00Z']],
  ['America/New_York', ['2026-03-08T07:00Z', '2026-11-01T06:00Z']],
  ['America/St_Johns', ['2026-03-08T05:30Z', '2026-11-01T04:30Z']],
  ['Australia/Lord_Howe', ['2026-04-04T15:00Z', '2026-10-03T15:30Z']],
  ['Asia/Beirut', ['2026-03-28T22:00Z', '2026-10-24T21:00Z']],
  ['America/Santiago', ['2026-04-05T03:00Z', '2026-09-06T04:00Z']],
]

const at = (text: string): number => Date.parse(text)
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

test('what the clocks show is what a calendar says', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...PLACES.map(([name]) => name)),
      fc.integer({ min: at('2025-12-01'), max: at('2027-02-01') }),
      (name, atMs) => {
        const zone = place(name)
        const { day, ofDayMs } = wallTime(atMs, zone)
        const minutes = Math.floor(ofDayMs / MINUTE_MS)
        const two = (part: number): string => String(part).padStart(2, '0')
        const text = `${DAYS[day]} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
        expect(text).toBe(zone.shown(atMs).toLowerCase())
      },
    ),
    { seed, numRuns: 300 },
  )
})

const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30', '45'))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`)
const entry = fc
  .tuple(fc.uniqueArray(fc.constantFrom(...DAYS), { minLength: 1, maxLength: 7 }), clock, clock)
  .map(([days, from, to]) => `${days.join(',')} ${from}-${to} pause`)

/** By what a calendar says of a moment, and nothing of what is tested but what an entry is. */
function expected(schedule: Schedule, zone: Place, atMs: number): Schedule[number] | undefined {
  const [weekday = '', time = ''] = zone.shown(atMs).toLowerCase().split(' ')
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  const now = hour * 60 + minute
  const today = DAYS.indexOf(weekday)
  const yesterday = (today + 6) % 7
  return schedule.find(({ days, from, to }) =>
    from < to
      ? days.includes(today) && from <= now && now < to
      : (days.includes(today) && from <= now) || (days.includes(yesterday) && now < to),
  )
}

test(`what holds, and until when, agrees with looking at a calendar minute by minute, seed ${seed}`, () => {
  const moments = fc
    .constantFrom(...PLACES)
    .chain(([name, changes]) =>
      fc.tuple(
        fc.constant(name),
        fc.oneof(
          fc.integer({ min: at('2026-01-01'), max: at('2026-12-31') }),
          ...changes.map((change) =>
            fc.integer({ min: -DAY_MS, max: 4 * HOUR_MS }).map((offset) => at(change) + offset),
          ),
        ),
      ),
    )
  fc.assert(
    fc.property(moments, fc.array(entry, { maxLength: 3 }), ([name, atMs], texts) => {
      const zone = place(name)
      const schedule = parseSchedule(texts)
      const now = expected(schedule, zone, atMs)
      expect(entryAt(schedule, atMs, zone)).toBe(now)
      const change = nextChange(schedule, atMs, zone)
      const end = change ?? atMs + 2 * DAY_MS
      const isLonger = end - atMs > 2 * DAY_MS
      const stepMs = isLonger ? 7 * MINUTE_MS : MINUTE_MS
      for (let ms = atMs; ms < end; ms += stepMs) {
        if (expected(schedule, zone, ms) !== now) throw new Error(`changes at ${new Date(ms).toISOString()}`)
      }
      if (change !== undefined) {
        expect(change).toBeGreaterThan(atMs)
        expect(expected(schedule, zone, change - 1)).toBe(now)
        expect(expected(schedule, zone, change)).not.toBe(now)
      }
    }),
    { seed, numRuns: 150 },
  )
}, 60_000)

describe('where the clocks are put forward or back', () => {
  const from = (text: string, atText: string): [boolean, string | undefined] => {
    const schedule = parseSchedule([text])
    const change = nextChange(schedule, at(atText), BERLIN)
    return [
      entryAt(schedule, at(atText), BERLIN) !== undefined,
      change === undefined ? undefined : new Date(change).toISOString(),
    ]
  }

  test('a time that is left out does not come', () => {
    // From 02:00 to 03:00 on 29 March.
    const never = 'sun 02:15-02:45 pause'
    expect(from(never, '2026-03-29T00:00Z')).toEqual([false, '2026-04-05T00:15:00.000Z'])
    expect(from('sun 01:30-02:30 pause', '2026-03-29T00:45Z')).toEqual([true, '2026-03-29T01:00:00.000Z'])
    expect(from('sun 02:30-08:00 pause', '2026-03-29T00:45Z')).toEqual([false, '2026-03-29T01:00:00.000Z'])
  })

  test('a time that comes twice counts twice', () => {
    // From 02:00 to 03:00 on 25 October.
    const twice = 'sun 02:15-02:45 pause'
    expect(from(twice, '2026-10-25T00:00Z')).toEqual([false, '2026-10-25T00:15:00.000Z'])
    expect(from(twice, '2026-10-25T00:20Z')).toEqual([true, '2026-10-25T00:45:00.000Z'])
    expect(from(twice, '2026-10-25T00:50Z')).toEqual([false, '2026-10-25T01:15:00.000Z'])
    expect(from(twice, '2026-10-25T01:20Z')).toEqual([true, '2026-10-25T01:45:00.000Z'])
  })

  test('a night has the hours that it has', () => {
    expect(from('sat 22:00-06:00 pause', '2026-03-28T21:00Z')).toEqual([true, '2026-03-29T04:00:00.000Z'])
    expect(from('sat 22:00-06:00 pause', '2026-10-24T20:00Z')).toEqual([true, '2026-10-25T05:00:00.000Z'])
  })
})

test('of several that fit the first holds alone', () => {
  const schedule = parseSchedule(['mon 10:00-11:00 up=1', 'mon-fri 08:00-18:00 down=2'])
  const held = ['07:59', '08:00', '10:30', '11:00', '18:00'].map((time) => {
    const found = entryAt(schedule, at(`2026-11-23T${time}Z`), place('UTC'))
    return found && [found.up, found.down]
  })
  expect(held).toEqual([undefined, [undefined, 2], [1, undefined], [undefined, 2], undefined])
})

test('what always holds never changes, and neither does what is not there', () => {
  const now = at('2026-11-23T12:00Z')
  expect(nextChange(parseSchedule(['daily 00:00-24:00 pause']), now, BERLIN)).toBeUndefined()
  expect(nextChange([], now, BERLIN)).toBeUndefined()
  expect(entryAt([], now, BERLIN)).toBeUndefined()
})
