/** The shares that are served now: begun and ended with those for whom they are served. */
import type { ReadyEvent, ReceiversEvent, ServedEvent, WarningEvent } from '../events.ts'
import type { BlockWorkers } from '../store/block-workers.ts'
import type { Disk } from '../store/disk.ts'
import type { MadeShare } from '../store/share-maker.ts'
import type { Seams } from '../util/seams.ts'
import type { RateLimits, WorkLimits } from './rates/rate-limits.ts'
import { Holding, type HoldingInit } from './serving/holding.ts'
import { LiveShare, type ShareHolder } from './serving/live-shares.ts'
import type { ShareRegistry } from './serving/share-registry.ts'
import type { UploadService } from './serving/upload-service.ts'
import { linksOf, type LinkHost } from './share-link.ts'
import type { ServeOptions, Share } from './share-options.ts'

const UNSHARED = 'this was unshared: its link no longer works'

export interface ServedSharesInit extends LinkHost {
  readonly registry: ShareRegistry
  readonly uploads: UploadService
  readonly rates: RateLimits
  readonly workers: BlockWorkers
  readonly disk: Disk
  readonly seams: Seams
  /** Told of a root of which a share begins, ends, is removed, or is not what it was. */
  readonly onChange: (root: string) => void
  /** Told who gets a share, once however many it is served for. */
  readonly onServing: (event: ServedEvent | ReceiversEvent) => void
  /** Keeps over restarts whether a share is stale. */
  readonly setStale: (id: string, isStale: boolean) => Promise<void>
}

interface HoldOptions {
  readonly onEvent: (event: ServedEvent | ReceiversEvent | WarningEvent) => void
  readonly limits: WorkLimits
}

export class ServedShares {
  readonly #init: ServedSharesInit
  /** By the ids of their records. */
  readonly #live = new Map<string, LiveShare>()

  constructor(init: ServedSharesInit) {
    this.#init = init
  }

  /** How many are served now, and how many of them are stale. */
  get sizes(): { readonly serving: number; readonly stale: number } {
    let stale = 0
    for (const { isStale } of this.#live.values()) if (isStale) stale++
    return { serving: this.#live.size - stale, stale }
  }

  get ids(): string[] {
    return [...this.#live.keys()]
  }

  find(id: string): LiveShare | undefined {
    return this.#live.get(id)
  }

  /** The share of a record; served from now on if it is not yet. What its files hold counts as promised. */
  goOn(id: string, made: MadeShare): LiveShare {
    const live = this.#live.get(id)
    if (live === undefined) return this.begin(id, made)
    live.goOn(made)
    this.#init.onChange(made.root.toString())
    return live
  }

  begin(id: string, made: MadeShare): LiveShare {
    const { registry, workers, disk, onChange } = this.#init
    const root = made.root.toString()
    const setStale = async (isStale: boolean): Promise<void> => {
      await this.#init.setStale(id, isStale)
      onChange(root)
    }
    const live = new LiveShare({ id, made: { ...made, id }, workers, disk, setStale })
    this.#live.set(id, live)
    registry.add(live.source)
    onChange(root)
    return live
  }

  async #end(live: LiveShare): Promise<void> {
    if (!this.#live.delete(live.id)) return
    const { registry, uploads } = this.#init
    const root = live.source.root.toString()
    if (registry.remove(live.source)) await uploads.stop(root)
    await live.noted
    this.#init.onChange(root)
  }

  /** A share is removed: it ends for everybody. */
  async removed(id: string): Promise<void> {
    const live = this.#live.get(id)
    for (const holder of live?.holders ?? []) holder.onRemoved()
    if (live !== undefined) await this.#end(live)
  }

  /** Resolves when what was found out while serving is kept. */
  async settle(): Promise<void> {
    await Promise.all([...this.#live.values()].map((live) => live.noted))
  }

  /** Serves a share for one more caller. */
  serve(live: LiveShare, { onEvent, signal, times, up = 0, down }: ServeOptions): Share {
    const ready = this.#describe(live.made)
    const { link, root, name, kind, bytes, files, sealed } = ready
    const holding = this.hold(live, {
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

  hold(
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
      onServed: (event) => {
        onEvent(event)
        const [first] = live.holders
        if (first === holder) this.#init.onServing(event)
      },
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
