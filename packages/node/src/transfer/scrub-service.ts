/**
 * Scrubbing: reads everything back that this home shares, and puts right from other devices what the disk no longer holds as it
 * was. What somebody changed is no damage: it is left as it is, and the share is told to be stale.
 */
import { encodeLink } from '../content/link.ts'
import { ShoalError, isShoalError } from '../errors.ts'
import type { DamagedEvent, ScrubEvent, ScrubbedEvent, WarningEvent } from '../events.ts'
import { sameVersion, type Disk, type FileFacts } from '../store/disk.ts'
import type { StoredRow } from '../store/index-jobs.ts'
import { isHalfRepaired, type RepairNote } from '../store/repair-note.ts'
import { RepairSink } from '../store/repair-sink.ts'
import { isAsPromised } from '../store/share-continuation.ts'
import type { MadeShare } from '../store/share-maker.ts'
import { blocksOfFiles, filesOfBlock } from '../store/share-plan.ts'
import type { WalkedEntry } from '../store/walk-facts.ts'
import { orderedMap } from '../util/ordered-map.ts'
import { Paced } from '../util/rate.ts'
import { Bucket } from '../util/bucket.ts'
import { delay } from '../util/seams.ts'
import { Turns } from '../util/turns.ts'
import { DEFAULT_WAIT_MS, openLink, type SearchParts } from './swarm/search-options.ts'
import { SWARM_LIMITS } from './swarm/swarm-limits.ts'

/** Between two events that say how far it is, in milliseconds. */
const PROGRESS_INTERVAL_MS = 250
/** What is read at once when it goes by a rate, in bytes. */
const BURST_BYTES = 4_194_304

/** What is scrubbed. */
export interface ScrubOptions {
  /** Only the shares of this root. @defaultValue everything that the home shares or shared */
  root?: string
  /** Most that is read, in bytes per second; 0 = no limit. @defaultValue 0 */
  rate?: number
  /** How long somebody is looked for who has what is damaged, in milliseconds; 0 = for ever. @defaultValue 30_000 */
  waitMs?: number
  /** Multiaddrs with peer ids to ask for what is damaged, besides those of the node. @defaultValue [] */
  peers?: readonly string[]
  /** Told how far it is, and of what is damaged. */
  onEvent?: (event: ScrubEvent | DamagedEvent | WarningEvent) => void
  /** Ends it; what was repaired stays so. */
  signal?: AbortSignal
}

/** The rest of what was begun before. */
export interface ScrubPart {
  /** Shares up to this place in their order are left out. */
  readonly after: number
  /** Told of each share that is through, by its place. */
  readonly onShare: (seq: number) => Promise<void>
}

/** What came of it. */
export type ScrubResult = Omit<ScrubbedEvent, 'type'>

/** The shares of the home. */
export interface ScrubbedShares {
  /** In the order in which they were made. */
  rows: (root?: string) => AsyncIterable<StoredRow>
  /** The share of a record; undefined when it is lost. */
  find: (row: StoredRow) => Promise<MadeShare | undefined>
  /** Files hold what was shared again, under the facts that they have now. */
  repaired: (id: string, made: MadeShare, isSound: boolean) => Promise<void>
  /** Nobody else is to look at its files until what it returns is called. */
  leaveAlone: (id: string) => () => void
  /** Some blocks are not what was shared. */
  changed: (row: StoredRow, blocks: readonly number[]) => Promise<void>
}

export interface ScrubServiceInit extends SearchParts {
  readonly shares: ScrubbedShares
  readonly disk: Disk
  readonly note: RepairNote
}

interface Tally {
  shares: number
  bytes: number
  damaged: number
  repaired: number
}

export class ScrubService {
  readonly #init: ScrubServiceInit
  readonly #turns = new Turns()

  constructor(init: ScrubServiceInit) {
    this.#init = init
  }

  /**
   * @throws ShoalError ERR_NOT_SHARED, ERR_DISK, ERR_PERMISSION; the signal's reason on abort
   */
  async scrub(options: ScrubOptions = {}, part?: ScrubPart): Promise<ScrubResult> {
    // One after the other: two repairs of one file would each find that the other changed it.
    return await this.#turns.run('', options.signal, () => this.#scrub(options, part))
  }

  async #scrub(options: ScrubOptions, part: ScrubPart | undefined): Promise<ScrubResult> {
    const { root, signal } = options
    const tally: Tally = { shares: 0, bytes: 0, damaged: 0, repaired: 0 }
    for await (const row of this.#init.shares.rows(root)) {
      signal?.throwIfAborted()
      if (row.seq <= (part?.after ?? 0)) continue
      const made = await this.#init.shares.find(row)
      if (made !== undefined) await this.#scrubShare(row, made, options, tally)
      await part?.onShare(row.seq)
    }
    if (root !== undefined && tally.shares === 0) {
      throw new ShoalError('ERR_NOT_SHARED', 'nothing of this home has that link')
    }
    return tally
  }

  async #scrubShare(row: StoredRow, made: MadeShare, options: ScrubOptions, tally: Tally): Promise<void> {
    const { shares, note } = this.#init
    const bad = await this.#findBad(made, options, tally)
    tally.shares++
    if (bad.length === 0) return
    const known = (await note.read()) === row.id ? await this.#withOwnChanges(made) : made
    const damaged: number[] = []
    const changed: number[] = []
    const factsOf = new Map(known.entries.map(({ source, facts }) => [source, facts]))
    for (const block of bad) ((await this.#isDamage(known, block, factsOf)) ? damaged : changed).push(block)
    if (damaged.length === 0) {
      await shares.changed(row, changed)
      return
    }
    const letGo = shares.leaveAlone(row.id)
    try {
      await note.begin(row.id)
      const sink = await this.#repair(known, damaged, options)
      const left = [...changed, ...damaged.filter((block) => !sink.repaired.has(block))]
      // Also where not all of it is: what was put back is no change that somebody made.
      if (sink.repaired.size > 0) {
        await sink.sync()
        await shares.repaired(row.id, { ...made, entries: sink.entries }, left.length === 0)
      }
      await note.end()
      tally.damaged += damaged.length
      tally.repaired += sink.repaired.size
      if (left.length > 0) await shares.changed(row, left)
      this.#tell(made, damaged, sink.repaired, options)
    } finally {
      letGo()
    }
  }

  /** A repair of this share broke off: its files may have another time of change, which is none that somebody made. */
  async #withOwnChanges(made: MadeShare): Promise<MadeShare> {
    const entries = made.entries.map(async (entry) => {
      if (entry.kind === 'folder') return entry
      const now = await this.#init.disk.facts(entry.source).catch(() => undefined)
      return now !== undefined && isHalfRepaired(entry.facts, now) ? { ...entry, facts: now } : entry
    })
    return { ...made, entries: await Promise.all(entries) }
  }

  /** Blocks that are not what was shared. */
  async #findBad(made: MadeShare, options: ScrubOptions, tally: Tally): Promise<number[]> {
    const { workers, seams } = this.#init
    const { rate = 0, signal, onEvent } = options
    const { plan, entries, root, name, bytes: total } = made
    const before = tally.bytes
    const progress = new Paced<number>(seams, PROGRESS_INTERVAL_MS, (bytes) => {
      onEvent?.({ type: 'scrub', root: root.toString(), name, bytes, total })
    })
    const pace = rate > 0 ? new Bucket(seams.clock, rate, Math.max(rate, BURST_BYTES)) : undefined
    // Of one that goes by a rate no more is under way than what is due.
    const atOnce = pace === undefined ? workers.concurrency : 1
    const bad: number[] = []
    const looks = orderedMap(
      blocksOfFiles(plan, entries, () => true),
      atOnce,
      async (block) => {
        signal?.throwIfAborted()
        const look = await isAsPromised(plan, block, workers)
        return { block, ...look }
      },
    )
    try {
      for await (const { block, isEqual, length } of looks) {
        if (!isEqual) bad.push(block)
        tally.bytes += length
        progress.tell(Math.min(total, tally.bytes - before))
        pace?.take(length)
        const waitMs = pace?.msUntil(0) ?? 0
        if (waitMs > 0) await delay(seams.timers, waitMs, signal)
      }
      progress.flush()
    } finally {
      progress.cancel()
    }
    return bad
  }

  /** Nobody changed a file whose facts are those under which it was shared: then it is the disk that did. */
  async #isDamage(
    { plan }: MadeShare,
    block: number,
    factsOf: ReadonlyMap<string, FileFacts>,
  ): Promise<boolean> {
    for (const { source, facts } of filesOfBlock(plan, block)) {
      const now = await this.#init.disk.facts(source).catch(() => undefined)
      if (now === undefined || !sameVersion(now, factsOf.get(source) ?? facts)) return false
    }
    return true
  }

  /** Gets what is damaged from others, as far as anybody has it. */
  async #repair(
    made: MadeShare,
    damaged: readonly number[],
    { waitMs = DEFAULT_WAIT_MS, peers = [], signal, onEvent }: ScrubOptions,
  ): Promise<RepairSink> {
    const { plan, entries, root, key, name, bytes } = made
    const sink = new RepairSink({ plan, entries, workers: this.#init.workers })
    const hints = { name, size: bytes }
    const text = encodeLink({ root, hints, ...(key === undefined ? {} : { key }) })
    // What is damaged here would be refused by this device, too.
    const parts = { ...this.#init, dialSelf: () => undefined }
    const options = { waitMs, peers, ...(signal === undefined ? {} : { signal }) }
    try {
      await using open = openLink(parts, text, options, SWARM_LIMITS.maxSessions)
      await open.reader.getBlocks(sink, damaged)
    } catch (error) {
      signal?.throwIfAborted()
      if (!isShoalError(error)) throw error
      const message = `what is damaged of ${name} could not be repaired: ${error.message}`
      onEvent?.({ type: 'warning', code: 'WARN_NOT_REPAIRED', message })
    }
    return sink
  }

  /** One event for each file. */
  #tell(
    { plan, root, name }: MadeShare,
    damaged: readonly number[],
    repaired: ReadonlySet<number>,
    { onEvent }: ScrubOptions,
  ): void {
    const files = new Map<WalkedEntry, { blocks: number; repaired: number }>()
    for (const block of damaged) {
      for (const file of filesOfBlock(plan, block)) {
        const counts = files.get(file) ?? { blocks: 0, repaired: 0 }
        counts.blocks++
        if (repaired.has(block)) counts.repaired++
        files.set(file, counts)
      }
    }
    for (const [{ path }, counts] of files) {
      onEvent?.({ type: 'damaged', root: root.toString(), path: path === '' ? name : path, ...counts })
    }
  }
}
