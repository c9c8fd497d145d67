/** The paths of which one share is made: which go together, and what lies at which of them. */
import { basename, join, resolve, sep } from 'node:path'
import { MAX_NAME_BYTES, MAX_SHARED_PATHS } from '../content/limits.ts'
import { shortened } from '../content/link-hints.ts'
import { judgeName } from '../content/safe-path.ts'
import { ShoalError } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'

/** What several paths, and the root of a disk, are called without being given a name. */
const NO_NAME = 'shared'

/** Where an entry of a share lies on this disk. */
export interface Location {
  readonly source: string
  /** The end of `source` that lies in the path that was shared, names joined by `/`; empty for that path itself. */
  readonly below: string
}

/**
 * Paths as a share keeps them: absolute, each once, in an order of their own, so that the same ones are the same share
 * in whatever order they are named.
 *
 * @throws ShoalError ERR_USAGE when there are none, two have one name, or one lies in another; ERR_UNSAFE_NAME,
 *   ERR_LIMIT
 */
export function sharedPaths(given: string | readonly string[]): readonly string[] {
  const each = typeof given === 'string' ? [given] : given
  if (each.length > MAX_SHARED_PATHS) {
    throw new ShoalError('ERR_LIMIT', `a share is made of at most ${MAX_SHARED_PATHS} paths`, {
      hint: 'Put them into one folder and share that.',
    })
  }
  const paths = [...new Set(each.map((path) => resolve(path)))].toSorted()
  if (paths.length === 0) throw new ShoalError('ERR_USAGE', 'no path to share was given')
  if (paths.length > 1) checkTogether(paths)
  return paths
}

/** The name of what is shared without being given one: that of the only path, as much of it as every reader takes. */
export function shareName(paths: readonly string[]): string {
  const [only, ...others] = paths
  const name = others.length === 0 ? basename(resolve(only ?? '')) : ''
  return Buffer.from(shortened(Buffer.from(name), MAX_NAME_BYTES)).toString() || NO_NAME
}

/** @throws ShoalError ERR_OPTIONS_INVALID for a name of a share that no reader takes */
export function checkShareName(name: string): string {
  if (name !== '' && name.isWellFormed() && Buffer.byteLength(name) <= MAX_NAME_BYTES) return name
  throw new ShoalError('ERR_OPTIONS_INVALID', `the name of a share has 1 to ${MAX_NAME_BYTES} bytes`)
}

/** Tells where the entries of a share of these paths lie; undefined for one of another share. */
export function locatorOf(paths: readonly string[]): (path: string) => Location | undefined {
  const [only = '', ...others] = paths
  if (others.length === 0) return (path) => locate(only, path)
  const tops = new Map(paths.map((path) => [basename(path), path]))
  return (path) => {
    const end = path.indexOf('/')
    const top = tops.get(end < 0 ? path : path.slice(0, end))
    return top === undefined ? undefined : locate(top, end < 0 ? '' : path.slice(end + 1))
  }
}

/** Where an entry lies whose path in the share is `below`, in the one path that was shared. */
export function locate(base: string, below: string): Location {
  return { source: below === '' ? base : join(base, below), below }
}

function checkTogether(paths: readonly string[]): void {
  const all = new Set(paths)
  for (const path of paths) {
    const outer = folderAmong(path, all)
    if (outer !== undefined) throw nested(path, outer)
  }
  const named = new Map<string, string>()
  for (const path of paths) {
    const name = basename(path)
    const other = named.get(name)
    if (other !== undefined) throw sameName(name, other, path)
    named.set(name, path)
    const verdict = judgeName(name)
    if (verdict.verdict === 'unsafe') {
      const message = `${escapeForDisplay(path)} cannot be shared under its name: ${verdict.reason}`
      throw new ShoalError(verdict.code, message)
    }
  }
}

/** The path among others in which this one lies. */
function folderAmong(path: string, all: ReadonlySet<string>): string | undefined {
  for (let end = path.lastIndexOf(sep); end >= 0; end = end === 0 ? -1 : path.lastIndexOf(sep, end - 1)) {
    // The root of a disk is written with its separator, other folders are not.
    for (const folder of [path.slice(0, end), path.slice(0, end + 1)]) {
      if (folder !== path && all.has(folder)) return folder
    }
  }
  return undefined
}

function nested(path: string, outer: string): ShoalError {
  const message = `${escapeForDisplay(path)} lies in ${escapeForDisplay(outer)}, which is shared whole`
  return new ShoalError('ERR_USAGE', message, { hint: 'Leave one of the two out.' })
}

function sameName(name: string, one: string, other: string): ShoalError {
  const paths = `${escapeForDisplay(one)} and ${escapeForDisplay(other)}`
  const message = `two paths would both be called ${escapeForDisplay(name)} in the share: ${paths}`
  return new ShoalError('ERR_USAGE', message, {
    hint: 'Rename one, share them one by one, or share a folder that holds both.',
  })
}
