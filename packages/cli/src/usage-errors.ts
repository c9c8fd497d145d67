/** What is said when the command line is wrong: one sentence, one suggestion, and never a part of a key. */
import type { Command, CommanderError } from 'commander'
import { ShoalError } from '@shoal/node/control'
import { closest } from './closest.ts'
import { USAGE } from './strings/errors.ts'

/** A link in place of something else: its key must not be repeated. */
export function isLink(text: string): boolean {
  return /^(shoal|ipfs):\/\//i.test(text)
}

export function usageError(message: string, hint?: string): ShoalError {
  return new ShoalError('ERR_USAGE', message, hint === undefined ? {} : { hint })
}

export function noCommand(): ShoalError {
  return usageError(USAGE.noCommand)
}

/**
 * Our own words for what the parser found.
 *
 * @param command what was meant, as far as that was read
 */
export function usageErrorOf(
  error: CommanderError,
  program: Command,
  command: Command | undefined,
): ShoalError {
  const name = fullName(command ?? program)
  const seeHelp = USAGE.seeHelp(name)
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? ''
  switch (error.code) {
    case 'commander.unknownCommand': {
      if (isLink(quoted)) return usageError(USAGE.linkAsCommand, USAGE.linkAsCommandHint)
      const best = closest(
        quoted,
        program.commands.map((candidate) => candidate.name()),
      )
      return usageError(
        USAGE.unknownCommand(withoutKey(quoted)),
        best === undefined ? seeHelp : USAGE.didYouMean(`shoal ${best}`),
      )
    }
    case 'commander.unknownOption': {
      const known = [...program.options, ...(command?.options ?? [])].map(
        (option) => option.long ?? option.short,
      )
      const best = closest(quoted.split('=')[0] ?? '', [
        '--help',
        ...known.filter((flag) => flag !== undefined),
      ])
      return usageError(
        USAGE.unknownOption(withoutKey(quoted)),
        best === undefined ? seeHelp : USAGE.didYouMean(best),
      )
    }
    case 'commander.help':
      return noCommand()
    case 'commander.missingArgument':
      return usageError(USAGE.missingArgument(quoted), seeHelp)
    case 'commander.optionMissingArgument':
      return usageError(USAGE.missingValue(quoted.split(' ')[0] ?? ''), seeHelp)
    case 'commander.excessArguments':
      return usageError(USAGE.tooMany(name, command?.registeredArguments.length ?? 0), seeHelp)
    default:
      return usageError(USAGE.other, seeHelp)
  }
}

/** What is echoed may be a link in the wrong place: nothing after # is ever shown. */
export function withoutKey(text: string): string {
  return text.replace(/#.*$/s, '#…')
}

/** As it is typed. */
function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`
}
