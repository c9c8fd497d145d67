/**
 * Finds what is to be shared: the entries below the paths that were given, in the order of both formats, with the facts of each file
 * at that moment. Names that nobody could receive safely, links and special files are left out with a warning; what
 * is excluded, without one and without a look into it.
 */
import { basename } from 'node:path'
import { comparePaths } from '../content/entry.ts'
import { namesOf } from '../content/glob.ts'
import { PathJudge } from '../content/safe-path.ts'
import { ShoalError } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import { orderedMap } from '../util/ordered-map.ts'
import type { Disk, FileFacts } from './disk.ts'
import { Exclusion } from './exclusion.ts'
import { readFacts } from './source-faults.ts'
import type { Walk, WalkOptions, WalkedEntry } from './walk-facts.ts'
import { LOOKS_AT_ONCE, addEntry, walkGiven, walked } from './walk-folder.ts'

/**
 * Walks one path, or several as a folder that holds each under its own name.
 *
 * @throws ShoalError ERR_SOURCE_MISSING, ERR_SOURCE_UNREADABLE, ERR_LIMIT, ERR_OPTIONS_INVALID for a malformed pattern,
 *   ERR_USAGE for what is no file or folder, or a single file with patterns
 */
export async function walk(paths: string | readonly string[], options: WalkOptions): Promise<Walk> {
  const exclusion = Exclusion.ofOptions(options.exclude ?? [])
  const [only = '', ...others] = typeof paths === 'string' ? [paths] : paths
  const entries: WalkedEntry[] = []
  if (others.length > 0) {
    await walkSeveral([only, ...others], exclusion, entries, options)
  } else {
    const facts = await factsOfGiven(only, options.disk)
    if (facts.kind === 'file') return walkFile(only, facts, options)
    await walkGiven(only, { prefix: '', names: [], exclusion }, entries, options)
  }
  for (const pattern of exclusion.unused()) {
    const message = `nothing was left out by the pattern ${escapeForDisplay(JSON.stringify(pattern))}`
    options.onWarning?.({ code: 'WARN_EXCLUDE_UNUSED', message })
  }
  entries.sort((a, b) => comparePaths(a.path, b.path))
  judge(entries, options)
  return { kind: 'folder', entries }
}

function walkFile(path: string, facts: FileFacts, { exclude = [] }: WalkOptions): Walk {
  if (exclude.length > 0) {
    throw new ShoalError('ERR_USAGE', `nothing can be left out of ${escapeForDisplay(path)}: it is a file`, {
      hint: 'Patterns of what to exclude are for folders.',
    })
  }
  return { kind: 'file', entries: [walked('', { source: path, below: '' }, facts)] }
}

async function walkSeveral(
  paths: readonly string[],
  exclusion: Exclusion,
  entries: WalkedEntry[],
  options: WalkOptions,
): Promise<void> {
  const looks = orderedMap(paths, LOOKS_AT_ONCE, async (path) => ({
    path,
    facts: await factsOfGiven(path, options.disk),
  }))
  for await (const { path: source, facts } of looks) {
    options.signal?.throwIfAborted()
    const name = basename(source)
    const names = namesOf(name)
    if (exclusion.excludes(names, facts.kind === 'folder' ? 'folder' : 'file')) continue
    const isAdded = await addEntry(walked(name, { source, below: '' }, facts), entries, options)
    if (!isAdded || facts.kind !== 'folder') continue
    await walkGiven(source, { prefix: `${name}/`, names, exclusion }, entries, options)
  }
}

/** Facts of a path that the user gave: a file or a folder. */
async function factsOfGiven(path: string, disk: Disk): Promise<FileFacts> {
  const facts = await readFacts(path, disk)
  const shown = escapeForDisplay(path)
  if (facts === undefined) {
    throw new ShoalError('ERR_SOURCE_MISSING', `there is no file or folder ${shown}`)
  }
  if (facts.kind === 'file' || facts.kind === 'folder') return facts
  const what = facts.kind === 'link' ? 'a link' : 'neither a file nor a folder'
  throw new ShoalError('ERR_USAGE', `${shown} is ${what}; share what it points to instead`, {
    hint: 'Give the path of the file or folder itself.',
  })
}

/** What nobody could receive is refused here already; what some could not is told. */
function judge(entries: readonly WalkedEntry[], options: WalkOptions): void {
  const names = new PathJudge({ platform: 'posix', folding: 'none' })
  for (const entry of entries) {
    const { warning } = names.accept(entry.path, entry.kind)
    if (warning === undefined) continue
    const message = `${escapeForDisplay(entry.path)} cannot be received everywhere: ${warning}`
    options.onWarning?.({ code: 'WARN_UNPORTABLE_NAME', message })
  }
}
