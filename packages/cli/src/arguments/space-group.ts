/** `shoal space` while its commands are declared. */
import type { Argument, Command } from 'commander'
import { closest } from '../closest.ts'
import { USAGE } from '../strings/errors.ts'
import { SPACE_HELP } from '../strings/help.ts'
import { SPACE_USAGE } from '../strings/space-errors.ts'
import { usageError, withoutKey } from '../usage-errors.ts'
import type { CommandLine } from './command-line.ts'
import type { SpaceAction, SpaceTask } from './space-tasks.ts'

export class SpaceGroup {
  readonly line: CommandLine
  readonly #group: Command

  constructor(line: CommandLine) {
    this.line = line
    // What is no command of it is told in our own words, whatever follows.
    this.#group = line.add('space', '[COMMAND...]').allowUnknownOption().helpCommand(true)
    line.asks(this.#group, (node, words: readonly string[]) => {
      const [word] = words
      if (word === undefined) return { command: 'space', node, task: { action: 'list' } }
      throw unknownAction(word)
    })
  }

  /** Declares a command with what stands in its places; its own options are to follow, and `asks` after them. */
  add(name: SpaceAction, ...places: readonly (string | Argument)[]): Command {
    return this.line.addTo(this.#group, name, SPACE_HELP[name], places)
  }

  /** @param read what a command asks for, from what stands in its places; it may throw ERR_USAGE */
  asks(command: Command, read: (...places: never[]) => SpaceTask): void {
    this.line.asks(command, (node, ...places) => ({ command: 'space', node, task: read(...places) }))
  }
}

function unknownAction(word: string): Error {
  if (word.startsWith('-')) return usageError(USAGE.unknownOption(withoutKey(word)), SPACE_USAGE.actionHint)
  const best = closest(word, Object.keys(SPACE_HELP))
  const hint = best === undefined ? SPACE_USAGE.actionHint : USAGE.didYouMean(`shoal space ${best}`)
  return usageError(SPACE_USAGE.action(withoutKey(word)), hint)
}
