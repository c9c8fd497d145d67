/**
 * Reads from whoever has the content now, from as many as there are: each question goes on by itself when a connection breaks,
 * so that what was got is not got twice.
 */
import type { CID } from 'multiformats/cid'
import type { BlockSink } from '../../store/block-sink.ts'
import type { Seams } from '../../util/seams.ts'
import type { TransferLimits } from '../limits.ts'
import type { TransferCounts } from '../transfer-counts.ts'
import type { Allowance } from '../rates/allowance.ts'
import type { PlanReader } from './plan-reader.ts'
import type { ProviderSearch } from './provider-search.ts'
import { Scheduler } from '../scheduling/scheduler.ts'
import type { SchedulerInit } from '../scheduling/scheduler-init.ts'

export interface ProviderReaderInit {
  readonly search: ProviderSearch
  readonly seams: Seams
  readonly limits: TransferLimits
  readonly counts?: TransferCounts | undefined
  /** How much may be asked for. Absent: as much as the scheduler likes. */
  readonly allowance?: Allowance | undefined
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
    const nodes = await search.ask((requester) => requester.getNodes(cids))
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
    const { search, limits, seams, allowance, counts } = this.#init
    const scheduler = new Scheduler({
      ...wanted,
      limits,
      seams,
      ...(allowance === undefined ? {} : { allowance }),
      onVerified: (block, bytes) => {
        this.#bytesFetched += bytes
        if (counts !== undefined) counts.blocks.verified++
        search.progressed()
        wanted.onVerified?.(block, bytes)
      },
      onLiar: (peer) => {
        if (counts !== undefined) counts.blocks.wrong++
        wanted.onLiar?.(peer)
      },
    })
    if (counts !== undefined) {
      const count = (): void => void (counts.blocks.duplicate += scheduler.duplicateBlocks)
      scheduler.done.then(count, count)
    }
    this.#feed(scheduler).catch((error: unknown) => scheduler.fail(error as Error))
    return scheduler
  }

  /** Somebody takes what was read ahead: time in which nobody waited for a provider is no search for one. */
  taken(): void {
    this.#init.search.progressed()
  }

  /** Gives the scheduler every provider that comes, until it is done. */
  async #feed(scheduler: Scheduler): Promise<void> {
    const { search } = this.#init
    const stop = search.each((requester) => void scheduler.addPeer(requester))
    try {
      for (;;) {
        await scheduler.wanting()
        if (scheduler.isFinished) return
        await search.sustain(() => isNow(scheduler.wanting()), scheduler.done)
      }
    } finally {
      stop()
    }
  }
}

/** Whether a promise has resolved already. */
async function isNow(promise: Promise<unknown>): Promise<boolean> {
  const later = Symbol('later')
  // The turn that `then` takes is given to both.
  return (await Promise.race([promise, Promise.resolve(later).then((it) => it)])) !== later
}
