/** What a running fetch gives to others: from the first block on until its files move, and then whoever has them. */
import type { BlockWorkers } from '../store/block-workers.ts'
import type { ContentSource } from '../store/content-source.ts'
import { isKept, stagedSegments, type HeldPlacesInit } from '../store/held-places.ts'
import { PartialSource } from '../store/partial-source.ts'
import type { FetchPlan } from './fetch-plan.ts'
import type { ShareRegistry } from './share-registry.ts'
import type { UploadService } from './upload-service.ts'

/** Who serves what a fetch has. */
export interface FetchServing {
  readonly registry: Pick<ShareRegistry, 'add' | 'remove'>
  readonly uploads: Pick<UploadService, 'stop'>
}

export class ServedFetch {
  readonly #serving: FetchServing | undefined
  readonly #workers: BlockWorkers
  #source: PartialSource | undefined

  constructor(serving: FetchServing | undefined, workers: BlockWorkers) {
    this.#serving = serving
    this.#workers = workers
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
    this.#serving.registry.add(this.#source)
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
    if (source === undefined || serving === undefined) return
    const isQuiet = source.pause()
    source.movedTo(next)
    const { registry, uploads } = serving
    if (registry.remove(source)) await uploads.stop(source.root.toString())
    await isQuiet
  }
}
