/**
 * Finds what is to be shared: the entries below a path in the order of both formats, with the facts of each file
 * at that moment. Names that nobody could receive safely, links and special files are left out with a warning; what
 * is excluded, without one and without a look into it.
 */
import { join } from 'node:path'
import { comparePaths, type Entry } from '../content/entry.ts'
import { namesOf } from '../content/glob.ts'
import { MAX_ENTRIES } from '../content/limits.ts'
import { PathJudge, judgeName } from '../content/safe-path.ts'
import { ShoalError, diskError, systemCode } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import { orderedMap } from '../util/ordered-map.ts'
import { addressOf, closeAnchor, openAnchor, openFolder, type Anchor } from './anchor.ts'
import type { Disk, FileFacts } from './disk.ts'
import { Exclusion } from './exclusion.ts'
import { IGNORE_FILE, readIgnoreFile } from './ignore-file.ts'

export type WalkWarningCode =
  | 'WARN_EXCLUDE_UNUSED'
  | 'WARN_SKIPPED_LINK'
  | 'WARN_SKIPPED_NAME'
  | 'WARN_SKIPPED_SPECIAL'
  | 'WARN_SKIPPED_UNREADABLE'
  | 'WARN_UNPORTABLE_NAME'

export interface WalkWarning {
  readonly code: WalkWarningCode
  readonly message: string
}

export interface WalkedEntry extends Entry {
  /** Where it lies on this disk. */
  readonly source: string
  readonly facts: FileFacts
}

export interface Walk {
  readonly kind: 'file' | 'folder'
  readonly entries: readonly WalkedEntry[]
}

export interface WalkOptions {
  readonly disk: Disk
  /** Patterns of what to leave out, besides those of `.shoalignore` files. @defaultValue [] */
  readonly exclude?: readonly string[]
  /** Leave out what cannot be read instead of failing. @defaultValue false */
  readonly skipUnreadable?: boolean
  /** Paths on this disk to leave out; they were told about before. */
  readonly without?: ReadonlySet<string>
  readonly onWarning?: (warning: WalkWarning) => void
  readonly signal?: AbortSignal
}

/** Files that are looked at at once: one alone waits for the pool of threads that does it, each time. */
export const LOOKS_AT_ONCE = 32

const MS_IN_NS = 1_000_000n
const IGNORE_FILE_NAME = Buffer.from(IGNORE_FILE)

/** A folder with what holds in it. */
interface Place {
  /** The folder that is shared, held open. */
  readonly root: Anchor
  /** On this disk. */
  readonly folder: string
  /** Path in the share with a slash behind it; empty for the share's own folder. */
  readonly prefix: string
  /** The path's names, as patterns are compared with them. */
  readonly names: readonly string[]
  readonly exclusion: Exclusion
}

/**
 * @throws ShoalError ERR_SOURCE_MISSING, ERR_SOURCE_UNREADABLE, ERR_LIMIT, ERR_OPTIONS_INVALID for a malformed pattern,
 *   ERR_USAGE for what is no file or folder, or a file with patterns
 */
export async function walk(path: string, options: WalkOptions): Promise<Walk> {
  const exclusion = Exclusion.ofOptions(options.exclude ?? [])
  const facts = await readFacts(path, options.disk)
  if (facts === undefined) {
    throw new ShoalError('ERR_SOURCE_MISSING', `there is no file or folder ${escapeForDisplay(path)}`)
  }
  if (facts.kind === 'file') {
    if (options.exclude !== undefined && options.exclude.length > 0) {
      throw new ShoalError(
        'ERR_USAGE',
        `nothing can be left out of ${escapeForDisplay(path)}: it is a file`,
        {
          hint: 'Patterns of what to exclude are for folders.',
        },
      )
    }
    return { kind: 'file', entries: [walked('', path, facts)] }
  }
  if (facts.kind !== 'folder') {
    const what = facts.kind === 'link' ? 'a link' : 'neither a file nor a folder'
    throw new ShoalError(
      'ERR_USAGE',
      `${escapeForDisplay(path)} is ${what}; share what it points to instead`,
      {
        hint: 'Give the path of the file or folder itself.',
      },
    )
  }
  const entries: WalkedEntry[] = []
  const root = openShared(path)
  try {
    await walkFolder({ root, folder: path, prefix: '', names: [], exclusion }, entries, options)
  } finally {
    closeAnchor(root)
  }
  for (const pattern of exclusion.unused()) {
    const message = `nothing was left out by the pattern ${escapeForDisplay(JSON.stringify(pattern))}`
    options.onWarning?.({ code: 'WARN_EXCLUDE_UNUSED', message })
  }
  entries.sort((a, b) => comparePaths(a.path, b.path))
  judge(entries, options)
  return { kind: 'folder', entries }
}

async function walkFolder(place: Place, entries: WalkedEntry[], options: WalkOptions): Promise<void> {
  const { root, prefix } = place
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
    if (entries.length >= MAX_ENTRIES) {
      throw new ShoalError('ERR_LIMIT', `a share holds at most ${MAX_ENTRIES} files and folders`)
    }
    if (options.without?.has(source) === true) continue
    if (options.skipUnreadable === true && !(await options.disk.isReadable(source))) {
      const message = `left out ${escapeForDisplay(path)}: no permission to read it`
      options.onWarning?.({ code: 'WARN_SKIPPED_UNREADABLE', message })
      continue
    }
    entries.push(walked(path, source, facts))
    if (facts.kind !== 'folder') continue
    await walkFolder({ root, folder: source, prefix: `${path}/`, names, exclusion }, entries, options)
  }
}

interface Looked {
  readonly name: string
  readonly source: string
  readonly facts: FileFacts | undefined
}

/** Lists a folder with the facts of what lies in it, while it is held open: nobody can put a link in its place meanwhile. */
async function look(place: Place, options: WalkOptions): Promise<{ exclusion: Exclusion; looked: Looked[] }> {
  const { root, folder, prefix } = place
  const opened = prefix === '' ? root : openBelow(root, folder, prefix.slice(0, -1))
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

function walked(path: string, source: string, facts: FileFacts): WalkedEntry {
  const isFile = facts.kind === 'file'
  return {
    path,
    kind: isFile ? 'file' : 'folder',
    size: isFile ? facts.size : 0,
    // Floor, also before 1970, so that the same time always gives the same number.
    mtimeMs: Number((facts.mtimeNs - (((facts.mtimeNs % MS_IN_NS) + MS_IN_NS) % MS_IN_NS)) / MS_IN_NS),
    executable: isFile && facts.executable,
    source,
    facts,
  }
}

async function readFacts(path: string, disk: Disk, at?: string): Promise<FileFacts | undefined> {
  try {
    return await disk.facts(path, at)
  } catch (error) {
    throw unreadable(path, error)
  }
}

async function listFolder(path: string, disk: Disk, at: string): Promise<Buffer[]> {
  try {
    return await disk.list(path, at)
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** The error for a source that cannot be read: told apart from a failing disk. */
export function unreadable(path: string, error: unknown): unknown {
  const shown = escapeForDisplay(path)
  switch (systemCode(error)) {
    case 'EACCES':
    case 'EPERM':
      return new ShoalError('ERR_SOURCE_UNREADABLE', `no permission to read ${shown}`, { cause: error })
    case 'ENOENT':
      return new ShoalError('ERR_SOURCE_MISSING', `${shown} is gone`, { cause: error })
    default:
      return diskError(error, `reading ${shown}`)
  }
}
