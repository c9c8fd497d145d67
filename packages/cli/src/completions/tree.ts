/** What there is to complete: read from the parser itself, so that no script can name something else than it takes. */
import type { Command, Option } from 'commander'

/** What stands in a place of the command line. `share`: the part before the key of a link of this home. */
export type Completes = 'file' | 'folder' | 'share' | 'none' | readonly string[]

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
  readonly name: string
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
}

export interface TreeTexts {
  /** What a command does, in one sentence. */
  readonly command: (name: string) => string
  readonly help: string
}

export function treeOf(program: Command, texts: TreeTexts): CompletionTree {
  // The parser keeps this one apart from its options.
  const help: CompletedOption = { name: '--help', text: texts.help, value: undefined }
  const common = [...program.options.map(completedOption), help]
  const isOwn = ({ name }: CompletedOption): boolean => common.every((option) => option.name !== name)
  const commands = program.commands.map((command) => ({
    name: command.name(),
    text: texts.command(command.name()),
    options: command.options.map(completedOption).filter(isOwn),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      completes: argument.argChoices ?? ARGUMENTS[`${command.name()} ${argument.name()}`] ?? 'none',
      isVariadic: argument.variadic,
    })),
  }))
  return { common, commands }
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
