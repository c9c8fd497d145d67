/** Shares: makes one of a path or several, serves it, and says what becomes of it. */
import type { WarningEvent } from '../events.ts'
import type { StoredRow } from '../store/index-jobs.ts'
import { lookupKey, type ShareSpec } from '../store/share-lookup.ts'
import { makeShare, type FoundShare, type MadeShare } from '../store/share-maker.ts'
import type { ShareStore } from '../store/share-store.ts'
import { Paced } from '../util/rate.ts'
import { Turns } from '../util/turns.ts'
import {
  knownShare,
  notShared,
  type KnownShare,
  type ListSharesOptions,
  type UnshareOptions,
} from './known-share.ts'
import type { SharesInUse } from './kept-shares.ts'
import type { LiveShare } from './serving/live-shares.ts'
import { ServedShares, type ServedSharesInit } from './served-shares.ts'
import { refuseInvalid, type ServeOptions, type Share, type ShareOptions } from './share-options.ts'
import { linksOf } from './share-link.ts'
import { specOf } from './share-spec.ts'
import { turnOf } from './share-turn.ts'
import type { ScrubbedShares } from './scrub-service.ts'
import type { WatchedShares } from './source-watch.ts'
import { offlineWarning } from './offline.ts'
import { begunSeed, type BegunSeed, type SeedOptions } from './serving/begun-seed.ts'

/** Between two `hashing` events, in milliseconds. */
const HASHING_INTERVAL_MS = 250
/** Of the shares of one root, how many are looked at for one that is served. */
const MOST_LOOKED_AT = 64

export interface ShareServiceInit extends Omit<ServedSharesInit, 'setStale'> {
  readonly store: ShareStore
  readonly hasNetwork: () => boolean
  /** What was found out about the home; told to the first who shares. */
  readonly notices: WarningEvent[]
}

export class ShareService {
  readonly #init: ShareServiceInit
  readonly #served: ServedShares
  readonly #turns = new Turns()
  /** Shares whose files are written to, which nobody is to take for a change. */
  readonly #leftAlone = new Set<string>()

  constructor(init: ShareServiceInit) {
    this.#init = init
    this.#served = new ServedShares({
      ...init,
      setStale: (id, isStale) => init.store.setStale(id, isStale),
    })
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
      this.#served.serve(await this.#make(spec, options), options),
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
      const live = this.#served.goOn(id, known)
      const { onEvent, ...rest } = options
      const holding = this.#served.hold(live, { ...rest, onEvent: (event) => onEvent?.(event) })
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
    const rows = (await store.byRoot(root)).filter(({ isElsewhere }) => !isElsewhere).toReversed()
    const row = rows.find(({ isStale }) => !isStale) ?? rows[0]
    if (row === undefined) throw notShared()
    return await this.#turns.run(turnOf(row.lookup), signal, async () => {
      const live = this.#served.find(row.id)
      if (live !== undefined) return this.#served.serve(live, options)
      // It may have been removed while this waited for its turn.
      const isKnown = (await store.byRoot(root)).some(({ id }) => id === row.id)
      const made = isKnown ? await store.restore(row) : undefined
      signal?.throwIfAborted()
      if (made === undefined) throw notShared()
      if (row.kept !== null) await store.noteUse(root).catch(() => {})
      return this.#served.serve(this.#served.begin(row.id, made), options)
    })
  }

  /** What this home shares or shared, in the order in which it was made. */
  async *list(options: ListSharesOptions = {}): AsyncGenerator<KnownShare> {
    const { signal } = options
    signal?.throwIfAborted()
    for (const notice of this.#init.notices) options.onEvent?.(notice)
    const among = options.activeOnly === true ? this.#served.ids : undefined
    const linkTo = linksOf(this.#init)
    try {
      for await (const row of this.#init.store.list(among)) {
        signal?.throwIfAborted()
        yield knownShare(row, linkTo, this.#served.find(row.id) !== undefined)
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
    const known = this.#known(rows)
    for (const row of rows) await this.#turns.run(turnOf(row.lookup), signal, () => this.#remove(row))
    return known
  }

  /** Of the shares of a root the newest that is served, else the newest. @throws ShoalError ERR_DISK, ERR_PERMISSION */
  async shareOf(root: string): Promise<KnownShare | undefined> {
    // A home may share the same from very many places.
    const rows = await this.#init.store.newest(root, MOST_LOOKED_AT)
    const row = rows.find(({ id }) => this.#served.find(id) !== undefined) ?? rows[0]
    return row === undefined ? undefined : this.#known([row])[0]
  }

  #known(rows: readonly StoredRow[]): KnownShare[] {
    const linkTo = linksOf(this.#init)
    return rows.map((row) => knownShare(row, linkTo, this.#served.find(row.id) !== undefined))
  }

  /** Everything that this home shares or shared, for who reads it back. */
  get scrubbed(): ScrubbedShares {
    const { store, onChange } = this.#init
    return {
      rows: async function* (root) {
        for await (const row of root === undefined ? store.list() : await store.byRoot(root)) {
          if (!row.isElsewhere) yield row
        }
      },
      find: async (row) => this.#served.find(row.id)?.made ?? (await store.restore(row)),
      repaired: async (id, made, isSound) => {
        await store.noteFacts(id, made.entries, isSound)
        if (this.#served.find(id) !== undefined) this.#served.goOn(id, made)
        onChange(made.root.toString())
      },
      leaveAlone: (id) => {
        this.#leftAlone.add(id)
        return () => this.#leftAlone.delete(id)
      },
      changed: async ({ id, root }, [block]) => {
        const live = this.#served.find(id)
        // As if a peer had asked for it, whoever shares it is told.
        if (live !== undefined && block !== undefined) await live.source.readBlock(block)
        else await store.setStale(id, true)
        onChange(root)
      },
    }
  }

  /** What is served now, for who notices what becomes of its files. */
  get watched(): WatchedShares<LiveShare> {
    const { store, onChange } = this.#init
    return {
      served: () =>
        this.#served.ids.flatMap((id) => (this.#leftAlone.has(id) ? [] : (this.#served.find(id) ?? []))),
      untouched: async ({ id }, made, isSound) => {
        await store.noteFacts(id, made.entries, isSound)
        if (isSound) this.#served.goOn(id, made)
      },
      changed: async (live, block) => {
        // As if a peer had asked for it, whoever shares it is told.
        if (block !== undefined) await live.source.readBlock(block)
        else await store.setStale(live.id, true)
        onChange(live.source.root.toString())
      },
    }
  }

  /**
   * Keeps what lies in the home for shares of a root as long as nobody removes it, or lets it go when there is no more room.
   *
   * @throws ShoalError ERR_NOT_SHARED, ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION
   */
  async setPinned(root: string, isPinned: boolean): Promise<KnownShare[]> {
    const { store, onChange } = this.#init
    await store.setPinned(root, isPinned)
    const rows = await store.byRoot(root)
    if (rows.length === 0) throw notShared()
    onChange(root)
    return this.#known(rows)
  }

  /** Which shares are in use, for who removes others. */
  get inUse(): SharesInUse {
    return { served: this.#served, turns: this.#turns, leftAlone: this.#leftAlone }
  }

  /** Shares that are served now, and how many of them are stale. */
  get sizes(): ServedShares['sizes'] {
    return this.#served.sizes
  }

  /** Resolves when what was found out while serving is kept. */
  async settle(): Promise<void> {
    await this.#served.settle()
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
        served: (id) => this.#served.find(id)?.made,
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
    return this.#served.goOn(id, made)
  }

  async #remove(row: StoredRow): Promise<void> {
    await this.#served.removed(row.id)
    await this.#init.store.remove([row])
    this.#init.onChange(row.root)
  }

  async #outdate(id: string): Promise<void> {
    const { store, onChange } = this.#init
    await store.setStale(id, true)
    this.#served.find(id)?.outdated()
    for await (const { root } of store.list([id])) onChange(root)
  }
}
