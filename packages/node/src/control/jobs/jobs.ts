/** What a node goes on with by itself: takes it in, tells of it, and does it where the node is one in the background. */
import { parseLink } from '../../content/link.ts'
import { ShoalError, isShoalError } from '../../errors.ts'
import type { FetchStateEvent, SourcesEvent, WarningEvent } from '../../events.ts'
import type { FetchOptions, FetchResult } from '../../transfer/fetch-service.ts'
import type { ServeOptions, Share } from '../../transfer/share-options.ts'
import type { Seams } from '../../util/seams.ts'
import type { Bandwidth } from '../bandwidth/bandwidth.ts'
import type { FetchJobRequest } from '../schemas.ts'
import { FetchQueue } from './fetch-queue.ts'
import type { FetchJob, Job, Priority, ShareJob } from './job.ts'
import type { JobStore } from './job-store.ts'
import { ShareKeeper } from './share-keeper.ts'

const ID_BYTES = 6

const NOBODY = { type: 'sources', blocks: null, here: 0, available: 0, single: 0, sources: [] } as const

export interface JobsInit {
  readonly node: {
    fetch: (link: string, options: FetchOptions) => Promise<FetchResult>
    serve: (root: string, options: ServeOptions) => Promise<Share>
    sources: (root: string) => SourcesEvent[]
  }
  readonly store: JobStore
  readonly seams: Seams
  /** Says when what is fetched waits, or does not come faster. */
  readonly bandwidth: Pick<Bandwidth, 'onPause' | 'slowedBy'>
  /** Whether this node does what is to go on; else it only tells of it. */
  readonly isBackground: boolean
  readonly onWarning: (warning: WarningEvent) => void
  readonly onFetch: (state: FetchStateEvent) => void
  readonly onFetchForgotten: (id: string) => void
}

/** For how long a share is kept up. */
export interface KeepOptions {
  /** By which the client that asks knows whether this was done before. */
  readonly key?: string
  readonly times?: number
  /** Milliseconds from now. */
  readonly forMs?: number
  /** Bytes per second. */
  readonly up?: number
  readonly down?: number
}

export class Jobs {
  readonly #init: JobsInit
  readonly #fetches: FetchQueue
  readonly #shares: ShareKeeper
  /** Requests that are about to be kept, by their keys. */
  readonly #asked = new Map<string, Promise<FetchStateEvent>>()
  /** Roots of shares that another node of the home keeps up, where this one does not. */
  #keptElsewhere: readonly string[] = []
  #loaded: Promise<void> | undefined

  constructor(init: JobsInit) {
    this.#init = init
    const { node, store, seams, bandwidth, onWarning, onFetch, onFetchForgotten } = init
    this.#fetches = new FetchQueue({
      fetch: (link, options) => node.fetch(link, options),
      store,
      seams,
      onState: onFetch,
      onForgotten: onFetchForgotten,
      slowedBy: (root) => bandwidth.slowedBy(root),
      onSeed: async ({ root, up, down }) => {
        const limits = { ...(up === undefined ? {} : { up }), ...(down === undefined ? {} : { down }) }
        try {
          await this.keep(root, limits)
        } catch (error) {
          // A part of a share is none that could be served again; that it is here holds all the same.
          if (!isShoalError(error, 'ERR_NOT_SHARED')) throw error
          const message = 'a part of what is shared is here, and is not served to others any more'
          onWarning({ type: 'warning', code: 'WARN_SEED_NOT_KEPT', message })
        }
      },
    })
    bandwidth.onPause((pause) => this.#fetches.pauseAll(pause))
    this.#shares = new ShareKeeper({
      serve: (root, options) => node.serve(root, options),
      store,
      seams,
      onWarning,
    })
  }

  /** Goes on with what was kept. What keeps it from that is told as a warning, and the next request tries again. */
  async start(): Promise<void> {
    try {
      await this.#load()
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.#init.onWarning({ type: 'warning', code: 'WARN_JOB_LOST', message })
    }
  }

  async list(): Promise<readonly FetchStateEvent[]> {
    await this.#load()
    return this.#fetches.list()
  }

  /** Who gives a fetch what it brings; of one that does not run nobody. @throws ShoalError ERR_NO_FETCH, and as `list` */
  async sources(id: string): Promise<SourcesEvent> {
    await this.#load()
    const { root, directory } = this.#fetches.get(id)
    const told = this.#init.node.sources(root).find((each) => each.directory === directory)
    return told ?? { ...NOBODY, root, directory }
  }

  /**
   * Takes a fetch in. The same request again, by its key, is the same fetch.
   *
   * @throws ShoalError ERR_NOT_DAEMON where the node does none, ERR_LINK_MALFORMED, ERR_LINK_CHECKSUM, ERR_LINK_INCOMPLETE,
   *   ERR_LIMIT; ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION, ERR_HOME_INVALID
   */
  async fetch(request: FetchJobRequest, key: string | undefined): Promise<FetchStateEvent> {
    await this.#open()
    if (key === undefined) return await this.#add(request, key)
    // One that is yet to be kept is not to be told of as if it were.
    const asked = this.#asked.get(key) ?? this.#addOnce(request, key)
    this.#asked.set(key, asked)
    try {
      return await asked
    } finally {
      this.#asked.delete(key)
    }
  }

  async #addOnce(request: FetchJobRequest, key: string): Promise<FetchStateEvent> {
    return this.#fetches.byKey(key) ?? (await this.#add(request, key))
  }

  async #add(request: FetchJobRequest, key: string | undefined): Promise<FetchStateEvent> {
    const { priority = 'normal', ...given } = request
    const job: FetchJob = {
      kind: 'fetch',
      ...given,
      ...this.#identity(key),
      root: parseLink(request.link).root.toString(),
      priority,
      state: 'active',
      name: null,
      bytes: 0,
      total: null,
      path: null,
      error: null,
      endedMs: null,
    }
    return await this.#fetches.add(job)
  }

  /** @throws ShoalError ERR_NO_FETCH, and as `fetch` */
  async change(
    id: string,
    change: 'pause' | 'resume' | 'cancel' | { readonly priority: Priority },
  ): Promise<FetchStateEvent> {
    await this.#open()
    if (typeof change === 'object') return await this.#fetches.prioritise(id, change.priority)
    return await this.#fetches[change](id)
  }

  /**
   * Keeps a share up, over restarts, until it is unshared or what was agreed is reached.
   *
   * @throws ShoalError ERR_NOT_SHARED, ERR_LIMIT, and as `fetch`
   */
  async keep(root: string, { key, forMs, ...options }: KeepOptions): Promise<void> {
    await this.#open()
    const nowMs = this.#init.seams.clock.now()
    const job: ShareJob = {
      kind: 'share',
      ...options,
      ...this.#identity(key),
      root,
      ...(forMs === undefined ? {} : { untilMs: nowMs + forMs }),
    }
    await this.#shares.keep(job)
  }

  /** The root of the share that a request with this key made before; it is still recorded unless it was unshared since. */
  async keptBefore(key: string | undefined): Promise<string | undefined> {
    await this.#open()
    return key === undefined ? undefined : this.#shares.rootOf(key)
  }

  /** Roots of the shares that go on by themselves. Throws as `list`. */
  async keptUp(): Promise<ReadonlySet<string>> {
    await this.#load()
    return new Set([...this.#shares.roots, ...this.#keptElsewhere])
  }

  /** @throws ShoalError ERR_NOT_DAEMON where the node keeps nothing up */
  #refuseElsewhere(): void {
    if (this.#init.isBackground) return
    throw new ShoalError(
      'ERR_NOT_DAEMON',
      'the Shoal that runs here is part of another command or program, and does nothing in the background',
    )
  }

  /** Ends what runs; it goes on with the next start. */
  async stop(): Promise<void> {
    this.#shares.stop()
    await this.#fetches.stop()
    await this.#loaded?.catch(() => {})
    await this.#init.store.close()
  }

  async #open(): Promise<void> {
    this.#refuseElsewhere()
    await this.#load()
  }

  async #load(): Promise<void> {
    this.#loaded ??= this.#restore()
    try {
      await this.#loaded
    } catch (error) {
      this.#loaded = undefined
      throw error
    }
  }

  async #restore(): Promise<void> {
    const jobs = await this.#init.store.load()
    const { isBackground } = this.#init
    this.#fetches.restore(jobs.filter(isFetch), isBackground)
    // Not waited for: there may be many, and each record is read.
    const shares = jobs.filter((job) => job.kind === 'share')
    if (isBackground) void this.#shares.restore(shares)
    else this.#keptElsewhere = shares.map(({ root }) => root)
  }

  #identity(key: string | undefined): Pick<Job, 'id' | 'key' | 'createdMs'> {
    const { clock, random } = this.#init.seams
    const id = Buffer.from(random.bytes(ID_BYTES)).toString('hex')
    return { id, createdMs: clock.now(), ...(key === undefined ? {} : { key }) }
  }
}

function isFetch(job: Job): job is FetchJob {
  return job.kind === 'fetch'
}
