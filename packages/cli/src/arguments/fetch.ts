/** `shoal fetch`. */
import { resolve } from 'node:path'
import { USAGE } from '../strings/errors.ts'
import { FETCH_OPTIONS } from '../strings/options.ts'
import { usageError } from '../usage-errors.ts'
import type { CommandLine } from './command-line.ts'
import { addFlag, addValue, duration, list, text } from './options.ts'

/** In place of a folder: standard output. */
const STDOUT = '-'

interface FetchValues {
  o?: string
  wait?: number
  only?: string[]
  overwrite?: true
  seed?: true
  detach?: true
}

export function declareFetch(line: CommandLine): void {
  const fetch = line.add('fetch', '<LINK>')
  addValue(fetch, FETCH_OPTIONS.o, (value, flag) => {
    if (value === STDOUT) line.init.onContent()
    return text(value, flag)
  })
  addValue(fetch, FETCH_OPTIONS.only, list)
  addFlag(fetch, FETCH_OPTIONS.overwrite)
  addFlag(fetch, FETCH_OPTIONS.seed)
  addValue(fetch, FETCH_OPTIONS.wait, duration)
  addFlag(fetch, FETCH_OPTIONS.detach)
  line.asks(fetch, (node, link: string) => {
    const { o, wait, only = [], ...given } = fetch.opts<FetchValues>()
    const { overwrite = false, seed = false, detach: isDetached = false } = given
    const isToStdout = o === STDOUT
    const refuse = (flag: string): never => {
      throw usageError(USAGE.notToStdout(flag), USAGE.notToStdoutHint)
    }
    if (isToStdout && only.length > 0) refuse('--only')
    if (isToStdout && overwrite) refuse('--overwrite')
    if (isToStdout && seed) refuse('--seed')
    if (isToStdout && isDetached) refuse('--detach')
    if (isDetached && wait !== undefined) throw usageError(USAGE.waitDetached, USAGE.waitDetachedHint)
    const directory = resolve(line.init.cwd, o ?? '.')
    const how = { only, overwrite, seed, isToStdout, waitMs: wait, isDetached }
    return { command: 'fetch', node, link, directory, ...how }
  })
}
