/** What sharing asks of both formats alike: which files a block is made of, and which blocks a file. */
import { PLAIN_BLOCK_BYTES, plainLength } from '../content/sealed/format.ts'
import type { ReadJob } from './block-jobs.ts'
import type { BlockWorkers } from './block-workers.ts'
import type { ContentSource, ReadObserver } from './content-source.ts'
import { PublicShare } from './public-share.ts'
import type { PublicPlan } from './publishing.ts'
import { bindingOf, segmentsOf, type SealedPlan } from './sealing.ts'
import { SealedShare } from './sealed-share.ts'
import type { WalkedEntry } from './walk.ts'

export type SharePlan =
  | ({ readonly form: 'sealed' } & SealedPlan)
  | ({ readonly form: 'public' } & PublicPlan)

export function sourceOf(plan: SharePlan, workers: BlockWorkers, onRead?: ReadObserver): ContentSource {
  return plan.form === 'sealed'
    ? new SealedShare(plan, workers, onRead)
    : new PublicShare(plan, workers, onRead)
}

/** The files whose bytes are in a block. */
export function filesOfBlock(plan: SharePlan, block: number): WalkedEntry[] {
  if (plan.form === 'public') return [plan.entries[plan.leaves.refOf(block).file] as WalkedEntry]
  const pieces = plan.index.pieces(block * PLAIN_BLOCK_BYTES, plainLength(plan.shape, block))
  return pieces.map(({ file }) => plan.files[file] as WalkedEntry)
}

/** Numbers of the blocks that hold bytes of some entries, each once; `isWanted` gets indexes of `entries`. */
export function* blocksOfFiles(
  plan: SharePlan,
  entries: readonly WalkedEntry[],
  isWanted: (entry: number) => boolean,
): Generator<number> {
  let next = 0
  let offset = 0
  for (const [i, entry] of entries.entries()) {
    const start = offset
    offset += entry.size
    if (entry.kind === 'folder' || entry.size === 0 || !isWanted(i)) continue
    if (plan.form === 'public') {
      const { first, count } = plan.leaves.spanOf(i)
      for (let block = first; block < first + count; block++) yield block
    } else {
      const last = Math.floor((offset - 1) / PLAIN_BLOCK_BYTES)
      next = Math.max(next, Math.floor(start / PLAIN_BLOCK_BYTES))
      for (; next <= last; next++) yield next
    }
  }
}

/** How a block of data is read back from the user's files, and the digest it has to have. */
export function dataBlock(
  plan: SharePlan,
  block: number,
): { job: Omit<ReadJob, 'type'>; digest: Uint8Array } {
  if (plan.form === 'sealed') {
    const { shape, index, files, keys, digests } = plan
    const job = {
      segments: segmentsOf(shape, index, files, block),
      length: plainLength(shape, block),
      binding: bindingOf(shape, keys, block),
    }
    return { job, digest: digests.subarray(block * 32, block * 32 + 32) }
  }
  const { file, offset, length } = plan.leaves.refOf(block)
  const { source, path } = plan.entries[file] as WalkedEntry
  return {
    job: { segments: [{ path: source, below: path, offset, length }], length },
    digest: plan.leaves.digestOf(block),
  }
}
