/** Below the line of what is served: who gets it, how much of it each has, and how fast it comes. */
import type { ReceiversEvent } from '@shoal/node/control'
import { formatPercent, formatRate } from '../format.ts'
import { deviceName } from '../strings/output.ts'
import { cells, padEnd } from './cells.ts'
import { drawBar } from './progress-line.ts'
import type { Theme } from './theme.ts'

/** Narrower terminals show the overall line only. */
const ROWS_FROM = 60
const GAP = '  '
const PERCENT_WIDTH = 3
const RATE_WIDTH = 9

/** @param most lines that there is room for */
export function deviceRows(theme: Theme, width: number, most: number, receivers: ReceiversEvent): string[] {
  if (width < ROWS_FROM) return []
  return receivers.active.slice(0, Math.max(0, most)).map(({ id, blocks, rate }) => {
    const name = deviceName(id)
    const room = width - cells(name) - PERCENT_WIDTH - RATE_WIDTH - 3 * GAP.length
    const bar = drawBar(theme, room, blocks, receivers.blocks)
    const percent = formatPercent(blocks, receivers.blocks).padStart(PERCENT_WIDTH)
    return [name, bar, percent, padEnd(formatRate(rate), RATE_WIDTH)].join(GAP).trimEnd()
  })
}
