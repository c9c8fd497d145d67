/** One line that says how far something is, laid out for the width that there is. */
import { formatAmount, formatPercent } from '../format.ts'
import { cells, cutMiddle, padEnd } from './cells.ts'
import type { Theme } from './theme.ts'

/** Narrower terminals get the bar, the percentage and the rate only. */
const NARROW_BELOW = 60
const TIME_LEFT_FROM = 76
const SOURCES_FROM = 100
const GAP = '  '
const PERCENT_WIDTH = 3
const RATE_WIDTH = 9
const TIME_LEFT_WIDTH = 15
const SOURCES_WIDTH = 10
const MIN_BAR = 12
/** Digits of a number with its point, as in `18.4`. */
const NUMBER_WIDTH = 4

export interface ProgressFacts {
  readonly name: string
  /** Puts words around the name. */
  readonly titled?: (name: string) => string
  readonly bytes: number
  readonly total: number
  /** Speed, or why there is none. */
  readonly rate: string
  readonly timeLeft: string
  readonly sources?: string
}

export function progressLine(theme: Theme, width: number, facts: ProgressFacts): string {
  const { bytes, total } = facts
  const percent = formatPercent(bytes, total).padStart(PERCENT_WIDTH)
  const rate = padEnd(facts.rate, RATE_WIDTH)
  if (isNarrow(width)) {
    const bar = drawBar(theme, width - cells(percent) - cells(rate) - 2 * GAP.length, bytes, total)
    return [bar, percent, rate].join(GAP).trimEnd()
  }
  const columns = [percent, padAmount(bytes, total), rate]
  if (width >= TIME_LEFT_FROM) columns.push(padEnd(facts.timeLeft, TIME_LEFT_WIDTH))
  if (hasSourcesColumn(width) && facts.sources !== undefined)
    columns.push(padEnd(facts.sources, SOURCES_WIDTH))
  const room = width - columns.reduce((sum, column) => sum + cells(column) + GAP.length, 0) - GAP.length
  const titled = facts.titled ?? ((name: string) => name)
  const nameRoom = Math.max(room - MIN_BAR, Math.floor(room / 2)) - cells(titled(''))
  const title = titled(cutMiddle(facts.name, nameRoom, theme.ellipsis))
  const bar = drawBar(theme, room - cells(title), bytes, total)
  return [theme.paint('bold', title), bar, ...columns].join(GAP).trimEnd()
}

/** Whether there is room for nothing but the bar, the percentage and the rate. */
export function isNarrow(width: number): boolean {
  return width < NARROW_BELOW
}

/** Whether the sources have a column in the line. */
export function hasSourcesColumn(width: number): boolean {
  return width >= SOURCES_FROM
}

function padAmount(bytes: number, total: number): string {
  const widest = NUMBER_WIDTH - String(formatAmount(bytes, total).split(' ')[0]).length
  return formatAmount(bytes, total) + ' '.repeat(Math.max(0, widest))
}

export function drawBar(theme: Theme, width: number, bytes: number, total: number): string {
  const length = Math.max(1, width)
  const share = total > 0 ? Math.min(1, Math.max(0, bytes / total)) : 0
  const full = Math.floor(length * share)
  return (
    theme.paint('cyan', theme.barFull.repeat(full)) + theme.paint('dim', theme.barEmpty.repeat(length - full))
  )
}
