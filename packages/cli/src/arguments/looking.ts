/** Commands that look at what a link names and keep nothing of it: `shoal ls`, `cat` and `verify`. */
import { resolve } from 'node:path'
import type { ByteRange } from '../byte-range.ts'
import { USAGE } from '../strings/errors.ts'
import { CAT_OPTIONS, LIST_OPTIONS, VERIFY_OPTIONS } from '../strings/options.ts'
import { isLink, usageError } from '../usage-errors.ts'
import type { CommandLine } from './command-line.ts'
import { addValue, duration, range } from './options.ts'

interface LookingValues {
  range?: ByteRange
  wait?: number
}

export function declareList(line: CommandLine): void {
  const list = line.add('ls', '<LINK>', '[PATH]')
  addValue(list, LIST_OPTIONS.wait, duration)
  line.asks(list, (node, link: string, path: string | undefined) => {
    const { wait } = list.opts<LookingValues>()
    return { command: 'ls', node, link, path, waitMs: wait }
  })
}

export function declareCat(line: CommandLine): void {
  const cat = line.add('cat', '<LINK>', '[PATH]')
  addValue(cat, CAT_OPTIONS.range, range)
  addValue(cat, CAT_OPTIONS.wait, duration)
  line.program.hook('preSubcommand', (_program, command) => {
    if (command === cat) line.init.onContent()
  })
  line.asks(cat, (node, link: string, path: string | undefined) => {
    const values = cat.opts<LookingValues>()
    return { command: 'cat', node, link, path, range: values.range, waitMs: values.wait }
  })
}

export function declareVerify(line: CommandLine): void {
  const verify = line.add('verify', '<PATH>', '<LINK>')
  addValue(verify, VERIFY_OPTIONS.wait, duration)
  line.asks(verify, (node, path: string, link: string) => {
    if (isLink(path)) throw usageError(USAGE.linkAsPath, USAGE.linkAsPathHint)
    const { wait } = verify.opts<LookingValues>()
    return { command: 'verify', node, path: resolve(line.init.cwd, path), link, waitMs: wait }
  })
}
