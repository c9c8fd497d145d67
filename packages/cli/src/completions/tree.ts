/** What there is to complete: read from the parser itself, so that no script can name something else than it takes. */
import type { Argument, Command, Option } from 'commander'

/**
 * What stands in a place of the command line. `share`: the part before the key of a link of this home; `space`: a space of this
 * home, while Shoal runs in the background.
 */
export type Completes = 'file' | 'folder' | 'share' | 'space' | 'none' | readonly string[]

export interface CompletedOption {
  /** As typed, with its dashes. */
  readonly name: string
  readonly text: string
  /** Undefined for a flag, which takes no value. */
  readonly value: Completes | undefined
}

export interface CompletedArgument {
  readonly name: string
  readonly completes: Completes
  /** It stands for all that follow, too. */
  readonly isVariadic: boolean
}

export interface CompletedCommand {
  /** As typed; of a command of a group with the group before it. */
  readonly name: string
  /** Undefined where it is in none. */
  readonly group: string | undefined
  readonly text: string
  readonly options: readonly CompletedOption[]
  readonly arguments: readonly CompletedArgument[]
}

export interface CompletionTree {
  /** Options of every command, before or after its name. */
  readonly common: readonly CompletedOption[]
  readonly commands: readonly CompletedCommand[]
}

/** Of arguments, by `command ARGUMENT`; what a link names is never looked for, because that would take the network. */
const ARGUMENTS: Readonly<Record<string, Completes>> = {
  'share PATH': 'file',
  'verify PATH': 'file',
  'id FILE': 'file',
  'unshare LINK': 'share',
  'space add PATH': 'file',
}
/** Names a space wherever it stands. */
const SPACE = 'SPACE'

export interface TreeTexts {
  /** What a command does, in one sentence. @param name as `CompletedCommand.name` */
  readonly command: (name: string) => string
  readonly help: string
}

export function treeOf(program: Command, texts: TreeTexts): CompletionTree {
  // The parser keeps this one apart from its options.
  const help: CompletedOption = { name: '--help', text: texts.help, value: undefined }
  const common = [...program.options.map(completedOption), help]
  const isOwn = ({ name }: CompletedOption): boolean => common.every((option) => option.name !== name)
  const completed = (command: Command, group: string | undefined): CompletedCommand[] => {
    const name = group === undefined ? command.name() : `${group} ${command.name()}`
    const inIt = command.commands.flatMap((each) => completed(each, name))
    return [
      {
        name,
        group,
        text: texts.command(name),
        options: command.options.map(completedOption).filter(isOwn),
        arguments:
          inIt.length === 0
            ? command.registeredArguments.map((argument) => completedArgument(name, argument))
            : [
                {
                  name: 'COMMAND',
                  completes: command.commands.map((each) => each.name()),
                  isVariadic: false,
                },
              ],
      },
      ...inIt,
    ]
  }
  return { common, commands: program.commands.flatMap((command) => completed(command, undefined)) }
}

/** Those that a word after `shoal`, or after the name of a group, may be. */
export function commandsIn(
  { commands }: Pick<CompletionTree, 'commands'>,
  group: string | undefined,
): readonly CompletedCommand[] {
  return commands.filter((command) => command.group === group)
}

/** The last word of a command, which is what is typed where its group is there already. */
export function lastWord({ name }: CompletedCommand): string {
  return name.split(' ').at(-1) ?? ''
}

function completedArgument(command: string, argument: Argument): CompletedArgument {
  const name = argument.name()
  const known = ARGUMENTS[`${command} ${name}`] ?? (name === SPACE ? 'space' : 'none')
  return { name, completes: argument.argChoices ?? known, isVariadic: argument.variadic }
}

function completedOption(option: Option): CompletedOption {
  const place = /<(.*)>$/.exec(option.flags)?.[1]
  const value = option.argChoices ?? (place === 'dir' ? 'folder' : place === 'file' ? 'file' : 'none')
  return {
    name: option.long ?? option.short ?? '',
    text: option.description,
    value: option.required ? value : undefined,
  }
}

/** The sentence or text up to where it goes into detail: there is one line for it. */
export function brief(text: string): string {
  return (
    text
      .split(/[;(:]|\. /)[0]
      ?.trim()
      .replace(/\.$/, '') ?? ''
  )
}
