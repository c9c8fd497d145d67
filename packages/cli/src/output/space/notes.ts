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

/** Broken at spaces, so that no word is cut in two. */
function writeLines({ stderr }: Output, text: string, mark = ''): void {
  const width = Math.max(MIN_WIDTH, stderr.columns ?? DEFAULT_COLUMNS)
  const [first = '', ...rest] = wrap(text, width - 2)
  stderr.write(`${mark}${first}\n${rest.map((line) => `${mark === '' ? '' : '  '}${line}\n`).join('')}`)
}
