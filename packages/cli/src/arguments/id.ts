/** `shoal id`. */
import { resolve } from 'node:path'
import { closest } from '../closest.ts'
import { USAGE } from '../strings/errors.ts'
import { ID_OPTIONS } from '../strings/options.ts'
import { usageError, withoutKey } from '../usage-errors.ts'
import { ID_ACTIONS, type IdTask } from './arguments.ts'
import type { CommandLine } from './command-line.ts'
import { addValue } from './options.ts'
import { choice } from './own.ts'

export function declareId(line: CommandLine): void {
  const command = line.add('id', choice('[ACTION]', ID_ACTIONS), '[FILE]')
  addValue(command, ID_OPTIONS.passphraseFile)
  line.asks(command, (node, action: string | undefined, file: string | undefined) => {
    const { passphraseFile } = command.opts<{ passphraseFile?: string }>()
    const inFolder = (path: string): string => resolve(line.init.cwd, path)
    const given = passphraseFile === undefined ? undefined : inFolder(passphraseFile)
    return { command: 'id', node, task: taskOf(action, file, given, inFolder) }
  })
}

function taskOf(
  given: string | undefined,
  file: string | undefined,
  passphraseFile: string | undefined,
  inFolder: (path: string) => string,
): IdTask | undefined {
  if (given === undefined) {
    if (passphraseFile === undefined) return undefined
    throw usageError(USAGE.passphraseForNothing, USAGE.seeHelp('shoal id'))
  }
  const action = ID_ACTIONS.find((known) => known === given)
  if (action === undefined) {
    const best = closest(given, ID_ACTIONS)
    const hint = best === undefined ? USAGE.idHint(ID_ACTIONS) : USAGE.didYouMean(`shoal id ${best}`)
    throw usageError(USAGE.id(withoutKey(given)), hint)
  }
  if (file === undefined) throw usageError(USAGE.missingArgument('FILE'), USAGE.seeHelp('shoal id'))
  if (file === '') throw usageError(USAGE.empty('FILE'), USAGE.seeHelp('shoal id'))
  return { action, file: inFolder(file), passphraseFile }
}
