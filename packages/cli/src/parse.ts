/** The command line as data: what was asked for, or ERR_USAGE. Only what is implemented is declared. */
import { resolve } from 'node:path'
import { Argument, Command, CommanderError, Option } from 'commander'
import { NETWORK_PRESETS, ShoalError, defaultHome, type NetworkPreset } from '@shoal/node/control'
import { parseByteRange, type ByteRange } from './byte-range.ts'
import { parseByteRate } from './byte-rate.ts'
import { SHELLS, completionScript } from './completions/scripts.ts'
import { treeOf } from './completions/tree.ts'
import { parseDuration } from './duration.ts'
import { commandHelp, topHelp } from './help.ts'
import { USAGE } from './strings/errors.ts'
import { HELP } from './strings/help.ts'
import {
  CAT_OPTIONS,
  COMMON_OPTIONS,
  FETCH_OPTIONS,
  LIST_OPTIONS,
  SHARE_OPTIONS,
  VERIFY_OPTIONS,
  type OptionText,
} from './strings/options.ts'
import { isLink, noCommand, usageErrorOf } from './usage-errors.ts'
import type { NodeFlags } from './with-node.ts'

/** In place of a path: standard input. */
const STDIN = '-'
/** In place of a folder: standard output. */
const STDOUT = '-'

export interface ShareArguments {
  readonly command: 'share'
  readonly node: NodeFlags
  /** Absolute. */
  readonly paths: readonly string[]
  /** Standard input is shared, and no path. */
  readonly isInput: boolean
  readonly name: string | undefined
  readonly public: boolean
  readonly preserve: boolean
  readonly skipUnreadable: boolean
  readonly fresh: boolean
  /** Devices that got everything, after which it ends. */
  readonly times: number | undefined
  /** Patterns, as given. */
  readonly exclude: readonly string[]
  /** How long it is served, in milliseconds; 0 until it is stopped. */
  readonly forMs: number
}

export interface FetchArguments {
  readonly command: 'fetch'
  readonly node: NodeFlags
  /** As given: `-` means that it comes from elsewhere. */
  readonly link: string
  readonly directory: string
  /** Patterns, as given. */
  readonly only: readonly string[]
  readonly overwrite: boolean
  /** Serve it to others when it is here. */
  readonly seed: boolean
  /** The content goes to standard output, and nothing to the folder. */
  readonly isToStdout: boolean
  readonly waitMs: number | undefined
}

export interface CatArguments {
  readonly command: 'cat'
  readonly node: NodeFlags
  /** As given: `-` means that it comes from elsewhere. */
  readonly link: string
  readonly path: string | undefined
  readonly range: ByteRange | undefined
  readonly waitMs: number | undefined
}

export interface ListArguments {
  readonly command: 'ls'
  readonly node: NodeFlags
  /** As given: `-` means that it comes from elsewhere. */
  readonly link: string
  readonly path: string | undefined
  readonly waitMs: number | undefined
}

export interface VerifyArguments {
  readonly command: 'verify'
  readonly node: NodeFlags
  readonly path: string
  /** As given: `-` means that it comes from elsewhere. */
  readonly link: string
  readonly waitMs: number | undefined
}

/** A command that takes nothing of its own. */
export interface PlainArguments {
  readonly command: 'id' | 'shares' | 'status'
  readonly node: NodeFlags
}

export interface UnshareArguments {
  readonly command: 'unshare'
  readonly node: NodeFlags
  /** A link, or the first part of one. */
  readonly link: string
}

/** Help, version or a script: text for stdout. */
export interface TextAnswer {
  readonly command: 'text'
  readonly text: string
}

export type Arguments =
  | ShareArguments
  | FetchArguments
  | ListArguments
  | CatArguments
  | VerifyArguments
  | PlainArguments
  | UnshareArguments
  | TextAnswer

export interface ParseInit {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly columns: number
  readonly version: () => string
  /** Told, before anything else is found out, that standard output is for the content of a file. */
  readonly onContent: () => void
}

interface CommonValues {
  home?: string
  network?: NetworkPreset
  listen?: string[]
  peer?: string[]
  bootstrap?: string[]
  mdns?: true
  up?: number
  down?: number
}

interface ShareValues {
  public?: true
  name?: string
  preserve?: true
  skipUnreadable?: true
  fresh?: true
  times?: number
  exclude?: string[]
  for?: number
}

interface FetchValues {
  o?: string
  wait?: number
  only?: string[]
  overwrite?: true
  seed?: true
}

/** @throws ShoalError ERR_USAGE */
export function parse(init: ParseInit): Arguments {
  if (init.argv.length === 0) return { command: 'text', text: topHelp(init.columns) }
  let parsed: Arguments | undefined
  let text = ''
  const program = new Command('shoal')
    .exitOverride()
    .configureOutput({ writeOut: (part) => (text += part), writeErr: () => {} })
    .helpOption(COMMON_OPTIONS.help.flags)
    .option(COMMON_OPTIONS.version.flags, COMMON_OPTIONS.version.text)
  addCommonOptions(program)
  program.helpInformation = () => topHelp(init.columns)
  program.on('option:version', () => {
    text = `${init.version()}\n`
    throw new CommanderError(0, 'commander.version', '')
  })

  const nodeFlags = (command: Command): NodeFlags => readNodeFlags(program, command, init)
  const add = (name: keyof typeof HELP, ...places: readonly (string | Argument)[]): Command => {
    const command = program.command(name).helpOption(COMMON_OPTIONS.help.flags)
    for (const place of places) command.addArgument(typeof place === 'string' ? new Argument(place) : place)
    command.helpInformation = () => commandHelp(name, init.columns)
    return command
  }

  const share = add('share', '<PATH...>')
  addFlag(share, SHARE_OPTIONS.public)
  addValue(share, SHARE_OPTIONS.name)
  addFlag(share, SHARE_OPTIONS.preserve)
  addFlag(share, SHARE_OPTIONS.skipUnreadable)
  addFlag(share, SHARE_OPTIONS.fresh)
  share.option(SHARE_OPTIONS.times.flags, SHARE_OPTIONS.times.text, times)
  share.option(SHARE_OPTIONS.exclude.flags, SHARE_OPTIONS.exclude.text, repeat(SHARE_OPTIONS.exclude))
  share.option(SHARE_OPTIONS.for.flags, SHARE_OPTIONS.for.text, duration('--for'))
  addCommonOptions(share)
  share.action((paths: string[]) => {
    const values = share.opts<ShareValues>()
    if (paths.some(isLink)) throw usage(USAGE.linkAsPath, USAGE.linkAsCommandHint)
    const isInput = paths.includes(STDIN)
    if (isInput && paths.length > 1) throw usage(USAGE.inputAmongPaths, USAGE.inputAmongPathsHint)
    if (isInput && values.exclude !== undefined) throw usage(USAGE.excludeInput)
    if (values.for !== undefined && values.times !== undefined) throw usage(USAGE.forAndTimes)
    parsed = {
      command: 'share',
      node: nodeFlags(share),
      paths: isInput ? [] : paths.map((path) => resolve(init.cwd, path)),
      isInput,
      name: values.name,
      public: values.public ?? false,
      preserve: values.preserve ?? false,
      skipUnreadable: values.skipUnreadable ?? false,
      fresh: values.fresh ?? false,
      times: values.times,
      exclude: values.exclude ?? [],
      forMs: values.for ?? 0,
    }
  })

  const fetch = add('fetch', '<LINK>')
  fetch.option(FETCH_OPTIONS.o.flags, FETCH_OPTIONS.o.text, (value: string) => {
    if (value === STDOUT) init.onContent()
    return notEmpty(FETCH_OPTIONS.o, value)
  })
  fetch.option(FETCH_OPTIONS.only.flags, FETCH_OPTIONS.only.text, repeat(FETCH_OPTIONS.only))
  addFlag(fetch, FETCH_OPTIONS.overwrite)
  addFlag(fetch, FETCH_OPTIONS.seed)
  fetch.option(FETCH_OPTIONS.wait.flags, FETCH_OPTIONS.wait.text, duration('--wait'))
  addCommonOptions(fetch)
  fetch.action((link: string) => {
    const { o, wait, only = [], overwrite = false, seed = false } = fetch.opts<FetchValues>()
    const isToStdout = o === STDOUT
    if (isToStdout && only.length > 0) throw usage(USAGE.notToStdout('--only'), USAGE.notToStdoutHint)
    if (isToStdout && overwrite) throw usage(USAGE.notToStdout('--overwrite'), USAGE.notToStdoutHint)
    if (isToStdout && seed) throw usage(USAGE.notToStdout('--seed'), USAGE.notToStdoutHint)
    const directory = resolve(init.cwd, o ?? '.')
    const node = nodeFlags(fetch)
    parsed = { command: 'fetch', node, link, directory, isToStdout, only, overwrite, seed, waitMs: wait }
  })

  const list = add('ls', '<LINK>', '[PATH]')
  list.option(LIST_OPTIONS.wait.flags, LIST_OPTIONS.wait.text, duration('--wait'))
  addCommonOptions(list)
  list.action((link: string, path: string | undefined) => {
    const { wait } = list.opts<{ wait?: number }>()
    parsed = { command: 'ls', node: nodeFlags(list), link, path, waitMs: wait }
  })

  const cat = add('cat', '<LINK>', '[PATH]')
  cat.option(CAT_OPTIONS.range.flags, CAT_OPTIONS.range.text, range)
  cat.option(CAT_OPTIONS.wait.flags, CAT_OPTIONS.wait.text, duration('--wait'))
  addCommonOptions(cat)
  program.hook('preSubcommand', (_program, command) => {
    if (command === cat) init.onContent()
  })
  cat.action((link: string, path: string | undefined) => {
    const values = cat.opts<{ range?: ByteRange; wait?: number }>()
    parsed = {
      command: 'cat',
      node: nodeFlags(cat),
      link,
      path,
      range: values.range,
      waitMs: values.wait,
    }
  })

  const verify = add('verify', '<PATH>', '<LINK>')
  verify.option(VERIFY_OPTIONS.wait.flags, VERIFY_OPTIONS.wait.text, duration('--wait'))
  addCommonOptions(verify)
  verify.action((path: string, link: string) => {
    if (isLink(path)) throw usage(USAGE.linkAsPath, USAGE.linkAsPathHint)
    const { wait } = verify.opts<{ wait?: number }>()
    parsed = {
      command: 'verify',
      node: nodeFlags(verify),
      path: resolve(init.cwd, path),
      link,
      waitMs: wait,
    }
  })

  for (const name of ['id', 'shares', 'status'] as const) {
    const command = add(name)
    addCommonOptions(command)
    command.action(() => {
      parsed = { command: name, node: nodeFlags(command) }
    })
  }

  const unshare = add('unshare', '<LINK>')
  addCommonOptions(unshare)
  unshare.action((link: string) => {
    parsed = { command: 'unshare', node: nodeFlags(unshare), link }
  })

  const completions = add('completions', shellArgument())
  addCommonOptions(completions)
  completions.action((name: string) => {
    const shell = SHELLS.find((known) => known === name)
    if (shell === undefined) throw usage(USAGE.shell(name), USAGE.shellHint(SHELLS))
    const command = (of: string): string => HELP[of as keyof typeof HELP].sentence
    const tree = treeOf(program, { command, help: COMMON_OPTIONS.help.text })
    parsed = { command: 'text', text: completionScript(shell, tree) }
  })

  try {
    program.parse(init.argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (text !== '') return { command: 'text', text }
    throw usageErrorOf(error, program, init.argv)
  }
  if (parsed === undefined) throw noCommand()
  return parsed
}

function addFlag(command: Command, option: OptionText): void {
  command.option(option.flags, option.text)
}

function addValue(command: Command, option: OptionText): void {
  command.option(option.flags, option.text, (value: string) => notEmpty(option, value))
}

/** Its choices are for completions; what is not among them is told in our own words. */
function networkOption({ flags, text }: OptionText): Option {
  return new Option(flags, text).choices(NETWORK_PRESETS).argParser(network)
}

function shellArgument(): Argument {
  return new Argument('<SHELL>').choices(SHELLS).argParser((value: string) => value)
}

/** Options that stand before or after the name of the command. */
function addCommonOptions(command: Command): void {
  addValue(command, COMMON_OPTIONS.home)
  command.addOption(networkOption(COMMON_OPTIONS.network))
  command.option(COMMON_OPTIONS.listen.flags, COMMON_OPTIONS.listen.text, repeat(COMMON_OPTIONS.listen))
  command.option(COMMON_OPTIONS.peer.flags, COMMON_OPTIONS.peer.text, repeat(COMMON_OPTIONS.peer))
  command.option(
    COMMON_OPTIONS.bootstrap.flags,
    COMMON_OPTIONS.bootstrap.text,
    repeat(COMMON_OPTIONS.bootstrap),
  )
  addFlag(command, COMMON_OPTIONS.mdns)
  command.option(COMMON_OPTIONS.up.flags, COMMON_OPTIONS.up.text, rate('--up'))
  command.option(COMMON_OPTIONS.down.flags, COMMON_OPTIONS.down.text, rate('--down'))
  addFlag(command, COMMON_OPTIONS.json)
  addFlag(command, COMMON_OPTIONS.quiet)
  addFlag(command, COMMON_OPTIONS.verbose)
}

function readNodeFlags(program: Command, command: Command, init: ParseInit): NodeFlags {
  const before = program.opts<CommonValues>()
  const after = command.opts<CommonValues>()
  const home = after.home ?? before.home
  const both = (key: 'listen' | 'peer' | 'bootstrap'): readonly string[] | undefined => {
    const all = [...(before[key] ?? []), ...(after[key] ?? [])]
    return all.length === 0 ? undefined : all
  }
  return {
    home: home === undefined ? defaultHome(init.env) : resolve(init.cwd, home),
    network: after.network ?? before.network,
    listen: both('listen'),
    peers: both('peer'),
    bootstrap: both('bootstrap'),
    mdns: after.mdns ?? before.mdns,
    up: after.up ?? before.up,
    down: after.down ?? before.down,
  }
}

function notEmpty(option: OptionText, value: string): string {
  if (value === '') throw usage(USAGE.empty(option.flags.split(' ')[0] ?? ''))
  return value
}

function repeat(option: OptionText): (value: string, earlier: string[] | undefined) => string[] {
  return (value, earlier) => [...(earlier ?? []), notEmpty(option, value)]
}

function network(value: string): NetworkPreset {
  const preset = NETWORK_PRESETS.find((name) => name === value)
  if (preset === undefined) throw usage(USAGE.network(value), USAGE.networkHint(NETWORK_PRESETS))
  return preset
}

function range(value: string): ByteRange {
  const bytes = parseByteRange(value)
  if (bytes === undefined) throw usage(USAGE.range(value), USAGE.rangeHint)
  return bytes
}

function rate(flag: '--up' | '--down'): (value: string) => number {
  return (value) => {
    if (value === '') throw usage(USAGE.empty(flag))
    const bytesPerSecond = parseByteRate(value)
    if (bytesPerSecond === undefined) throw usage(USAGE.rate(flag, value), USAGE.rateHint)
    return bytesPerSecond
  }
}

/** Milliseconds. */
function duration(flag: string): (value: string) => number {
  return (value) => {
    const ms = parseDuration(value)
    if (ms === undefined) throw usage(USAGE.duration(flag, value), USAGE.durationHint)
    return ms
  }
}

function times(value: string): number {
  const count = /^\d+$/.test(value) ? Number(value) : 0
  if (count < 1 || !Number.isSafeInteger(count)) throw usage(USAGE.times(value))
  return count
}

function usage(message: string, hint?: string): ShoalError {
  return new ShoalError('ERR_USAGE', message, hint === undefined ? {} : { hint })
}
