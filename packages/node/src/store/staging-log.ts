/**
 * Which staging folders a home has begun, so that a process that died leaves nothing in folders of the user that nobody
 * needs: what was complete, and what never got any content. Parts of a fetch stay for the next one.
 */
import { basename, dirname } from 'node:path'
import type { BlockWorkers } from './block-workers.ts'
import type { StagingRow } from './index-jobs.ts'
import type { ShareIndex } from './share-index.ts'
import { Staging } from './staging.ts'

/** What a fetch tells of its staging folder. */
export interface StagingRecords {
  /** It is about to be made. */
  begun: (path: string) => Promise<void>
  /** What was in it stands in its place, durably. */
  placed: (path: string) => Promise<void>
  /** It is gone. */
  ended: (path: string) => Promise<void>
}

export class StagingLog implements StagingRecords {
  readonly #index: ShareIndex
  #clearing: Promise<void> | undefined

  constructor(index: ShareIndex) {
    this.#index = index
  }

  async begun(path: string): Promise<void> {
    // The very folder may be looked at.
    await this.#clearing
    await this.#index.run({ type: 'stagingBegun', path })
  }

  async placed(path: string): Promise<void> {
    await this.#index.run({ type: 'stagingPlaced', path })
  }

  async ended(path: string): Promise<void> {
    await this.#index.run({ type: 'stagingEnded', path })
  }

  /** Removes folders that nobody needs. One that cannot be removed now is tried again at the next start. */
  clear(workers: BlockWorkers): Promise<void> {
    this.#clearing ??= this.#clear(workers)
    return this.#clearing
  }

  async #clear(workers: BlockWorkers): Promise<void> {
    for (const { path, isPlaced } of await this.#index.run<readonly StagingRow[]>({ type: 'stagings' })) {
      try {
        const staging = await Staging.take(dirname(path), basename(path), workers)
        if (staging !== undefined && (isPlaced || staging.isEmpty())) await staging.discard()
        else staging?.keep()
        if (staging === undefined || isPlaced) await this.ended(path)
      } catch {
        // It lies on a disk that is not there now, or another process works in it.
      }
    }
  }
}
