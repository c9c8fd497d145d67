/** What `shoal space` says beside its results, in the two forms that have such words. */
import { wrap } from '../cells.ts'
import { writeNote, type Output } from '../output.ts'

const DEFAULT_COLUMNS = 80
const MIN_WIDTH = 40

/** Says something to a person, or to a log; JSON and `--quiet` say nothing of it. */
export function note(output: Output, terminal: string, plain: string): void {
  if (output.mode === 'terminal') writeLines(output, terminal)
  if (output.mode === 'plain') writeNote(output, plain)
}

/** Says something to a person only. */
export function tell(output: Output, text: string): void {
  if (output.mode === 'terminal') writeLines(output, text)
}

/** Says to a person, with a mark, what must not be missed. */
export function caution(output: Output, text: string): void {
  const { mode, theme } = output
  if (mode === 'terminal') writeLines(output, text, `${theme.paint('yellow', theme.warn)} `)
}

/** Says that something was done. */
export function done(output: Output, terminal: string, plain: string): void {
  const { mode, theme } = output
  if (mode === 'terminal') writeLines(output, terminal, `${theme.paint('green', theme.ok)} `)
  if (mode === 'plain') writeNote(output, plain)
}

/** Whether the result goes where a person has read of it already. */
export function isToldAlready({ mode, stdout }: Output): boolean {
  return mode === 'terminal' && stdout.isTerminal
}

/** Cells that a line of words may take. */
export function widthOf({ stderr }: Output): number {
  return Math.max(MIN_WIDTH, stderr.columns ?? DEFAULT_COLUMNS)
}

/** Broken at spaces, so that no word is cut in two. */
function writeLines(output: Output, text: string, mark = ''): void {
  const [first = '', ...rest] = wrap(text, widthOf(output) - 2)
  const indent = mark === '' ? '' : '  '
  writeNote(output, [mark + first, ...rest.map((line) => indent + line)].join('\n'))
}
