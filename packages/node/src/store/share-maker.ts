/**
 * Makes a share of what lies at a path, or at several: walks it, hashes it in place under a format, and makes sure that
 * nothing changed meanwhile.
 */
import type { CID } from 'multiformats/cid'
import { SHARE_KEY_BYTES } from '../content/sealed/keys.ts'
import { ShoalError, isShoalError } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import { orderedMap } from '../util/ordered-map.ts'
import type { Random } from '../util/seams.ts'
import type { BlockWorkers } from './block-workers.ts'
import { sameVersion, type Disk } from './disk.ts'
import { publish } from './publishing.ts'
import { seal } from './sealing.ts'
import { shareName } from './shared-paths.ts'
import type { SharePlan } from './share-plan.ts'
import { unreadable } from './source-faults.ts'
import { LOOKS_AT_ONCE } from './walk-folder.ts'
import type { Walk, WalkWarning, WalkedEntry } from './walk-facts.ts'
import { walk } from './walk.ts'

/** Passes before a file that keeps changing is given up: the first and one under a fresh key. */
const PASSES = 2

export interface MakeShareOptions {
  /** Absolute paths of files and folders, as `sharedPaths` gives them. */
  readonly paths: readonly string[]
  /** What the share is called. @defaultValue as `shareName` */
  readonly name?: string
  /** Plain UnixFS that anyone can read, instead of sealed. @defaultValue false */
  readonly isPublic?: boolean
  /** Public only: keep times and executable bits, which changes the root. @defaultValue false */
  readonly preserve?: boolean
  /** Patterns of what to leave out of a folder, besides those of `.shoalignore` files. @defaultValue [] */
  readonly exclude?: readonly string[]
  /** Leave out what cannot be read, or keeps changing, instead of failing. @defaultValue false */
  readonly skipUnreadable?: boolean
  readonly disk: Disk
  readonly random: Random
  readonly workers: BlockWorkers
  /** Looks for a share of the same entries and bytes that was made before. @defaultValue none is looked for */
  readonly findSame?: (walked: Walk) => Promise<FoundShare | undefined>
  readonly onWarning?: (warning: WalkWarning) => void
  /** Content bytes hashed so far, and in all. */
  readonly onProgress?: (bytes: number, total: number) => void
  readonly signal?: AbortSignal
}

/** A share of before that goes on. */
export interface FoundShare {
  readonly made: MadeShare
  /** Whether files had to be read to find out. */
  readonly wasRead: boolean
}

export interface MadeShare {
  /** Name of its record, if it goes on with a share that has one. */
  readonly id?: string
  readonly plan: SharePlan
  readonly entries: readonly WalkedEntry[]
  readonly root: CID
  /** The share key; absent when public. */
  readonly key?: Uint8Array
  readonly name: string
  readonly kind: 'file' | 'folder'
  /** Sum of file sizes. */
  readonly bytes: number
  /** Files. */
  readonly files: number
}

/**
 * @throws ShoalError ERR_SOURCE_MISSING, ERR_SOURCE_UNREADABLE, ERR_SOURCE_CHANGED, ERR_LIMIT, ERR_OPTIONS_INVALID,
 *   ERR_USAGE
 */
export async function makeShare(options: MakeShareOptions): Promise<MadeShare> {
  const name = options.name ?? shareName(options.paths)
  const without = new Set<string>()
  const onWarning = onceEach(options.onWarning)
  for (let pass = 1; ; pass++) {
    const walked = await walk(options.paths, { ...options, without, onWarning })
    const changed = await attempt(walked, name, options)
    if (!Array.isArray(changed)) return changed
    if (pass < PASSES) continue
    const shown = changed.map((entry) => escapeForDisplay(entry.path === '' ? name : entry.path))
    if (options.skipUnreadable !== true || walked.kind === 'file') {
      throw new ShoalError('ERR_SOURCE_CHANGED', `${shown.join(', ')} changed while it was read, twice`)
    }
    for (const [i, entry] of changed.entries()) {
      without.add(entry.source)
      const message = `left out ${shown[i]}: it keeps changing`
      onWarning({ code: 'WARN_SKIPPED_UNREADABLE', message })
    }
  }
}

/** One pass. Returns the entries that changed during it, if any did. */
async function attempt(
  walked: Walk,
  name: string,
  options: MakeShareOptions,
): Promise<MadeShare | WalkedEntry[]> {
  const files = walked.entries.filter((entry) => entry.kind === 'file')
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  const { workers, signal } = options
  const found = await options.findSame?.(walked)
  if (found !== undefined) {
    const changed = found.wasRead ? await changedSince(files, options.disk) : []
    return changed.length > 0 ? changed : found.made
  }
  const common = {
    workers,
    ...(signal === undefined ? {} : { signal }),
    onProgress: (done: number) => options.onProgress?.(done, bytes),
  }
  let made: Pick<MadeShare, 'plan' | 'root' | 'key'>
  try {
    if (options.isPublic === true) {
      const plan = await publish(walked, { ...common, preserve: options.preserve ?? false })
      made = { plan: { form: 'public', ...plan }, root: plan.root }
    } else {
      // One key belongs to one finished pass: a pass that is given up takes its key with it.
      const shareKey = options.random.bytes(SHARE_KEY_BYTES)
      const plan = await seal(walked, { ...common, name, shareKey })
      made = { plan: { form: 'sealed', ...plan }, root: plan.root.cid, key: shareKey }
    }
  } catch (error) {
    if (isShoalError(error, 'ERR_SOURCE_CHANGED')) {
      const changed = await changedSince(files, options.disk)
      if (changed.length > 0) return changed
    }
    throw unreadable((error as { path?: string }).path ?? options.paths[0] ?? name, error)
  }
  const changed = await changedSince(files, options.disk)
  if (changed.length > 0) return changed
  const { kind, entries } = walked
  return { ...made, entries, name, kind, bytes, files: files.length }
}

async function changedSince(files: readonly WalkedEntry[], disk: Disk): Promise<WalkedEntry[]> {
  const changed: WalkedEntry[] = []
  const looked = orderedMap(files, LOOKS_AT_ONCE, async (file) => ({
    file,
    now: await disk.facts(file.source),
  }))
  for await (const { file, now } of looked) {
    if (now === undefined || !sameVersion(now, file.facts)) changed.push(file)
  }
  return changed
}

/** Passes each warning on once, though the walk may run again. */
function onceEach(onWarning: ((warning: WalkWarning) => void) | undefined): (warning: WalkWarning) => void {
  const told = new Set<string>()
  return (warning) => {
    if (told.has(warning.message)) return
    told.add(warning.message)
    onWarning?.(warning)
  }
}
