/** Commands about this device and its shares: `shoal shares`, `status`, `peers`, `doctor`, `daemon`, `unshare`, `completions`. */
import { Argument } from 'commander'
import { SHELLS, completionScript } from '../completions/scripts.ts'
import { treeOf } from '../completions/tree.ts'
import { USAGE } from '../strings/errors.ts'
import { HELP, SPACE_HELP } from '../strings/help.ts'
import { COMMON_OPTIONS } from '../strings/options.ts'
import { usageError } from '../usage-errors.ts'
import { DAEMON_ACTIONS } from './arguments.ts'
import type { CommandLine } from './command-line.ts'

export function declarePlain(line: CommandLine): void {
  for (const command of ['shares', 'status', 'peers', 'doctor'] as const) {
    line.asks(line.add(command), (node) => ({ command, node }))
  }
}

export function declareDaemon(line: CommandLine): void {
  line.asks(line.add('daemon', choice('<ACTION>', DAEMON_ACTIONS)), (node, name: string) => {
    const action = DAEMON_ACTIONS.find((known) => known === name)
    if (action === undefined) throw usageError(USAGE.daemon(name), USAGE.daemonHint(DAEMON_ACTIONS))
    return { command: 'daemon', node, action }
  })
}

export function declareUnshare(line: CommandLine): void {
  line.asks(line.add('unshare', '<LINK>'), (node, link: string) => ({ command: 'unshare', node, link }))
}

export function declareCompletions(line: CommandLine): void {
  line.asks(line.add('completions', choice('<SHELL>', SHELLS)), (_node, name: string) => {
    const shell = SHELLS.find((known) => known === name)
    if (shell === undefined) throw usageError(USAGE.shell(name), USAGE.shellHint(SHELLS))
    const sentences = new Map(
      [
        ...Object.entries(HELP),
        ...Object.entries(SPACE_HELP).map(([of, help]) => [`space ${of}`, help] as const),
      ].map(([of, { sentence }]) => [of, sentence]),
    )
    const command = (of: string): string => sentences.get(of) ?? ''
    const tree = treeOf(line.program, { command, help: COMMON_OPTIONS.help.text })
    return { command: 'text', text: completionScript(shell, tree) }
  })
}

/** Its choices are for completions; what is not among them is told in our own words. */
export function choice(place: string, names: readonly string[]): Argument {
  return new Argument(place).choices(names).argParser((value: string) => value)
}
