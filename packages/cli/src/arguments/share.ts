/** `shoal share`. */
import { resolve } from 'node:path'
import { USAGE } from '../strings/errors.ts'
import { SHARE_OPTIONS } from '../strings/options.ts'
import { isLink, usageError } from '../usage-errors.ts'
import type { CommandLine } from './command-line.ts'
import { addFlag, addValue, duration, list, times } from './options.ts'

/** In place of a path: standard input. */
const STDIN = '-'

interface ShareValues {
  public?: true
  name?: string
  preserve?: true
  skipUnreadable?: true
  fresh?: true
  times?: number
  exclude?: string[]
  for?: number
  detach?: true
}

export function declareShare(line: CommandLine): void {
  const share = line.add('share', '<PATH...>')
  addFlag(share, SHARE_OPTIONS.public)
  addValue(share, SHARE_OPTIONS.name)
  addFlag(share, SHARE_OPTIONS.preserve)
  addFlag(share, SHARE_OPTIONS.skipUnreadable)
  addFlag(share, SHARE_OPTIONS.fresh)
  addValue(share, SHARE_OPTIONS.times, times)
  addValue(share, SHARE_OPTIONS.exclude, list)
  addValue(share, SHARE_OPTIONS.for, duration)
  addFlag(share, SHARE_OPTIONS.detach)
  line.asks(share, (node, paths: string[]) => {
    const values = share.opts<ShareValues>()
    if (paths.some(isLink)) throw usageError(USAGE.linkAsPath, USAGE.linkAsCommandHint)
    const isInput = paths.includes(STDIN)
    if (isInput && paths.length > 1) throw usageError(USAGE.inputAmongPaths, USAGE.inputAmongPathsHint)
    if (isInput && values.exclude !== undefined) throw usageError(USAGE.excludeInput)
    if (values.for !== undefined && values.times !== undefined) throw usageError(USAGE.forAndTimes)
    return {
      command: 'share',
      node,
      paths: isInput ? [] : paths.map((path) => resolve(line.init.cwd, path)),
      isInput,
      name: values.name,
      public: values.public ?? false,
      preserve: values.preserve ?? false,
      skipUnreadable: values.skipUnreadable ?? false,
      fresh: values.fresh ?? false,
      times: values.times,
      exclude: values.exclude ?? [],
      forMs: values.for ?? 0,
      isDetached: values.detach ?? false,
    }
  })
}
