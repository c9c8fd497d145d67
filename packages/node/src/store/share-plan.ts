/** What sharing asks of both formats alike: which files a block is made of, and which blocks a file. */
import { blocksOfRange, plainLength, plainOffset } from '../content/sealed/format.ts'
import type { ReadJob } from './block-jobs.ts'
import type { BlockWorkers } from './block-workers.ts'
import type { ContentSource, ReadObserver } from './content-source.ts'
import { PublicShare } from './public-share.ts'
import { publicReadJob, type PublicPlan } from './publishing.ts'
import { sealedDigest, sealedReadJob, type SealedPlan } from './sealing.ts'
import { SealedShare } from './sealed-share.ts'
import type { WalkedEntry } from './walk-facts.ts'

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
  const pieces = plan.index.pieces(plainOffset(plan.shape, block), plainLength(plan.shape, block))
  return pieces.map(({ file }) => plan.files[file] as WalkedEntry)
}

/** Numbers of the blocks that hold bytes of some entries, each once; `isWanted` gets indexes of `entries`. */
export function* blocksOfFiles(
  plan: SharePlan,
  entries: readonly WalkedEntry[],
  isWanted: (entry: number) => boolean,
): Generator<number> {
  let file = 0
  let next = 0
  for (const [i, entry] of entries.entries()) {
    if (entry.kind === 'folder') continue
    const span = plan.form === 'public' ? plan.leaves.spanOf(i) : blocksOfRange(plan.index.rangeOf(file++))
    if (entry.size === 0 || !isWanted(i)) continue
    // In a sealed share a file begins in the block in which the one before it ends; a leaf has one file.
    const first = plan.form === 'public' ? span.first : Math.max(next, span.first)
    next = span.first + span.count
    for (let block = first; block < next; block++) yield block
  }
}

/** How a block of data is read back from the user's files, and the digest it has to have. */
export function dataBlock(
  plan: SharePlan,
  block: number,
): { job: Omit<ReadJob, 'type'>; digest: Uint8Array } {
  return plan.form === 'sealed'
    ? { job: sealedReadJob(plan, block), digest: sealedDigest(plan, block) }
    : { job: publicReadJob(plan, block), digest: plan.leaves.digestOf(block) }
}
