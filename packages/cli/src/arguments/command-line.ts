/** The command line while its commands are declared, and then what it turned out to ask for. */
import { Argument, Command, CommanderError } from 'commander'
import type { CommandHelp } from '../command-help.ts'
import { commandHelp, topHelp } from '../help.ts'
import { HELP } from '../strings/help.ts'
import { COMMON_OPTIONS } from '../strings/options.ts'
import { noCommand, usageErrorOf } from '../usage-errors.ts'
import type { NodeFlags } from '../with-node.ts'
import type { Arguments } from './arguments.ts'
import { addCommonOptions, readNodeFlags } from './common-options.ts'

export interface ParseInit {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly columns: number
  readonly version: () => string
  /** Told, before anything else is found out, that standard output is for the content of a file. */
  readonly onContent: () => void
}

export class CommandLine {
  readonly program: Command
  readonly init: ParseInit
  #asked: Arguments | undefined
  #text = ''
  /** The command that was read so far. */
  #meant: Command | undefined

  constructor(init: ParseInit) {
    this.init = init
    this.program = new Command('shoal')
      .exitOverride()
      .configureOutput({ writeOut: (part) => (this.#text += part), writeErr: () => {} })
      .helpOption(COMMON_OPTIONS.help.flags)
      .option(COMMON_OPTIONS.version.flags, COMMON_OPTIONS.version.text)
    addCommonOptions(this.program)
    this.program.helpInformation = () => topHelp(init.columns)
    this.program.on('option:version', () => {
      this.#text = `${init.version()}\n`
      throw new CommanderError(0, 'commander.version', '')
    })
  }

  /** Declares a command with what stands in its places; its own options are to follow, and `asks` after them. */
  add(name: keyof typeof HELP, ...places: readonly (string | Argument)[]): Command {
    return this.addTo(this.program, name, HELP[name], places)
  }

  /** The same for a command of a group. */
  addTo(group: Command, name: string, help: CommandHelp, places: readonly (string | Argument)[]): Command {
    const command = group.command(name).helpOption(COMMON_OPTIONS.help.flags)
    for (const place of places) command.addArgument(typeof place === 'string' ? new Argument(place) : place)
    command.helpInformation = () => commandHelp(help, this.init.columns)
    group.hook('preSubcommand', (_group, meant) => {
      if (meant === command) this.#meant = command
    })
    return command
  }

  /** @param read what a command asks for, from what stands in its places; it may throw ERR_USAGE */
  asks(command: Command, read: (node: NodeFlags, ...places: never[]) => Arguments): void {
    addCommonOptions(command)
    command.action((...given: unknown[]) => {
      const places = given.slice(0, command.registeredArguments.length) as never[]
      this.#asked = read(readNodeFlags(this.program, command, this.init), ...places)
    })
  }

  /** @throws ShoalError ERR_USAGE */
  parse(): Arguments {
    const { argv } = this.init
    try {
      this.program.parse(argv, { from: 'user' })
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error
      if (this.#text !== '') return { command: 'text', text: this.#text }
      throw usageErrorOf(error, this.program, this.#meant)
    }
    if (this.#asked === undefined) throw noCommand()
    return this.#asked
  }
}
