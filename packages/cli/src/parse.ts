/** The command line as data: what was asked for, or ERR_USAGE. Only what is implemented is declared. */
import type { Arguments } from './arguments/arguments.ts'
import { CommandLine, type ParseInit } from './arguments/command-line.ts'
import { declareConfig } from './arguments/config.ts'
import { declareFetch } from './arguments/fetch.ts'
import { declareFetches } from './arguments/fetches.ts'
import { declareId } from './arguments/id.ts'
import { declareCat, declareList, declareVerify } from './arguments/looking.ts'
import { declareCompletions, declareDaemon, declarePlain, declareUnshare } from './arguments/own.ts'
import { declareShare } from './arguments/share.ts'
import { declareSpace } from './arguments/space.ts'
import { topHelp } from './help.ts'

/** @throws ShoalError ERR_USAGE */
export function parse(init: ParseInit): Arguments {
  if (init.argv.length === 0) return { command: 'text', text: topHelp(init.columns) }
  const line = new CommandLine(init)
  declareShare(line)
  declareFetch(line)
  declareList(line)
  declareCat(line)
  declareVerify(line)
  declareId(line)
  declarePlain(line)
  declareDaemon(line)
  declareConfig(line)
  declareUnshare(line)
  declareFetches(line)
  declareSpace(line)
  declareCompletions(line)
  return line.parse()
}
