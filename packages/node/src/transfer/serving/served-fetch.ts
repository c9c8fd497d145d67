/** What a running fetch gives to others: from the first block on until its files move, and then whoever has them. */
import type { BlockWorkers } from '../../store/block-workers.ts'
import type { ContentSource } from '../../store/content-source.ts'
import { isKept, stagedSegments, type HeldPlacesInit } from '../../store/held-places.ts'
import { PartialSource } from '../../store/partial-source.ts'
import type { Clock } from '../../util/seams.ts'
import type { FetchPlan } from '../plan/fetch-plan.ts'
import { ReceiverWatch } from './receiver-watch.ts'
import type { ShareRegistry } from './share-registry.ts'
import type { UploadService } from './upload-service.ts'

/** Who serves what a fetch has. */
export interface FetchServing {
  readonly registry: Pick<ShareRegistry, 'add' | 'remove'>
  readonly uploads: Pick<UploadService, 'stop' | 'onSession' | 'onBlock'>
}

export class ServedFetch {
  readonly #serving: FetchServing | undefined
  readonly #workers: BlockWorkers
  readonly #clock: Clock | undefined
  #source: PartialSource | undefined
  #watch: ReceiverWatch | undefined

  /** @param clock given where who gets it is to be known afterwards */
  constructor(serving: FetchServing | undefined, workers: BlockWorkers, clock?: Clock) {
    this.#serving = serving
    this.#workers = workers
    this.#clock = clock
  }

  /** Who got something so far; for whoever goes on serving, who ends it. */
  get watch(): ReceiverWatch | undefined {
    return this.#watch
  }

  begin({ known, blocks }: FetchPlan, places: HeldPlacesInit, isStaged: (block: number) => boolean): void {
    if (this.#serving === undefined) return
    this.#source = new PartialSource({
      known,
      blocks,
      workers: this.#workers,
      isHere: (block) => isStaged(block) || isKept(places, block),
      segmentsOf: (block) => stagedSegments(places, block),
    })
    const { registry, uploads } = this.#serving
    if (this.#clock !== undefined) {
      this.#watch = new ReceiverWatch({ source: this.#source, uploads, clock: this.#clock })
      this.#watch.begin()
    }
    registry.add(this.#source)
  }

  /** A block was written, or is no longer there. */
  note(block: number, isHere: boolean): void {
    if (isHere) this.#source?.add(block)
    else this.#source?.remove(block)
  }

  /** Resolves when nobody reads the files any more; who asks for a block waits for `end`. */
  async pause(): Promise<void> {
    await this.#source?.pause()
  }

  /** @param next has what is asked for meanwhile; without it everybody who asks is sent away */
  async end(next?: ContentSource): Promise<void> {
    const [source, serving] = [this.#source, this.#serving]
    this.#source = undefined
    if (next === undefined) this.#watch?.end()
    if (source === undefined || serving === undefined) return
    const isQuiet = source.pause()
    source.movedTo(next)
    const { registry, uploads } = serving
    if (registry.remove(source)) await uploads.stop(source.root.toString())
    await isQuiet
  }
}
