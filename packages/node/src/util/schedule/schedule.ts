/**
 * What a weekly schedule says of a moment, and when that changes. Pure: the moment and the zone are given. A time of day is
 * what the clocks on the wall show, so one that is left out in spring does not come, and one that comes twice in autumn
 * counts twice.
 */
import { DAY_MS, MINUTE_MS, wallTime, type Zone } from './zone.ts'

/** What holds on some days from one time to another. */
export interface ScheduleEntry {
  /** On which days it begins, 0 = Sunday. */
  readonly days: readonly number[]
  /** Minutes after midnight, 0 to 1,439. */
  readonly from: number
  /** The same, 1 to 1,440; no later than `from`: on the next day. */
  readonly to: number
  /** Bytes per second in place of what is usual; 0 = no limit. */
  readonly up?: number
  readonly down?: number
  /** What goes on in the background waits. */
  readonly pause: boolean
}

/** In the order in which they count: the first that fits a moment holds alone. */
export type Schedule = readonly ScheduleEntry[]

/** A week, and a day for what the clocks are put forward or back: after that everything has come once. */
const HORIZON_MS = 8 * DAY_MS

export function entryAt(schedule: Schedule, atMs: number, zone: Zone): ScheduleEntry | undefined {
  if (schedule.length === 0) return undefined
  const { day, ofDayMs } = wallTime(atMs, zone)
  const minute = ofDayMs / MINUTE_MS
  return schedule.find((entry) => fits(entry, day, minute))
}

/** The next moment at which another entry holds, or none; undefined: never. */
export function nextChange(schedule: Schedule, atMs: number, zone: Zone): number | undefined {
  if (schedule.length === 0) return undefined
  const now = entryAt(schedule, atMs, zone)
  const edges = [...new Set([DAY_MS, ...schedule.flatMap(({ from, to }) => [from, to].map(inMs))])]
  for (let ms = atMs; ms < atMs + HORIZON_MS;) {
    ms = nextEdge(edges, ms, zone)
    if (entryAt(schedule, ms, zone) !== now) return ms
  }
  return undefined
}

function fits({ days, from, to }: ScheduleEntry, day: number, minute: number): boolean {
  if (from < to) return days.includes(day) && minute >= from && minute < to
  return (days.includes(day) && minute >= from) || (days.includes((day + 6) % 7) && minute < to)
}

/** The next moment at which the clocks show one of these times, or are put forward or back. */
function nextEdge(edges: readonly number[], atMs: number, zone: Zone): number {
  const { ofDayMs } = wallTime(atMs, zone)
  const next = Math.min(...edges.filter((edge) => edge > ofDayMs))
  const thenMs = atMs + next - ofDayMs
  const offset = zone.offsetMinutes(atMs)
  if (zone.offsetMinutes(thenMs) === offset) return thenMs
  let before = atMs
  let after = thenMs
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (zone.offsetMinutes(middle) === offset) before = middle
    else after = middle
  }
  return after
}

function inMs(minutes: number): number {
  return minutes * MINUTE_MS
}
