/** Whether what lies at a path now is what was shared before, byte for byte. */
import { digestsEqual } from '../content/cid.ts'
import type { Entry } from '../content/entry.ts'
import { isShoalError, systemCode } from '../errors.ts'
import { orderedMap } from '../util/ordered-map.ts'
import type { BlockWorkers } from './block-workers.ts'
import { sameVersion } from './disk.ts'
import { blocksOfFiles, dataBlock, type SharePlan } from './share-plan.ts'
import type { Walk, WalkedEntry } from './walk-facts.ts'

export interface CompareOptions {
  readonly workers: BlockWorkers
  /** Bytes read back so far, and in all. */
  readonly onProgress?: (bytes: number, total: number) => void
  readonly signal?: AbortSignal
}

export type Comparison = 'same' | 'same after reading' | 'different'

/** Same paths, kinds, sizes and executable bits; times may differ, since no byte depends on them. */
export function haveSameEntries(before: readonly WalkedEntry[], now: Walk): boolean {
  const { entries } = now
  return before.length === entries.length && before.every((entry, i) => isSame(entry, entries[i] as Entry))
}

function isSame(a: Entry, b: Entry): boolean {
  return a.path === b.path && a.kind === b.kind && a.size === b.size && a.executable === b.executable
}

/**
 * Reads back the blocks of those files whose facts differ, and stops at the first that is not what was shared. A block
 * of a sealed share is sealed under the old key in the worker's memory, and only its digest leaves that.
 */
export async function compareContent(
  plan: SharePlan,
  before: readonly WalkedEntry[],
  now: readonly WalkedEntry[],
  options: CompareOptions,
): Promise<Comparison> {
  const { workers, signal, onProgress } = options
  const isTouched = (i: number): boolean => {
    const [old, current] = [before[i] as WalkedEntry, now[i] as WalkedEntry]
    return old.kind === 'file' && !sameVersion(old.facts, current.facts)
  }
  let hasTouched = false
  let total = 0
  for (let i = 0; i < before.length; i++) {
    if (!isTouched(i)) continue
    hasTouched = true
    total += (before[i] as WalkedEntry).size
  }
  if (!hasTouched) return 'same'
  let bytes = 0
  const comparisons = orderedMap(blocksOfFiles(plan, before, isTouched), workers.concurrency, (block) => {
    signal?.throwIfAborted()
    return isAsPromised(plan, block, workers)
  })
  for await (const { isEqual, length } of comparisons) {
    if (!isEqual) return 'different'
    bytes += length
    onProgress?.(Math.min(bytes, total), total)
  }
  return 'same after reading'
}

/** Whether a block of data, read back from the files, is what it was when it was shared. */
export async function isAsPromised(
  plan: SharePlan,
  block: number,
  workers: BlockWorkers,
): Promise<{ isEqual: boolean; length: number }> {
  const { job, digest } = dataBlock(plan, block)
  try {
    const result = await workers.read(job)
    return { isEqual: result.outcome === 'digest' && digestsEqual(result.digest, digest), length: job.length }
  } catch (error) {
    // A file that was cut short or taken away meanwhile is another content, and found out by the pass that follows.
    if (!isShoalError(error, 'ERR_SOURCE_CHANGED') && systemCode(error) === undefined) throw error
    return { isEqual: false, length: job.length }
  }
}
