/** A weekly schedule as people write it: one text for each entry, such as `mon-fri 08:00-18:00 down=1MB up=500kB`. */
import { ShoalError } from '../../errors.ts'
import { parseByteRate } from '../byte-rate.ts'
import { escapeForDisplay } from '../display.ts'
import type { Schedule, ScheduleEntry } from './schedule.ts'

/** Most entries of a schedule. */
export const MAX_SCHEDULE_ENTRIES = 64
/** Most characters of one. */
export const MAX_ENTRY_CHARACTERS = 128

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const EVERY_DAY = 'daily'
const MINUTES_OF_DAY = 1_440
const EXAMPLE = 'mon-fri 08:00-18:00 down=1MB up=500kB'

type Effect = Partial<Pick<ScheduleEntry, 'up' | 'down' | 'pause'>>

/** @throws ShoalError ERR_OPTIONS_INVALID naming the entry and what is wrong with it */
export function parseSchedule(texts: readonly string[]): Schedule {
  if (texts.length > MAX_SCHEDULE_ENTRIES) {
    throw invalid(`a schedule has at most ${MAX_SCHEDULE_ENTRIES} entries`)
  }
  return texts.map(parseEntry)
}

/** @throws ShoalError ERR_OPTIONS_INVALID */
function parseEntry(text: string): ScheduleEntry {
  const shown = escapeForDisplay(text.slice(0, MAX_ENTRY_CHARACTERS))
  const wrong = (what: string): ShoalError => invalid(`schedule: ${what} in "${shown}"`)
  if (text.length > MAX_ENTRY_CHARACTERS) throw wrong(`more than ${MAX_ENTRY_CHARACTERS} characters`)
  const [days = '', times = '', ...effects] = text.trim().split(/\s+/)
  return { days: parseDays(days, wrong), ...parseTimes(times, wrong), ...parseEffects(effects, wrong) }
}

type Wrong = (what: string) => ShoalError

/** `mon`, `mon-fri`, `sat,sun`, `fri-mon,wed` or `daily`. */
function parseDays(text: string, wrong: Wrong): number[] {
  if (text === EVERY_DAY) return DAYS.map((_, day) => day)
  const days = text.split(',').flatMap((part) => {
    const [from = '', to = from, ...more] = part.split('-')
    const [first, last] = [DAYS.indexOf(from), DAYS.indexOf(to)]
    if (first === -1 || last === -1 || more.length > 0) {
      throw wrong(`"${escapeForDisplay(part)}" is no day (${DAYS.join(' ')}, ${EVERY_DAY})`)
    }
    return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, i) => (first + i) % 7)
  })
  return [...new Set(days)].toSorted((a, b) => a - b)
}

/** `08:00-18:00`; an end that is not later is on the next day. */
function parseTimes(text: string, wrong: Wrong): { from: number; to: number } {
  const [, from = '', to = ''] = /^(\d{1,2}:\d{2})-(\d{1,2}:\d{2})$/.exec(text) ?? []
  const [begin, end] = [minuteOf(from), minuteOf(to)]
  if (begin === undefined || end === undefined || begin === MINUTES_OF_DAY) {
    throw wrong(`"${escapeForDisplay(text)}" is no time from 00:00 to 24:00, such as 08:00-18:00,`)
  }
  return { from: begin, to: end === 0 ? MINUTES_OF_DAY : end }
}

function minuteOf(text: string): number | undefined {
  const [hours = Number.NaN, minutes = Number.NaN] = text.split(':').map(Number)
  const minute = hours * 60 + minutes
  return minutes < 60 && minute <= MINUTES_OF_DAY ? minute : undefined
}

function parseEffects(texts: readonly string[], wrong: Wrong): Effect & { pause: boolean } {
  const effect: { up?: number; down?: number; pause: boolean } = { pause: false }
  const seen = new Set<string>()
  for (const text of texts) {
    const [name = '', ...value] = text.split('=')
    if (seen.has(name)) throw wrong(`"${escapeForDisplay(name)}" twice`)
    seen.add(name)
    if (text === 'pause') effect.pause = true
    else if (name === 'up' || name === 'down') effect[name] = rateOf(value.join('='), text, wrong)
    else throw wrong(`"${escapeForDisplay(text)}" is none of up=RATE, down=RATE and pause`)
  }
  if (texts.length === 0) throw wrong('neither up=RATE nor down=RATE nor pause')
  return effect
}

function rateOf(text: string, whole: string, wrong: Wrong): number {
  const rate = parseByteRate(text)
  if (rate === undefined)
    throw wrong(`"${escapeForDisplay(whole)}" has no rate such as 500kB, or 0 for no limit,`)
  return rate
}

function invalid(message: string): ShoalError {
  return new ShoalError('ERR_OPTIONS_INVALID', message, { hint: `Write an entry as: ${EXAMPLE}` })
}
