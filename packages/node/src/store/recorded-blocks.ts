/**
 * Which blocks the record in a staging folder can be believed of. A set bit means that the whole block is on the disk; but
 * somebody may have touched the files since.
 */
import type { Entry } from '../content/entry.ts'
import type { BlockWorkers } from './block-workers.ts'
import type { ContentBlocks } from './content-blocks.ts'
import { WANTED, type Fates } from './fate.ts'
import { stagedPath } from './staged-paths.ts'
import type { Staging } from './staging.ts'
import { survey } from './survey.ts'

export interface RecordedBlocksInit {
  readonly staging: Staging
  readonly workers: BlockWorkers
  readonly entries: readonly Entry[]
  readonly blocks: ContentBlocks
  readonly fates: Fates
}

/** Tells whether a block is durable according to the record of an earlier fetch. */
export async function recordedBlocks(init: RecordedBlocksInit): Promise<(block: number) => boolean> {
  const { staging, blocks, entries, fates, workers } = init
  const record = staging.readRecord(blocks.count)
  if (record === undefined) return () => false
  const { bitmap, isClosed, ctimeNs } = record
  const isWhole = (entry: number): boolean => {
    const { first, count } = blocks.blocksOf(entry)
    for (let block = first; block < first + count; block++) if (!bitmap.has(block)) return false
    return true
  }
  /** Of each wanted file that may be believed. */
  const bytesThere = new Float64Array(entries.length).fill(-1)
  const wanted = entries.flatMap((entry, i) => (entry.kind === 'file' && fates.of[i] === WANTED ? [i] : []))
  const place = { within: staging.within, entries, pathOf: stagedPath, workers }
  for await (const seen of survey(place, wanted)) {
    if (seen.kind !== 'file') continue
    const isTouched = seen.ctimeNs > ctimeNs
    // A fetch that was killed had gone on to write to files of which blocks are missing, and to no others.
    if (!isTouched || (!isClosed && !isWhole(seen.index))) bytesThere[seen.index] = seen.size
  }
  return (block) =>
    bitmap.has(block) &&
    blocks
      .piecesOf(block)
      .every(
        ({ entry, offset, length }) =>
          fates.of[entry] === WANTED && offset + length <= (bytesThere[entry] as number),
      )
}
