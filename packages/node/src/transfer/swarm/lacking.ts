/** What a fetch still lacks when nobody gives it, for the message that says so. */
import type { Entry } from '../../content/entry.ts'
import type { ContentBlocks } from '../../store/content-blocks.ts'

export interface Lacking {
  /** What the share is called. */
  readonly name: string
  /** Content that is here of what was asked for, in whole per cent below 100. */
  readonly percentHere: number
  /** Path of a file that is not whole; undefined for a share that is a single file. */
  readonly file: string | undefined
  /** Others are not whole either. */
  readonly hasOthers: boolean
}

export interface LackingInit {
  readonly plan: {
    readonly name: string
    readonly entries: readonly Entry[]
    readonly blocks: Pick<ContentBlocks, 'piecesOf'>
  }
  /** By index of the entries: what was asked for. */
  readonly isSelected: Uint8Array
  readonly needed: Iterable<number>
  readonly bytes: number
  readonly total: number
}

/** Undefined when nothing is lacking. */
export function lackingOf({ plan, isSelected, needed, bytes, total }: LackingInit): Lacking | undefined {
  const files = firstFiles(plan, isSelected, needed)
  const first = plan.entries[files[0] ?? -1]
  if (first === undefined) return undefined
  const percentHere = Math.min(99, Math.floor((100 * bytes) / Math.max(total, 1)))
  const file = first.path === '' ? undefined : first.path
  return { name: plan.name, percentHere, file, hasOthers: files.length > 1 }
}

/** At most two of those that are not whole. */
function firstFiles(
  { blocks }: LackingInit['plan'],
  isSelected: Uint8Array,
  needed: Iterable<number>,
): number[] {
  let first: number | undefined
  for (const block of needed) {
    for (const { entry } of blocks.piecesOf(block)) {
      if (isSelected[entry] !== 1) continue
      first ??= entry
      if (entry !== first) return [first, entry]
    }
  }
  return first === undefined ? [] : [first]
}
