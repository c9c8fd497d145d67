/** Verifications: compares files on this disk with what a link names, without fetching it. Nothing is written. */
import { basename, dirname, resolve } from 'node:path'
import type { Entry } from '../content/entry.ts'
import { judgePath } from '../content/name-verdict.ts'
import { ShoalError, diskError, systemCode } from '../errors.ts'
import type { DoneEvent, VerifyEvent } from '../events.ts'
import { closeAnchor, openAnchor, type Anchor } from '../store/anchor.ts'
import type { Disk } from '../store/disk.ts'
import { findExtras } from '../store/extras.ts'
import { survey, type SurveyInit } from '../store/survey.ts'
import { escapeForDisplay } from '../util/display.ts'
import { Paced } from '../util/rate.ts'
import { Comparison } from './comparison.ts'
import type { FetchPlan } from './plan/fetch-plan.ts'
import { joinPath } from './plan/listing.ts'
import { openPlan } from './plan/open-plan.ts'
import { openLink, type OpenLink, type SearchOptions, type SearchParts } from './swarm/search-options.ts'

/** Between two events that say how far it is, in milliseconds. */
const PROGRESS_INTERVAL_MS = 250

/** How files on this disk are compared with a link. */
export interface VerifyOptions extends SearchOptions {
  /** Told how far it is, and of each file or folder that differs. */
  onEvent?: (event: VerifyEvent) => void
}

/** What was compared and found the same. */
export type VerifyResult = Omit<DoneEvent, 'type'>

export interface VerifyServiceInit extends SearchParts {
  readonly disk: Disk
}

export class VerifyService {
  readonly #init: VerifyServiceInit

  constructor(init: VerifyServiceInit) {
    this.#init = init
  }

  /**
   * Resolves when everything that the link names lies at `path`: kinds, sizes and bytes; times and executable bits do not
   * count. What lies there besides is told as a warning.
   *
   * @param path of a file or folder that stands for the share itself
   * @throws ShoalError ERR_VERIFY_FAILED after one `bad` event for each file or folder that is missing or differs,
   *   ERR_SOURCE_MISSING, ERR_PERMISSION, ERR_DISK, ERR_WRONG_KEY, ERR_CONTENT_INVALID, ERR_LIMIT, ERR_NO_PROVIDER,
   *   ERR_CONTENT_GONE, as `parseLink`; the signal's reason on abort
   */
  async verify(path: string, text: string, options: VerifyOptions = {}): Promise<VerifyResult> {
    const { clock } = this.#init.seams
    const startedMs = clock.monotonic()
    const local = resolve(path)
    await using open = openLink(this.#init, text, options)
    await this.#refuseMissing(local)
    const plan = await openPlan({ ...open, path: joinPath(open.link), workers: this.#init.workers })
    const openedMs = clock.monotonic()
    const bad = await this.#findBad(plan, local, open, options)
    open.signal.throwIfAborted()
    const { disk } = this.#init
    const { entries } = plan
    for await (const extra of findExtras({ disk, root: local, entries, isHere: (i) => !bad.has(i) })) {
      const message = `${escapeForDisplay(extra)} is not in the share`
      options.onEvent?.({ type: 'warning', code: 'WARN_NOT_IN_SHARE', message })
    }
    refuseBad(plan, bad, options)
    const nowMs = clock.monotonic()
    const bytes = bytesOf(plan)
    const result = {
      root: open.link.root.toString(),
      path: local,
      bytes,
      seconds: (nowMs - startedMs) / 1_000,
      transferSeconds: (nowMs - openedMs) / 1_000,
      bytesFetched: open.reader.bytesFetched,
      bytesReused: bytes,
    }
    options.onEvent?.({ type: 'done', ...result })
    return result
  }

  async #refuseMissing(path: string): Promise<void> {
    const shown = escapeForDisplay(path)
    const facts = await this.#init.disk.facts(path).catch((error: unknown) => {
      throw diskError(error, `reading ${shown}`)
    })
    if (facts === undefined) {
      throw new ShoalError('ERR_SOURCE_MISSING', `there is no file or folder ${shown}`)
    }
  }

  /** Indexes of the entries that differ; 0 stands for the share itself when it has none. */
  async #findBad(
    plan: FetchPlan,
    root: string,
    { signal, reader }: OpenLink,
    { onEvent }: VerifyOptions,
  ): Promise<Set<number>> {
    const { entries, blocks } = plan
    const { workers } = this.#init
    const total = bytesOf(plan)
    const progress = new Paced<number>(this.#init.seams, PROGRESS_INTERVAL_MS, (compared) => {
      onEvent?.({ type: 'hashing', bytes: compared, total })
    })
    let bytes = 0
    const onCompared = (more: number): void => progress.tell((bytes += more))
    let within: Anchor | undefined
    try {
      within = openPlace(plan, root)
      if (within === undefined) return new Set(entries.length === 0 ? [0] : entries.keys())
      const pathOf = ({ path }: Entry): string => (path === '' ? basename(root) : path)
      const place = { within, entries, pathOf, workers, signal }
      const bad = await findUnlike(place)
      if (bad.size === entries.length) return bad
      await new Comparison({ ...place, blocks, bad, reader, onCompared }).run()
      progress.flush()
      return bad
    } catch (error) {
      throw diskError(error, `reading ${escapeForDisplay(root)}`)
    } finally {
      progress.cancel()
      if (within !== undefined) closeAnchor(within)
    }
  }
}

/** Opens the folder in which the paths of the entries lie; undefined when what stands for the share is none. */
function openPlace({ kind }: FetchPlan, root: string): Anchor | undefined {
  if (kind === 'file') return openAnchor(dirname(root))
  try {
    return openAnchor(root, true)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined
    throw error
  }
}

/** Indexes of the entries of which nothing of the same kind and size is in their place. */
async function findUnlike(place: SurveyInit): Promise<Set<number>> {
  const { entries } = place
  // A name that no fetch would take cannot be here, and must not lead elsewhere.
  const isSafe = ({ path }: Entry): boolean => path === '' || judgePath(path).verdict !== 'unsafe'
  const bad = new Set<number>()
  const safe: number[] = []
  for (const [i, entry] of entries.entries()) {
    if (isSafe(entry)) safe.push(i)
    else bad.add(i)
  }
  for await (const seen of survey(place, safe)) {
    const { kind, size } = entries[seen.index] as Entry
    if (seen.kind !== kind || (kind === 'file' && seen.size !== size)) bad.add(seen.index)
  }
  return bad
}

function bytesOf({ entries }: FetchPlan): number {
  return entries.reduce((sum, { size }) => sum + size, 0)
}

function refuseBad({ entries, name }: FetchPlan, bad: ReadonlySet<number>, { onEvent }: VerifyOptions): void {
  if (bad.size === 0) return
  for (const i of [...bad].sort((a, b) => a - b)) {
    const path = entries[i]?.path ?? ''
    onEvent?.({ type: 'bad', path: path === '' ? name : path })
  }
  const all = Math.max(1, entries.length)
  throw new ShoalError(
    'ERR_VERIFY_FAILED',
    `${bad.size} of ${all} ${all === 1 ? 'entry' : 'entries'} of "${escapeForDisplay(name)}" differ or are missing`,
  )
}
