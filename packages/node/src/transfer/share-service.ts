/** Shares: makes one of a path or several, serves it, and says what becomes of it. */
import type { ReadyEvent, ReceiversEvent, ServedEvent, WarningEvent } from '../events.ts'
import type { BlockWorkers } from '../store/block-workers.ts'
import type { Disk } from '../store/disk.ts'
import type { StoredRow } from '../store/index-jobs.ts'
import { lookupKey, type ShareSpec } from '../store/share-lookup.ts'
import { makeShare, type FoundShare, type MadeShare } from '../store/share-maker.ts'
import type { ShareStore } from '../store/share-store.ts'
import { shareName, sharedPaths } from '../store/shared-paths.ts'
import { Paced } from '../util/rate.ts'
import type { Seams } from '../util/seams.ts'
import { Turns } from '../util/turns.ts'
import { Holding, type HoldingInit } from './serving/holding.ts'
import {
  knownShare,
  notShared,
  type KnownShare,
  type ListSharesOptions,
  type UnshareOptions,
} from './known-share.ts'
import { LiveShare, type ShareHolder } from './serving/live-shares.ts'
import { refuseInvalid, type ServeOptions, type Share, type ShareOptions } from './share-options.ts'
import { linksOf, type LinkHost } from './share-link.ts'
import { offlineWarning } from './offline.ts'
import type { RateLimits, WorkLimits } from './rates/rate-limits.ts'
import { begunSeed, type BegunSeed, type SeedOptions } from './serving/begun-seed.ts'
import type { ShareRegistry } from './serving/share-registry.ts'
import type { UploadService } from './serving/upload-service.ts'

/** Between two `hashing` events, in milliseconds. */
const HASHING_INTERVAL_MS = 250
const UNSHARED = 'this was unshared: its link no longer works'

export interface ShareServiceInit extends LinkHost {
  readonly registry: ShareRegistry
  readonly uploads: UploadService
  readonly store: ShareStore
  readonly rates: RateLimits
  readonly hasNetwork: () => boolean
  /** What was found out about the home; told to the first who shares. */
  readonly notices: WarningEvent[]
  readonly workers: BlockWorkers
  readonly disk: Disk
  readonly seams: Seams
}

export class ShareService {
  readonly #init: ShareServiceInit
  readonly #live = new Map<string, LiveShare>()
  readonly #turns = new Turns()

  constructor(init: ShareServiceInit) {
    this.#init = init
  }

  /** @throws ShoalError as `sharedPaths` and `makeShare`, ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION */
  async share(paths: string | readonly string[], options: ShareOptions = {}): Promise<Share> {
    const { signal, onEvent } = options
    refuseInvalid(options)
    const offline = offlineWarning(this.#init)
    if (offline !== undefined) onEvent?.(offline)
    for (const notice of this.#init.notices.splice(0)) onEvent?.(notice)
    const spec = specOf(paths, options)
    const turn = turnOf(lookupKey(spec))
    // Two at once would find no share of each other, and make two links of one thing.
    return await this.#turns.run(turn, signal, async () =>
      this.#serve(await this.#make(spec, options), options),
    )
  }

  /** Records what was fetched as a share, and serves it. */
  async adopt(spec: ShareSpec, made: MadeShare, options: SeedOptions): Promise<BegunSeed> {
    const lookup = lookupKey(spec)
    return await this.#turns.run(turnOf(lookup), undefined, async () => {
      const rows = await this.#init.store.byRoot(made.root.toString())
      const same = rows.find((row) => turnOf(row.lookup) === turnOf(lookup))
      const id = same?.id ?? (await this.#init.store.add(spec, made))
      const known = { ...made, id }
      if (same !== undefined) await this.#init.store.goOn(spec, { made: known, wasRead: true })
      const live = this.#live.get(id) ?? this.#begin(id, known)
      live.goOn(known)
      const { onEvent, ...rest } = options
      const holding = this.#hold(live, { ...rest, onEvent: (event) => onEvent?.(event) })
      return begunSeed(live.source, holding)
    })
  }

  /**
   * Serves again what was shared before, as it was recorded: nothing is walked or hashed. Of several shares of one root it is
   * the newest, and before that one whose files are as they were.
   *
   * @throws ShoalError ERR_NOT_SHARED, ERR_DISK, ERR_PERMISSION
   */
  async serve(root: string, options: ServeOptions = {}): Promise<Share> {
    const { store } = this.#init
    const { signal } = options
    refuseInvalid(options)
    signal?.throwIfAborted()
    const rows = (await store.byRoot(root)).toReversed()
    const row = rows.find(({ isStale }) => !isStale) ?? rows[0]
    if (row === undefined) throw notShared()
    return await this.#turns.run(turnOf(row.lookup), signal, async () => {
      const live = this.#live.get(row.id)
      if (live !== undefined) return this.#serve(live, options)
      // It may have been removed while this waited for its turn.
      const isKnown = (await store.byRoot(root)).some(({ id }) => id === row.id)
      const made = isKnown ? await store.restore(row) : undefined
      signal?.throwIfAborted()
      if (made === undefined) throw notShared()
      return this.#serve(this.#begin(row.id, made), options)
    })
  }

  /** What this home shares or shared, in the order in which it was made. */
  async *list(options: ListSharesOptions = {}): AsyncGenerator<KnownShare> {
    const { signal } = options
    signal?.throwIfAborted()
    for (const notice of this.#init.notices) options.onEvent?.(notice)
    const among = options.activeOnly === true ? [...this.#live.keys()] : undefined
    const linkTo = linksOf(this.#init)
    try {
      for await (const row of this.#init.store.list(among)) {
        signal?.throwIfAborted()
        yield knownShare(row, linkTo, this.#live.has(row.id))
      }
    } catch (error) {
      // A node that stops closes the index.
      signal?.throwIfAborted()
      throw error
    }
  }

  /**
   * Ends all shares of a root and forgets them: their link no longer works.
   *
   * @throws ShoalError ERR_NOT_SHARED, ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION
   */
  async unshare(root: string, { signal }: UnshareOptions = {}): Promise<KnownShare[]> {
    const { store } = this.#init
    signal?.throwIfAborted()
    const rows = await store.byRoot(root)
    if (rows.length === 0) throw notShared()
    const linkTo = linksOf(this.#init)
    const known = rows.map((row) => knownShare(row, linkTo, this.#live.has(row.id)))
    for (const row of rows) await this.#turns.run(turnOf(row.lookup), signal, () => this.#remove(row))
    return known
  }

  /** Resolves when what was found out while serving is kept. */
  async settle(): Promise<void> {
    await Promise.all([...this.#live.values()].map((live) => live.noted))
  }

  /** The share of some paths, recorded: one that was made before, or a new one. */
  async #make(spec: ShareSpec, options: ShareOptions): Promise<LiveShare> {
    const { disk, seams, workers, store } = this.#init
    const { onEvent, signal } = options
    const hashing = new Paced<[number, number]>(seams, HASHING_INTERVAL_MS, ([bytes, total]) => {
      onEvent?.({ type: 'hashing', bytes, total })
    })
    const onProgress = (bytes: number, total: number): void => hashing.tell([bytes, total])
    const aborts = signal === undefined ? {} : { signal }
    const different = new Set<string>()
    let found: FoundShare | undefined
    const findSame: Parameters<typeof makeShare>[0]['findSame'] = async (walked) => {
      found = await store.findSame(spec, walked, {
        workers,
        onProgress,
        served: (id) => this.#live.get(id)?.made,
        onDifferent: (id) => different.add(id),
        ...aborts,
      })
      return found
    }
    let made: MadeShare
    try {
      made = await makeShare({
        ...spec,
        disk,
        workers,
        random: seams.random,
        skipUnreadable: options.skipUnreadable ?? false,
        onWarning: (warning) => onEvent?.({ type: 'warning', ...warning }),
        onProgress,
        ...(options.fresh === true ? {} : { findSame }),
        ...aborts,
      })
    } finally {
      hashing.cancel()
    }
    signal?.throwIfAborted()
    if (found?.made === made) {
      await store.goOn(spec, found)
      different.delete(made.id as string)
    }
    const id = made.id ?? (await store.add(spec, made))
    // Only now: while there is no new link, the old one is all there is.
    for (const other of different) await this.#outdate(other)
    const live = this.#live.get(id)
    if (live === undefined) return this.#begin(id, made)
    live.goOn(made)
    return live
  }

  async #remove(row: StoredRow): Promise<void> {
    const live = this.#live.get(row.id)
    for (const holder of live?.holders ?? []) holder.onRemoved()
    if (live !== undefined) await this.#end(live)
    await this.#init.store.remove([row])
  }

  async #outdate(id: string): Promise<void> {
    await this.#init.store.setStale(id, true)
    this.#live.get(id)?.outdated()
  }

  #begin(id: string, made: MadeShare): LiveShare {
    const { registry, store, workers, disk } = this.#init
    const setStale = (isStale: boolean): Promise<void> => store.setStale(id, isStale)
    const live = new LiveShare({ id, made: { ...made, id }, workers, disk, setStale })
    this.#live.set(id, live)
    registry.add(live.source)
    return live
  }

  async #end(live: LiveShare): Promise<void> {
    if (!this.#live.delete(live.id)) return
    const { registry, uploads } = this.#init
    if (registry.remove(live.source)) await uploads.stop(live.source.root.toString())
    await live.noted
  }

  /** Serves a share for one more caller. */
  #serve(live: LiveShare, { onEvent, signal, times, up = 0, down }: ServeOptions): Share {
    const ready = this.#describe(live.made)
    const { link, root, name, kind, bytes, files, sealed } = ready
    const holding = this.#hold(live, {
      onEvent: (event) => onEvent?.(event),
      limits: { up, down },
      ...(signal === undefined ? {} : { signal }),
      ...(times === undefined ? {} : { times }),
    })
    onEvent?.(ready)
    holding.begin()
    const { stop, ended } = holding
    return { link, root, name, kind, bytes, files, sealed, stop, ended }
  }

  #hold(
    live: LiveShare,
    {
      onEvent,
      limits,
      ...options
    }: HoldOptions & Pick<HoldingInit, 'sentBefore' | 'times' | 'signal' | 'watch'>,
  ): Holding {
    const { seams, uploads, rates } = this.#init
    const unlimit = rates.add(live.source.root.toString(), limits)
    const holder: ShareHolder = {
      onEvent,
      onRemoved: () => {
        onEvent({ type: 'warning', code: 'WARN_UNSHARED', message: UNSHARED })
        holding.removed()
      },
    }
    const holding = new Holding({
      ...options,
      source: live.source,
      uploads,
      seams,
      onServed: onEvent,
      onStop: async () => {
        live.holders.delete(holder)
        if (live.holders.size === 0) await this.#end(live)
      },
    })
    live.holders.add(holder)
    void holding.ended.then(unlimit)
    return holding
  }

  #describe(made: MadeShare): ReadyEvent {
    const { root, name, kind, bytes, files, key } = made
    return {
      type: 'ready',
      link: linksOf(this.#init)(made),
      root: root.toString(),
      name,
      kind,
      bytes,
      files,
      sealed: key !== undefined,
      addresses: this.#init.addresses(),
    }
  }
}

interface HoldOptions {
  readonly onEvent: (event: ServedEvent | ReceiversEvent | WarningEvent) => void
  readonly limits: WorkLimits
}

function turnOf(lookup: Uint8Array): string {
  return Buffer.from(lookup).toString('hex')
}

function specOf(given: string | readonly string[], options: ShareOptions): ShareSpec {
  const paths = sharedPaths(given)
  const isPublic = options.public ?? false
  return {
    paths,
    name: options.name ?? shareName(paths),
    isPublic,
    preserve: isPublic && (options.preserve ?? false),
    exclude: options.exclude ?? [],
  }
}
