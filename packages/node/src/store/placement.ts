/** Puts the result of a fetch from its staging folder into its place: nothing has its final name before. */
import type { Entry } from '../content/entry.ts'
import { systemCode } from '../errors.ts'
import { join } from 'node:path'
import type { BlockWorkers } from './block-workers.ts'
import { KEPT, WANTED, type Fates } from './fate.ts'
import { placedPath, stagedPath } from './staged-paths.ts'
import { CONTENT, taken, type Staging } from './staging.ts'
import type { Move } from './staging-jobs.ts'

export interface PlacementInit {
  readonly staging: Staging
  readonly workers: BlockWorkers
  readonly entries: readonly Entry[]
  readonly fates: Fates
  readonly name: string
}

/** @throws ShoalError ERR_DESTINATION_EXISTS when something took a name meanwhile, and the disk's own errors */
export async function place(init: PlacementInit): Promise<void> {
  const { staging, workers, name } = init
  const moves = init.fates.isThere ? missingIn(init) : [whole(init)]
  if (moves.length === 0) return
  try {
    await workers.stage({ type: 'move', from: staging.within, to: staging.destination, moves })
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EEXIST' || code === 'ENOTEMPTY' || code === 'EISDIR' || code === 'ENOTDIR') {
      throw taken(join(staging.destination.path, name), 'was changed by somebody else meanwhile')
    }
    throw error
  }
}

function whole({ entries, name }: PlacementInit): Move {
  return { from: CONTENT, to: name, kind: entries[0]?.path === '' ? 'new-file' : 'folder' }
}

/** What a folder that is there lacks: files one by one, and missing folders with all that they hold. */
function missingIn({ entries, fates, name }: PlacementInit): Move[] {
  const moves: Move[] = []
  let moved: string | undefined
  for (const [i, entry] of entries.entries()) {
    if (fates.of[i] !== WANTED || (moved !== undefined && entry.path.startsWith(moved))) continue
    const [from, to] = [stagedPath(entry), placedPath(name, entry)]
    if (entry.kind === 'folder') {
      moves.push({ from, to, kind: 'folder' })
      moved = `${entry.path}/`
    } else {
      moves.push({ from, to, kind: fates.replacing.has(i) ? 'replacing-file' : 'new-file' })
    }
  }
  return moves
}

/** Bytes of the files that were there already. */
export function keptBytes(entries: readonly Entry[], fates: Fates): number {
  return entries.reduce((sum, entry, i) => (fates.of[i] === KEPT ? sum + entry.size : sum), 0)
}
