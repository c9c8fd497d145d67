/** How a command ends when it fails: code, exit status, what happened and what to do. */
import { inspect } from 'node:util'
import { ERRORS, ShoalError, escapeForDisplay, isShoalError } from '@shoal/node/control'
import { writeJson, writeNote, type Output } from './output/output.ts'
import { Taskbar } from './output/taskbar.ts'
import { wrap } from './output/cells.ts'
import { FAILURES } from './strings/errors.ts'

/** Exit status of what the user stopped before its end, as a shell gives it for Ctrl-C. */
export const EXIT_INTERRUPTED = 130
const DEFAULT_COLUMNS = 80
/** Longest chain of causes that is followed; a chain may bite its own tail. */
const MAX_CAUSES = 8

/** The user ended a command before its result was complete. Not an error of the engine: only a command can be interrupted. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly code = 'ERR_INTERRUPTED'
  readonly hint: string

  constructor(message: string = FAILURES.interrupted, hint: string = FAILURES.interruptedHint) {
    super(message)
    this.hint = hint
  }
}

export interface Failure {
  readonly code: string
  readonly exit: number
  readonly message: string
  readonly hint: string
  /** Where in the program it was and what caused it. */
  readonly detail: string
}

export function failureOf(error: unknown): Failure {
  const detail = chainOf(error)
  if (error instanceof Interrupted) {
    return { code: error.code, exit: EXIT_INTERRUPTED, message: error.message, hint: error.hint, detail }
  }
  const known = isShoalError(error)
    ? error
    : new ShoalError('ERR_INTERNAL', error instanceof Error ? error.message : inspect(error))
  const { code, message, hint } = known
  return { code, exit: ERRORS[code].exit, message, hint, detail }
}

/** Prints a failure as the mode wants it; the last that a command says. */
export function printFailure(output: Output, failure: Failure): void {
  const { code, exit, message, hint } = failure
  const detail = output.isVerbose ? failure.detail : ''
  const taskbar = new Taskbar(output)
  // Who stopped it knows.
  if (output.mode === 'terminal' && exit !== EXIT_INTERRUPTED) taskbar.fail()
  if (output.mode === 'json') {
    writeJson(output, { type: 'error', code, message, hint, ...(detail === '' ? {} : { detail }) })
    return
  }
  if (output.mode === 'quiet') {
    writeNote(output, escapeForDisplay(FAILURES.oneLine(message, code, exit)))
  } else {
    const width = Math.max(40, output.stderr.columns ?? DEFAULT_COLUMNS)
    const isTerminal = output.mode === 'terminal'
    const [first = '', ...rest] = lines(FAILURES.firstLine(message), isTerminal ? width : Infinity)
    writeNote(output, output.theme.paint('bold', first))
    for (const line of rest) writeNote(output, `  ${line}`)
    for (const line of lines(hint, isTerminal ? width : Infinity)) writeNote(output, `  ${line}`)
    writeNote(output, `  ${FAILURES.lastLine(code, exit)}`)
  }
  if (detail !== '') for (const line of detail.split('\n')) writeNote(output, escapeForDisplay(line))
  taskbar.clear()
}

/** Indented by two from the second line on, so two cells less than the width. */
function lines(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrap(escapeForDisplay(line), width - 2))
}

function chainOf(error: unknown): string {
  const parts: string[] = []
  let current = error
  while (current !== undefined && current !== null && parts.length < MAX_CAUSES) {
    if (!(current instanceof Error)) {
      parts.push(inspect(current))
      break
    }
    parts.push(current.stack ?? current.message)
    current = current.cause
  }
  return parts.join(`\n${FAILURES.caused}`)
}
