/** What the node in the background logs, and where to. */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import {
  LOG_LEVELS,
  LOG_MODULES,
  ShoalError,
  type LogLevel,
  type LogModule,
  type NodeOptions,
} from '@shoal/node/control'
import { FAILURES } from '../strings/errors.ts'
import { LogFile } from './log-file.ts'

/** Set where it was started by another command: nobody reads what it prints. */
export const BACKGROUND = 'SHOAL_BACKGROUND'

const STDERR = 2

/**
 * By SHOAL_LOG, such as `info,transfer=debug`: to standard error where a person or a service manager runs it and says so, else to
 * the file of the home, which has everything of `info` where nothing is said.
 *
 * @throws ShoalError ERR_USAGE for levels that are none
 */
export function logOf(
  { SHOAL_LOG: text, [BACKGROUND]: background }: Readonly<Record<string, string | undefined>>,
  home: string,
): Pick<NodeOptions, 'log'> {
  const isGiven = text !== undefined && text !== ''
  const levels = isGiven ? parseLevels(text) : { level: 'info' as const, modules: {} }
  if (isGiven && background === undefined) {
    return { log: { ...levels, write: (line) => void writeSync(STDERR, line) } }
  }
  const file = new LogFile(join(home, 'log', 'shoal.log'))
  return { log: { ...levels, write: (line) => file.write(line) } }
}

interface Levels {
  readonly level: LogLevel
  readonly modules: Partial<Record<LogModule, LogLevel>>
}

function parseLevels(text: string): Levels {
  let level: LogLevel | undefined
  const modules: Partial<Record<LogModule, LogLevel>> = {}
  for (const part of text.split(',')) {
    const [first = '', second, ...more] = part.trim().split('=')
    const found = LOG_LEVELS.find((name) => name === (second ?? first))
    const module = LOG_MODULES.find((name) => name === first)
    const isOfAll = second === undefined
    if (found === undefined || more.length > 0 || (!isOfAll && module === undefined)) throw noLevels(text)
    if (isOfAll) level = found
    else if (module !== undefined) modules[module] = found
  }
  return { level: level ?? 'info', modules }
}

function noLevels(text: string): ShoalError {
  return new ShoalError('ERR_USAGE', FAILURES.logLevels(text), {
    hint: FAILURES.logLevelsHint(LOG_LEVELS, LOG_MODULES),
  })
}
