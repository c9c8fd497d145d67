/** Finds out what an interrupted fetch left on the disk: read back and hashed, never believed. */
import { digestsEqual } from '../content/cid.ts'
import { isShoalError, systemCode } from '../errors.ts'
import { orderedMap } from '../util/ordered-map.ts'
import type { ReadJob } from './block-jobs.ts'
import type { BlockSink } from './block-sink.ts'
import type { BlockWorkers } from './block-workers.ts'

/** Does a block that is put together from the disk have this digest? False also where files are missing or short. */
export async function hashesTo(
  digest: Uint8Array,
  workers: BlockWorkers,
  job: Omit<ReadJob, 'type' | 'expected'>,
): Promise<boolean> {
  try {
    const result = await workers.read(job)
    return result.outcome === 'digest' && digestsEqual(result.digest, digest)
  } catch (error) {
    if (isShoalError(error, 'ERR_SOURCE_CHANGED') || systemCode(error) === 'ENOENT') return false
    throw error
  }
}

/** The numbers of those blocks that a sink holds already. `onHeld` is told of each as it is found. */
export async function findHeld(
  sink: BlockSink,
  blocks: Iterable<number>,
  options: {
    readonly concurrency: number
    readonly signal: AbortSignal
    readonly onHeld: (block: number) => void
  },
): Promise<Set<number>> {
  const held = new Set<number>()
  const looked = orderedMap(blocks, options.concurrency, async (block) => {
    options.signal.throwIfAborted()
    return { block, isHeld: await sink.holds(block) }
  })
  for await (const { block, isHeld } of looked) {
    if (!isHeld) continue
    held.add(block)
    options.onHeld(block)
  }
  return held
}
