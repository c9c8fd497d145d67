/** What a command gets from the process that it runs in. */
import type { Output } from './output/output.ts'
import type { TerminalClock } from './terminal-clock.ts'

export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: AsyncIterable<unknown>
  /** Whether somebody can answer a question: stdin and stderr are terminals. */
  readonly isPersonPresent: boolean
  readonly output: Output
  readonly clock: TerminalClock
  /** Aborts when the user ends the command. */
  readonly stop: AbortSignal
  /** Seconds since the process started. */
  readonly uptimeSeconds: () => number
  /** Called once before the process ends, however it ends. */
  readonly onExit: (cleanUp: () => void) => void
}
