/** Where a command writes: streams, mode and looks, decided once. */
import { escapeForDisplay, type WarningEvent } from '@shoal/node/control'
import { PLAIN } from '../strings/plain.ts'
import type { TerminalClock } from '../terminal-clock.ts'
import type { TerminalStream } from './live-block.ts'
import type { Mode } from './mode.ts'
import type { Theme } from './theme.ts'

export interface Output {
  readonly mode: Mode
  readonly isVerbose: boolean
  readonly theme: Theme
  readonly clock: TerminalClock
  readonly stdout: ResultStream
  /** Takes lines of JSON: standard output, or standard error where the result is the content of a file. */
  readonly events: { readonly write: (text: string) => unknown }
  readonly stderr: TerminalStream
  /** Whether the terminal shows progress outside of its text, such as in the task bar. */
  readonly hasTaskbar: boolean
}

/** Takes the result of a command. */
export interface ResultStream {
  write: (data: string | Uint8Array) => unknown
  /** Resolves when everything written so far has left the process, or never will. */
  flush: () => Promise<void>
  /** Why writing failed; undefined while it did not. */
  readonly fault: Error | undefined
  /** Whether a person sees it at once. */
  readonly isTerminal: boolean
}

/** Tells a person or a script what an operation does, as it happens. */
export interface Reporter<Event> {
  /** The operation begins; what it tells comes after this. */
  start: () => void
  event: (event: Event) => void
  /** What it returns, if anything, resolves when the reader has taken enough for more to come. */
  drained?: () => Promise<void> | undefined
  /** A person pressed a key. */
  key?: (key: string) => void
  /** The user ended the operation. */
  stopped: () => void
  /** Leaves the terminal clean; nothing is told afterwards. */
  close: () => void
}

export function writeJson(output: Output, object: object): void {
  output.events.write(`${JSON.stringify(object)}\n`)
}

export function writeResult(output: Output, line: string): void {
  output.stdout.write(`${line}\n`)
}

/** Says that something was done: to a person in one sentence, in a pipe as a plain line; JSON and `--quiet` say nothing of it. */
export function writeSuccess(output: Output, { terminal, plain }: { terminal: string; plain: string }): void {
  const { mode, theme } = output
  if (mode === 'plain') writeNote(output, plain)
  if (mode === 'terminal') writeNote(output, `${theme.paint('green', theme.ok)} ${terminal}`)
}

/** Says what ends nothing; `--quiet` says nothing of it. */
export function writeWarning(output: Output, event: WarningEvent): void {
  const { mode, theme } = output
  const text = escapeForDisplay(event.message)
  if (mode === 'json') writeJson(output, event)
  if (mode === 'plain') writeNote(output, PLAIN.warning(text))
  if (mode === 'terminal') writeNote(output, `${theme.paint('yellow', theme.warn)} ${text}`)
}

export function writeNote(output: Output, line: string): void {
  output.stderr.write(`${line}\n`)
}
