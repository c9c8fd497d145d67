/** Verifications: compares files on this disk with what a link names, without fetching it. Nothing is written. */
import { basename, dirname, resolve } from 'node:path'
import type { Entry } from '../content/entry.ts'
import { ShoalError, diskError } from '../errors.ts'
import type { DoneEvent, VerifyEvent } from '../events.ts'
import { closeAnchor, openAnchor, type Anchor } from '../store/anchor.ts'
import type { Disk } from '../store/disk.ts'
import { LocalTree } from '../store/local-tree.ts'
import { escapeForDisplay } from '../util/display.ts'
import { orderedMap } from '../util/ordered-map.ts'
import { Paced } from '../util/rate.ts'
import { Comparison } from './comparison.ts'
import type { FetchPlan } from './fetch-plan.ts'
import { joinPath } from './listing.ts'
import { openPlan } from './open-plan.ts'
import { openLink, type OpenLink, type SearchOptions, type SearchParts } from './search-options.ts'

/** Between two events that say how far it is, in milliseconds. */
const PROGRESS_INTERVAL_MS = 250
/** Files whose facts are asked of the disk at once. */
const FACTS_AT_ONCE = 16

export interface VerifyOptions extends SearchOptions {
  onEvent?: (event: VerifyEvent) => void
}

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
    const tree = new LocalTree(this.#init.disk, local)
    await this.#refuseMissing(local)
    const plan = await openPlan({ ...open, path: joinPath(open.link), workers: this.#init.workers })
    const openedMs = clock.monotonic()
    const bad = await this.#findBad(plan, tree, open, options)
    open.signal.throwIfAborted()
    for await (const extra of tree.extras(plan.entries)) {
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

  /** Indexes of the entries that differ. */
  async #findBad(
    plan: FetchPlan,
    tree: LocalTree,
    { signal, reader }: OpenLink,
    { onEvent }: VerifyOptions,
  ): Promise<Set<number>> {
    const { entries, blocks, kind } = plan
    const bad = new Set<number>()
    const likes = orderedMap(entries.entries(), FACTS_AT_ONCE, async ([i, entry]) => {
      signal.throwIfAborted()
      return { i, isLike: await tree.hasLike(entry) }
    })
    for await (const { i, isLike } of likes) if (!isLike) bad.add(i)
    // An empty folder has no entry that could tell that a file stands in its place.
    if (entries.length === 0 && !(await tree.isFolder(''))) bad.add(0)
    if (bad.size >= entries.length) return bad
    const total = bytesOf(plan)
    const progress = new Paced<number>(this.#init.seams, PROGRESS_INTERVAL_MS, (compared) => {
      onEvent?.({ type: 'hashing', bytes: compared, total })
    })
    let bytes = 0
    const onCompared = (more: number): void => progress.tell((bytes += more))
    const root = tree.pathOf('')
    const { workers } = this.#init
    let within: Anchor | undefined
    try {
      within = openAnchor(kind === 'folder' ? root : dirname(root))
      const pathOf = ({ path }: Entry): string => (path === '' ? basename(root) : path)
      const init = { blocks, entries, bad, within, pathOf, reader, workers, onCompared, signal }
      await new Comparison(init).run()
      progress.flush()
    } catch (error) {
      throw diskError(error, `reading ${escapeForDisplay(root)}`)
    } finally {
      progress.cancel()
      if (within !== undefined) closeAnchor(within)
    }
    return bad
  }
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
