/** Which of the four ways of speaking a command uses. */

type Environment = Readonly<Record<string, string | undefined>>

/**
 * `json`: one object a line on stdout; `quiet`: the result only; `terminal`: live progress on stderr; `plain`:
 * lines on stderr that a log or a screen reader takes.
 */
export type Mode = 'json' | 'quiet' | 'terminal' | 'plain'

export interface ModeFlags {
  readonly json: boolean
  readonly quiet: boolean
}

/** @param isTerminal whether stderr is a terminal */
export function chooseMode(flags: ModeFlags, isTerminal: boolean, env: Environment): Mode {
  if (flags.json) return 'json'
  if (flags.quiet) return 'quiet'
  const { ACCESSIBLE } = env
  const isAccessible = ACCESSIBLE !== undefined && !['', '0', 'false'].includes(ACCESSIBLE)
  // A dumb terminal cannot move its cursor, so there is nothing to draw a live block with.
  return isTerminal && !isAccessible && env['TERM'] !== 'dumb' ? 'terminal' : 'plain'
}
