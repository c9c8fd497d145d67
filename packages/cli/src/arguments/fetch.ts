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
  line.asks(fetch, (node, link: string) => {
    const { o, wait, only = [], overwrite = false, seed = false } = fetch.opts<FetchValues>()
    const isToStdout = o === STDOUT
    if (isToStdout && only.length > 0) throw usageError(USAGE.notToStdout('--only'), USAGE.notToStdoutHint)
    if (isToStdout && overwrite) throw usageError(USAGE.notToStdout('--overwrite'), USAGE.notToStdoutHint)
    if (isToStdout && seed) throw usageError(USAGE.notToStdout('--seed'), USAGE.notToStdoutHint)
    const directory = resolve(line.init.cwd, o ?? '.')
    return { command: 'fetch', node, link, directory, isToStdout, only, overwrite, seed, waitMs: wait }
  })
}
