/** Shares: makes one of a path or several, serves it, and says what becomes of it. */
import type { ReadyEvent, ShareEvent, WarningEvent } from '../events.ts'
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
import {
  knownShare,
  notShared,
  type KnownShare,
  type ListSharesOptions,
  type UnshareOptions,
} from './known-share.ts'
import { LiveShare, type ShareHolder } from './live-shares.ts'
import { linksOf, type LinkHost } from './share-link.ts'
import { offlineWarning } from './offline.ts'
import type { RateLimits } from './rate-limits.ts'
import type { ShareRegistry } from './share-registry.ts'
import type { UploadService } from './upload-service.ts'

/** Between two `hashing` events, in milliseconds. */
const HASHING_INTERVAL_MS = 250
/** Between two `served` events, in milliseconds. */
const SERVED_INTERVAL_MS = 1_000
const UNSHARED = 'this was unshared: its link no longer works'

/** How something is shared. */
export interface ShareOptions {
  /** What the share is called. @defaultValue the last part of the path; `shared` for several */
  name?: string
  /** Plain UnixFS that anyone who knows the root can read, instead of sealed. @defaultValue false */
  public?: boolean
  /** Public only: keep times and executable bits; this changes the root. @defaultValue false */
  preserve?: boolean
  /** Leave out what cannot be read instead of failing. @defaultValue false */
  skipUnreadable?: boolean
  /**
   * Patterns of what to leave out of a folder, relative to it (docs/patterns.md): at most 1,000, of at most 1,024
   * characters each and 65,536 together. A folder that matches is not entered. `.shoalignore` files hold besides.
   * @defaultValue []
   */
  exclude?: readonly string[]
  /** Make a new link even if the same was shared before. @defaultValue false */
  fresh?: boolean
  /**
   * Most that is sent of this share, in bytes per second; 0 = no limit (docs/limits.md). Where the same is shared more than
   * once, the one that may send most stands above the others. @defaultValue 0
   */
  up?: number
  /** Most that is received for this share, which is what others ask with; as `up`. @defaultValue none of its own */
  down?: number
  /** Told of everything that happens, from hashing on until the share is stopped. */
  onEvent?: (event: ShareEvent) => void
  /** Stops the hashing, and nothing is kept of it; once `share` has resolved, it stops the share. */
  signal?: AbortSignal
}

/** Something that is served, as long as its caller wants and the node runs. */
export interface Share {
  /** What a person passes on. Of a sealed share it holds the key: as secret as the content. */
  readonly link: string
  /** CID of the whole content, as text. */
  readonly root: string
  /** What the share is called. */
  readonly name: string
  /** A single file, or a folder with all that is in it. */
  readonly kind: 'file' | 'folder'
  /** Sum of file sizes. */
  readonly bytes: number
  /** How many files are in it. */
  readonly files: number
  /** false: public, readable by all who know the root. */
  readonly sealed: boolean
  /** Ends serving for this caller. Who has blocks already keeps them, and the same share again has the same link. */
  stop: () => Promise<void>
  /** Resolves when the share has ended: `stopped`, or `removed` for good. */
  readonly ended: Promise<'stopped' | 'removed'>
}

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
  #serve(live: LiveShare, { onEvent, signal, up = 0, down }: ShareOptions): Share {
    const { seams, uploads, rates } = this.#init
    const ready = this.#describe(live.made)
    const { link, root, name, kind, bytes, files, sealed } = ready
    const unlimit = rates.add(root, { up, down })
    const startBytes = uploads.served(root).bytes
    const served = new Paced<[number, number]>(seams, SERVED_INTERVAL_MS, ([sent, peers]) => {
      onEvent?.({ type: 'served', root, bytes: sent, peers })
    })
    const stopListening = uploads.onServed((of, facts) => {
      if (of === root) served.tell([facts.bytes - startBytes, facts.peers])
    })
    const { promise: ended, resolve: end } = Promise.withResolvers<'stopped' | 'removed'>()
    const holder: ShareHolder = {
      onEvent: (event) => onEvent?.(event),
      onRemoved: () => {
        served.flush()
        onEvent?.({ type: 'warning', code: 'WARN_UNSHARED', message: UNSHARED })
        stopListening()
        unlimit()
        end('removed')
      },
    }
    live.holders.add(holder)
    onEvent?.(ready)
    let stopped: Promise<void> | undefined
    const stop = async (): Promise<void> => {
      live.holders.delete(holder)
      if (live.holders.size === 0) await this.#end(live)
      served.flush()
      stopListening()
      unlimit()
      end('stopped')
    }
    const stopOnce = (): Promise<void> => (stopped ??= stop())
    signal?.addEventListener('abort', () => void stopOnce(), { once: true })
    if (signal?.aborted === true) void stopOnce()
    return { link, root, name, kind, bytes, files, sealed, stop: stopOnce, ended }
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
