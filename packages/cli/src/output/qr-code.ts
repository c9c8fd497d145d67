/** QR codes as text: two rows of squares to a line of half blocks. */
import { createRequire } from 'node:module'
import type { Theme } from './theme.ts'

const require = createRequire(import.meta.url)
/** Squares left light around a code, so that it is found. */
const QUIET = 2
/** The lines of the window that are needed besides: the block below, and the line that is being typed on. */
const OTHER_ROWS = 3
const SIGNS = [' ', '▄', '▀', '█'] as const

/** The parts of `qrcode-generator` that are used here. */
interface Code {
  addData: (data: string) => void
  make: () => void
  getModuleCount: () => number
  isDark: (row: number, column: number) => boolean
}
type MakeCode = (version: 0, correction: 'L') => Code

export interface QrCode {
  /** Cells and rows that the window has to have. */
  readonly columns: number
  readonly rows: number
  readonly lines: readonly string[]
}

/** Needs signs beyond ASCII; black on white whatever the terminal's own colours, as long as it has any. */
export function qrCode(text: string, theme: Theme): QrCode {
  // Loaded here and not above: few ever ask for it.
  const makeCode = require('qrcode-generator') as MakeCode
  const code = makeCode(0, 'L')
  code.addData(text)
  code.make()
  const count = code.getModuleCount()
  const isDark = (row: number, column: number): boolean =>
    row >= 0 && column >= 0 && row < count && column < count && code.isDark(row, column)
  // Without colours most terminals are light on dark: there, what is drawn is what is light.
  const isDrawn = (row: number, column: number): boolean => isDark(row, column) === theme.hasColour
  const lines: string[] = []
  for (let row = -QUIET; row < count + QUIET; row += 2) {
    let line = ''
    for (let column = -QUIET; column < count + QUIET; column++) {
      line += SIGNS[(isDrawn(row, column) ? 2 : 0) + (isDrawn(row + 1, column) ? 1 : 0)]
    }
    lines.push(theme.paint(['black', 'bgWhiteBright'], line))
  }
  return { columns: count + 2 * QUIET, rows: lines.length + OTHER_ROWS, lines }
}
