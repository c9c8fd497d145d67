/** Where the bytes of a fetch can be read back: while they are staged, and once they stand in their place. */
import { join } from 'node:path'
import type { Entry } from '../content/entry.ts'
import type { ContentBlocks } from './content-blocks.ts'
import { KEPT, LEFT_OUT, WANTED, type Fates } from './fate.ts'
import { segmentOf, type Segment } from './segment-reader.ts'
import { locate } from './shared-paths.ts'
import { stagedPath } from './staged-paths.ts'
import { EDGES, type Staging } from './staging.ts'

export interface HeldPlacesInit {
  readonly staging: Pick<Staging, 'path' | 'destination'>
  readonly entries: readonly Entry[]
  readonly blocks: ContentBlocks
  readonly fates: Fates
  /** The name of the result in its folder. */
  readonly name: string
}

/** Where a block lies while it is fetched. */
export function stagedSegments(init: HeldPlacesInit, block: number): Segment[] {
  const { staging, entries, blocks, fates } = init
  let at = 0
  return blocks.piecesOf(block).map(({ entry: index, offset, length }): Segment => {
    const entry = entries[index] as Entry
    const from = at
    at += length
    if (fates.of[index] === KEPT) return placedSegment(init, entry, offset, length)
    const isEdge = fates.of[index] === LEFT_OUT
    const below = isEdge ? `${EDGES}/${block}` : stagedPath(entry)
    return { path: join(staging.path, below), below, offset: isEdge ? from : offset, length }
  })
}

/** Where a block lies when the fetch is done; what was not asked for is no longer there. */
export function placedSegments(init: HeldPlacesInit, block: number): Segment[] {
  return init.blocks.piecesOf(block).map(({ entry, offset, length }) => {
    return placedSegment(init, init.entries[entry] as Entry, offset, length)
  })
}

/** Whether all bytes of a block belong to files that were there before the fetch, and are the same as far as is known. */
export function isKept({ blocks, fates }: Pick<HeldPlacesInit, 'blocks' | 'fates'>, block: number): boolean {
  if (!fates.isThere) return false
  const pieces = blocks.piecesOf(block)
  return pieces.length > 0 && pieces.every(({ entry }) => fates.of[entry] === KEPT)
}

/** Whether all bytes of a block stand in their place once the fetch is done. */
export function isPlaced(
  { blocks, fates }: Pick<HeldPlacesInit, 'blocks' | 'fates'>,
  block: number,
): boolean {
  return blocks.piecesOf(block).every(({ entry }) => {
    return fates.of[entry] === WANTED || fates.of[entry] === KEPT
  })
}

function placedSegment(
  { staging, name }: HeldPlacesInit,
  entry: Entry,
  offset: number,
  length: number,
): Segment {
  return segmentOf(locate(join(staging.destination.path, name), entry.path), { offset, length })
}
