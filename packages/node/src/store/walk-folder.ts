/** Walks one folder of what is to be shared, and those below it. */
import { join } from 'node:path'
import { namesOf } from '../content/glob.ts'
import { MAX_ENTRIES } from '../content/limits.ts'
import { judgeName } from '../content/safe-path.ts'
import { ShoalError, systemCode } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import { orderedMap } from '../util/ordered-map.ts'
import { addressOf, closeAnchor, openAnchor, openFolder, type Anchor } from './anchor.ts'
import type { Disk, FileFacts } from './disk.ts'
import type { Exclusion } from './exclusion.ts'
import { IGNORE_FILE, readIgnoreFile } from './ignore-file.ts'
import type { Location } from './shared-paths.ts'
import { listFolder, readFacts, unreadable } from './source-faults.ts'
import type { WalkOptions, WalkedEntry } from './walk-facts.ts'

/** Files that are looked at at once: one alone waits for the pool of threads that does it, each time. */
export const LOOKS_AT_ONCE = 32

const MS_IN_NS = 1_000_000n
const IGNORE_FILE_NAME = Buffer.from(IGNORE_FILE)

/** A folder with what holds in it. */
interface Place {
  /** The folder that was given to be shared, held open. */
  readonly root: Anchor
  /** On this disk. */
  readonly folder: string
  /** The end of `folder` that lies in the one that was given, names joined by `/`; empty for that one. */
  readonly below: string
  /** Path in the share with a slash behind it; empty for the share's own folder. */
  readonly prefix: string
  /** The path's names, as patterns are compared with them. */
  readonly names: readonly string[]
  readonly exclusion: Exclusion
}

/**
 * Adds what lies in a folder that was given to be shared. Its own path is a user's: a link on the way to it is meant.
 *
 * @param place where it is in the share
 */
export async function walkGiven(
  folder: string,
  place: Pick<Place, 'prefix' | 'names' | 'exclusion'>,
  entries: WalkedEntry[],
  options: WalkOptions,
): Promise<void> {
  const root = openShared(folder)
  try {
    await walkFolder({ ...place, root, folder, below: '' }, entries, options)
  } finally {
    closeAnchor(root)
  }
}

/** Adds an entry, unless it is to be left out. Says whether it was added. */
export async function addEntry(
  entry: WalkedEntry,
  entries: WalkedEntry[],
  options: WalkOptions,
): Promise<boolean> {
  const { path, source } = entry
  if (entries.length >= MAX_ENTRIES) {
    throw new ShoalError('ERR_LIMIT', `a share holds at most ${MAX_ENTRIES} files and folders`)
  }
  if (options.without?.has(source) === true) return false
  if (options.skipUnreadable === true && !(await options.disk.isReadable(source))) {
    const message = `left out ${escapeForDisplay(path)}: no permission to read it`
    options.onWarning?.({ code: 'WARN_SKIPPED_UNREADABLE', message })
    return false
  }
  entries.push(entry)
  return true
}

export function walked(path: string, location: Location, facts: FileFacts): WalkedEntry {
  const isFile = facts.kind === 'file'
  return {
    path,
    kind: isFile ? 'file' : 'folder',
    size: isFile ? facts.size : 0,
    // Floor, also before 1970, so that the same time always gives the same number.
    mtimeMs: Number((facts.mtimeNs - (((facts.mtimeNs % MS_IN_NS) + MS_IN_NS) % MS_IN_NS)) / MS_IN_NS),
    executable: isFile && facts.executable,
    ...location,
    facts,
  }
}

async function walkFolder(place: Place, entries: WalkedEntry[], options: WalkOptions): Promise<void> {
  const { prefix } = place
  const { exclusion, looked } = await look(place, options)
  for (const { name, source, facts } of looked) {
    options.signal?.throwIfAborted()
    const path = `${prefix}${name}`
    // Removed since the folder was listed.
    if (facts === undefined) continue
    const names = [...place.names, ...namesOf(name)]
    if (exclusion.excludes(names, facts.kind === 'folder' ? 'folder' : 'file')) continue
    if (facts.kind === 'link' || facts.kind === 'other') {
      const code = facts.kind === 'link' ? 'WARN_SKIPPED_LINK' : 'WARN_SKIPPED_SPECIAL'
      const what = facts.kind === 'link' ? 'it is a link' : 'it is neither a file nor a folder'
      options.onWarning?.({ code, message: `left out ${escapeForDisplay(path)}: ${what}` })
      continue
    }
    const below = place.below === '' ? name : `${place.below}/${name}`
    const isAdded = await addEntry(walked(path, { source, below }, facts), entries, options)
    if (!isAdded || facts.kind !== 'folder') continue
    await walkFolder(
      { root: place.root, folder: source, below, prefix: `${path}/`, names, exclusion },
      entries,
      options,
    )
  }
}

interface Looked {
  readonly name: string
  readonly source: string
  readonly facts: FileFacts | undefined
}

/** Lists a folder with the facts of what lies in it, while it is held open: nobody can put a link in its place meanwhile. */
async function look(place: Place, options: WalkOptions): Promise<{ exclusion: Exclusion; looked: Looked[] }> {
  const { root, folder, below, prefix } = place
  const opened = below === '' ? root : openBelow(root, folder, below)
  const at = addressOf(opened)
  try {
    const listed = await listFolder(folder, options.disk, at)
    const exclusion = await exclusionIn(place, listed, options.disk, at)
    const looked: Looked[] = []
    const looks = orderedMap(safeNames(listed, prefix, options), LOOKS_AT_ONCE, async (name) => {
      const source = join(folder, name)
      return { name, source, facts: await readFacts(source, options.disk, join(at, name)) }
    })
    for await (const each of looks) looked.push(each)
    return { exclusion, looked }
  } finally {
    if (opened !== root) closeAnchor(opened)
  }
}

function openShared(path: string): Anchor {
  try {
    return openAnchor(path, true)
  } catch (error) {
    throw unreadable(path, error)
  }
}

function openBelow(root: Anchor, folder: string, path: string): Anchor {
  try {
    return openFolder(root, path)
  } catch (error) {
    const code = systemCode(error)
    if (code !== 'ENOTDIR' && code !== 'ELOOP') throw unreadable(folder, error)
    const message = `${escapeForDisplay(folder)} was changed while it was looked at`
    throw new ShoalError('ERR_SOURCE_CHANGED', message, { cause: error })
  }
}

function* safeNames(listed: readonly Buffer[], prefix: string, options: WalkOptions): Generator<string> {
  for (const raw of listed) {
    const verdict = judgeName(raw)
    if (verdict.verdict === 'unsafe') {
      const shown = escapeForDisplay(`${prefix}${raw.toString()}`)
      options.onWarning?.({ code: 'WARN_SKIPPED_NAME', message: `left out ${shown}: ${verdict.reason}` })
    } else {
      yield raw.toString()
    }
  }
}

/** What holds in a folder: what does above it, and what its own `.shoalignore` says. */
async function exclusionIn(
  { folder, names, exclusion }: Place,
  listed: readonly Buffer[],
  disk: Disk,
  at: string,
): Promise<Exclusion> {
  if (!listed.some((raw) => raw.equals(IGNORE_FILE_NAME))) return exclusion
  const globs = await readIgnoreFile(folder, disk, at)
  return exclusion.with(globs, names.length, escapeForDisplay(join(folder, IGNORE_FILE)))
}
