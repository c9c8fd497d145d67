/** Below the overall line of a download: the files that are on their way, as many as there is room for, and how many wait. */
import { escapeForDisplay, type FilesEvent } from '@shoal/node/control'
import { formatBytes, formatPercent } from '../format.ts'
import { TERMINAL } from '../strings/output.ts'
import { cells, cutMiddle, padEnd } from './cells.ts'
import type { Theme } from './theme.ts'

const GAP = '  '
const REST_GAP = '      '
const PERCENT_WIDTH = 4
/** Cells of the longest size, `1.23 MB`. */
const SIZE_WIDTH = 7
/** Fewer cells than this show nothing of a name that helps. */
const MIN_NAME = 8

/** @param most lines that there is room for */
export function fileRows(theme: Theme, width: number, most: number, files: FilesEvent): string[] {
  const shown = files.active.slice(0, Math.max(0, most))
  if (shown.length === 0) return []
  const begun = files.total - files.done - files.waiting - shown.length
  const rest = TERMINAL.otherFiles(Math.max(0, begun), files.waiting)
  const room = width - 2 * GAP.length - PERCENT_WIDTH - SIZE_WIDTH
  const names = shown.map(({ path }) => escapeForDisplay(path))
  const restWidth = rest === '' ? 0 : REST_GAP.length + cells(rest)
  const hasRest = room - restWidth >= MIN_NAME
  const nameWidth = Math.min(Math.max(...names.map(cells)), room - (hasRest ? restWidth : 0))
  return shown.map(({ bytes, total }, i) => {
    const name = padEnd(cutMiddle(names[i] as string, nameWidth, theme.ellipsis), nameWidth)
    const percent = formatPercent(bytes, total).padStart(PERCENT_WIDTH)
    const row = [name, percent, padEnd(formatBytes(total), SIZE_WIDTH)].join(GAP)
    const isLast = i === shown.length - 1
    return isLast && hasRest && rest !== '' ? row + REST_GAP + theme.paint('dim', rest) : row.trimEnd()
  })
}
