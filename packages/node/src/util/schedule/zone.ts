/** Which time the clocks on the wall show. */

export interface Zone {
  /** How far they are ahead of UTC at a moment, in whole minutes; the moment in milliseconds since 1970. */
  readonly offsetMinutes: (atMs: number) => number
}

/** What a clock on the wall shows. */
export interface WallTime {
  /** 0 = Sunday. */
  readonly day: number
  /** Milliseconds since midnight by the hands, whatever was left out or came twice since. */
  readonly ofDayMs: number
}

export const MINUTE_MS = 60_000
export const DAY_MS = 86_400_000
/** 1 January 1970. */
const THURSDAY = 4

export function wallTime(atMs: number, zone: Zone): WallTime {
  const shownMs = atMs + zone.offsetMinutes(atMs) * MINUTE_MS
  const days = Math.floor(shownMs / DAY_MS)
  return { day: (((days + THURSDAY) % 7) + 7) % 7, ofDayMs: shownMs - days * DAY_MS }
}
