/**
 * Reads from whoever has the content now, over as many connections as it takes: each question goes on by itself
 * when a connection breaks, so that what was got is not got twice.
 */
import type { CID } from 'multiformats/cid'
import type { BlockSink } from '../store/block-sink.ts'
import type { Seams } from '../util/seams.ts'
import type { TransferLimits } from './limits.ts'
import type { PlanReader } from './plan-reader.ts'
import { isConnectionFault, type ProviderSearch } from './provider-search.ts'
import { Scheduler, type SchedulerInit } from './scheduler.ts'

export interface ProviderReaderInit {
  readonly search: ProviderSearch
  readonly seams: Seams
  readonly limits: TransferLimits
}

export class ProviderReader implements PlanReader {
  readonly #init: ProviderReaderInit
  #bytesFetched = 0

  constructor(init: ProviderReaderInit) {
    this.#init = init
  }

  /** Verified payload bytes that came so far. */
  get bytesFetched(): number {
    return this.#bytesFetched
  }

  readonly getNodes = async (cids: readonly CID[]): Promise<Uint8Array[]> => {
    const { search } = this.#init
    const nodes = await search.run((requester) => requester.getNodes(cids))
    for (const node of nodes) this.#bytesFetched += node.byteLength
    search.progressed()
    return nodes
  }

  readonly getBlocks = async (sink: BlockSink, blocks: Iterable<number>): Promise<void> => {
    const scheduler = this.start({ sink, needed: blocks })
    try {
      await scheduler.done
    } finally {
      // What the sink works on may be closed once this is over.
      await scheduler.settled()
    }
  }

  /** Starts getting blocks; who called it ends it with `fail`, or waits for `done`. */
  start(wanted: Omit<SchedulerInit, 'limits' | 'seams'>): Scheduler {
    const { search, limits, seams } = this.#init
    const scheduler = new Scheduler({
      ...wanted,
      limits,
      seams,
      onVerified: (block, bytes) => {
        this.#bytesFetched += bytes
        search.progressed()
        wanted.onVerified?.(block, bytes)
      },
    })
    this.#feed(scheduler).catch((error: unknown) => scheduler.fail(error as Error))
    return scheduler
  }

  /** Somebody takes what was read ahead: time in which nobody waited for a provider is no search for one. */
  taken(): void {
    this.#init.search.progressed()
  }

  /** Gives the scheduler one provider after the other until it is done. */
  async #feed(scheduler: Scheduler): Promise<void> {
    for (;;) {
      await scheduler.wanting()
      if (scheduler.isFinished) return
      const error = await this.#init.search.run((requester) => scheduler.addPeer(requester))
      // Whether another connection is made is for the top of the loop: perhaps nobody needs one now.
      if (error !== undefined && !isConnectionFault(error)) throw error
    }
  }
}
