/**
 * Notices that files which are shared were changed, moved or deleted, before anybody asks for them: looks at the facts of all, one
 * after the other and round after round, and reads back what has others than before. Notifications of the system would need one
 * watch for each folder, of which there may be more than it gives.
 */
import type { Disk, FileFacts } from '../store/disk.ts'
import { sameVersion } from '../store/disk.ts'
import type { BlockWorkers } from '../store/block-workers.ts'
import { isAsPromised } from '../store/share-continuation.ts'
import type { MadeShare } from '../store/share-maker.ts'
import { blocksOfFiles } from '../store/share-plan.ts'
import type { WalkedEntry } from '../store/walk-facts.ts'
import { Bucket } from '../util/bucket.ts'
import { delay, type Seams } from '../util/seams.ts'

/** How long after the start the first round begins: a node that starts has something better to do. In milliseconds. */
export const WATCH_START_MS = 5_000
/** Between the end of a round and the beginning of the next, in milliseconds. */
export const WATCH_ROUND_MS = 30_000
/** Most files that are looked at in a second: some 2 % of a processor. */
export const WATCH_FILES_PER_SECOND = 500

/** A share that is served now. */
export interface WatchedShare {
  readonly made: MadeShare
}

export interface WatchedShares<S extends WatchedShare> {
  served: () => Iterable<S>
  /** Files that were touched hold what was shared. `isSound`: and so does everything else that was looked at. */
  untouched: (share: S, made: MadeShare, isSound: boolean) => Promise<void>
  /** A block is not what was shared; undefined: a file without bytes is gone. */
  changed: (share: S, block: number | undefined) => Promise<void>
}

export interface SourceWatchInit<S extends WatchedShare> {
  readonly shares: WatchedShares<S>
  readonly disk: Pick<Disk, 'facts'>
  readonly workers: BlockWorkers
  readonly seams: Pick<Seams, 'clock' | 'timers'>
}

/** How a file was when it was last found to be other than shared; undefined: gone. */
type Judged = Map<string, FileFacts | undefined>

export class SourceWatch<S extends WatchedShare> {
  readonly #init: SourceWatchInit<S>
  readonly #stop = new AbortController()
  readonly #judged = new WeakMap<S, Judged>()
  #running: Promise<void> | undefined

  constructor(init: SourceWatchInit<S>) {
    this.#init = init
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Resolves when nothing is looked at any more. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    const { timers } = this.#init.seams
    try {
      await delay(timers, WATCH_START_MS, signal)
      for (;;) {
        // What fails now, such as a disk that is away, is looked at again in the next round.
        await this.round().catch(() => {})
        await delay(timers, WATCH_ROUND_MS, signal)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** Looks at every file of every share once. */
  async round(): Promise<void> {
    const { clock } = this.#init.seams
    const pace = new Bucket(clock, WATCH_FILES_PER_SECOND, WATCH_FILES_PER_SECOND)
    for (const share of this.#init.shares.served()) await this.#look(share, pace)
  }

  async #look(share: S, pace: Bucket): Promise<void> {
    const { disk, seams, shares } = this.#init
    const { made } = share
    const judged: Judged = this.#judged.get(share) ?? new Map()
    this.#judged.set(share, judged)
    const touched = new Map<number, FileFacts | undefined>()
    for (const [i, entry] of made.entries.entries()) {
      if (entry.kind === 'folder') continue
      pace.take(1)
      const waitMs = pace.msUntil(0)
      if (waitMs > 0) await delay(seams.timers, waitMs, this.#stop.signal)
      this.#stop.signal.throwIfAborted()
      const now = await disk.facts(entry.source)
      const known = judged.has(entry.source) ? judged.get(entry.source) : entry.facts
      if (!isSame(known, now)) touched.set(i, now)
    }
    if (touched.size === 0) return
    const entries = [...made.entries]
    let bad: { readonly block: number | undefined } | undefined
    let isAnyRight = false
    for (const [i, now] of touched) {
      const entry = made.entries[i] as WalkedEntry
      const block = await this.#badBlock(made, i)
      if (block === undefined && now?.kind === 'file') {
        entries[i] = { ...entry, facts: now }
        judged.delete(entry.source)
        isAnyRight = true
      } else {
        judged.set(entry.source, now)
        bad ??= { block }
      }
    }
    if (isAnyRight) await shares.untouched(share, { ...made, entries }, judged.size === 0)
    if (bad !== undefined) await shares.changed(share, bad.block)
  }

  /** The first block of a file that is not what was shared. A file that only grew has none. */
  async #badBlock({ plan, entries }: MadeShare, index: number): Promise<number | undefined> {
    for (const block of blocksOfFiles(plan, entries, (i) => i === index)) {
      this.#stop.signal.throwIfAborted()
      const { isEqual } = await isAsPromised(plan, block, this.#init.workers)
      if (!isEqual) return block
    }
    return undefined
  }
}

function isSame(a: FileFacts | undefined, b: FileFacts | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameVersion(a, b)
}
