/**
 * Progress that a terminal shows outside of its text, such as in the task bar or on a tab: OSC 9;4 of ConEmu. Only where it is
 * known to be understood: others take OSC 9 for a notification.
 */
import type { Output } from './output.ts'

type Environment = Readonly<Record<string, string | undefined>>
/** States of OSC 9;4. */
const NONE = 0
const NORMAL = 1
const FAILED = 2
const WAITING = 4
/** VTE 0.79 and iTerm2 3.6.6 were the first of theirs. */
const VTE_SINCE = 7_900
const ITERM_SINCE = [3, 6, 6] as const

/** What a terminal says of itself; not of one behind a multiplexer, which keeps such things to itself. */
export function hasTaskbar(env: Environment): boolean {
  if (env['TMUX'] !== undefined || env['STY'] !== undefined) return false
  if (env['WT_SESSION'] !== undefined || env['ConEmuANSI'] === 'ON') return true
  if (env['TERM_PROGRAM'] === 'ghostty') return true
  if (env['TERM_PROGRAM'] === 'iTerm.app') return isSince(env['TERM_PROGRAM_VERSION'] ?? '', ITERM_SINCE)
  return Number(env['VTE_VERSION'] ?? 0) >= VTE_SINCE
}

export class Taskbar {
  readonly #output: Output
  #shown = ''

  constructor(output: Output) {
    this.#output = output
  }

  /** @param isWaiting nothing moves at the moment */
  show(bytes: number, total: number, isWaiting: boolean): void {
    const percent = total > 0 ? Math.min(100, Math.max(0, Math.floor((bytes * 100) / total))) : 0
    this.#write(`${isWaiting ? WAITING : NORMAL};${percent}`)
  }

  /** Says that it failed. */
  fail(): void {
    this.#write(`${FAILED};100`)
  }

  /** Takes it away; safe when nothing was shown. */
  clear(): void {
    if (this.#shown !== '') this.#write(`${NONE};0`)
    this.#shown = ''
  }

  #write(state: string): void {
    if (!this.#output.hasTaskbar || state === this.#shown) return
    this.#shown = state
    this.#output.stderr.write(`\u001b]9;4;${state}\u0007`)
  }
}

function isSince(version: string, since: readonly number[]): boolean {
  const parts = version.split('.').map(Number)
  for (const [i, least] of since.entries()) {
    const part = parts[i] ?? 0
    if (part !== least) return part > least
  }
  return true
}
