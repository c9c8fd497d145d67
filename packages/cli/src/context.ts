/** What a command gets from the process that it runs in. */
import type { Output } from './output/output.ts'
import type { TerminalClock } from './terminal-clock.ts'

export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: AsyncIterable<unknown>
  /** Whether somebody can answer a question: stdin and stderr are terminals. */
  readonly isPersonPresent: boolean
  readonly output: Output
  /**
   * Tells of each key that a person presses until what it returns is called; undefined where nobody can press one, or
   * the terminal belongs to another program.
   */
  readonly keys: ((onKey: (key: string) => void) => () => void) | undefined
  /**
   * Asks a person for a line that is not shown; undefined where nobody can be asked. It resolves with undefined when they
   * leave instead.
   */
  readonly hidden: ((prompt: string) => Promise<string | undefined>) | undefined
  readonly clock: TerminalClock
  /** Aborts when the user ends the command. */
  readonly stop: AbortSignal
  /** Seconds since the process started. */
  readonly uptimeSeconds: () => number
  /** Called once before the process ends, however it ends. */
  readonly onExit: (cleanUp: () => void) => void
}
