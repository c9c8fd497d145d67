/** The shape of what is to be built, checked and laid out flat before the first byte is hashed. */
import type { Entry } from '../entry.ts'
import { MAX_DEPTH, MAX_ENTRIES, MAX_NAME_BYTES, MAX_PATH_BYTES } from '../limits.ts'
import { hasMetadata, metadataOf, type Metadata } from './encode.ts'
import { misuse, overLimit } from './faults.ts'
import { DEFAULT_WALK_LIMITS, LEAF_BYTES } from './limits.ts'
import { compareUtf8 } from '../utf8-order.ts'

const NONE: Metadata = {}

export interface Plan {
  readonly entries: readonly Entry[]
  readonly preserve: boolean
  /** For each entry the index after the last one inside it; the next index for a file. */
  readonly endOf: Uint32Array
  /** For each file the number of its first leaf if leaves were numbered in entry order; -1 for a folder. */
  readonly leafOf: Float64Array
  readonly leaves: number
  /** The share is a single file rather than a folder. */
  readonly isFile: boolean
}

/**
 * Checks the entries and counts their leaves.
 *
 * @throws ShoalError ERR_LIMIT when nobody could fetch the result; ERR_INTERNAL when the entries are not sorted
 *   by `comparePaths` with every folder among them
 */
export function planBuild(entries: readonly Entry[], preserve: boolean): Plan {
  if (entries.length > MAX_ENTRIES) throw overLimit(`it has more than ${MAX_ENTRIES} files and folders`)
  const endOf = new Uint32Array(entries.length)
  const leafOf = new Float64Array(entries.length)
  const isFile = entries.length === 1 && entries[0]?.path === '' && entries[0].kind === 'file'
  if (!isFile) findEnds(entries, endOf)
  let leaves = 0
  let bytes = 0
  entries.forEach((entry, index) => {
    leafOf[index] = entry.kind === 'file' ? leaves : -1
    if (entry.kind === 'folder') return
    leaves += leavesIn(entry.size)
    bytes += entry.size
    if (leaves > DEFAULT_WALK_LIMITS.leaves || bytes > DEFAULT_WALK_LIMITS.bytes)
      throw overLimit('it has too many bytes')
  })
  return { entries, preserve, endOf, leafOf, leaves, isFile }
}

/** An empty file has one leaf, of no bytes. */
export function leavesIn(size: number): number {
  if (!Number.isSafeInteger(size) || size < 0) throw misuse(`a file of ${size} bytes`)
  return Math.max(1, Math.ceil(size / LEAF_BYTES))
}

/** Metadata that the node of this entry is to carry. */
export function plannedMetadata(plan: Plan, index: number): Metadata {
  return plan.preserve ? metadataOf(plan.entries[index] as Entry) : NONE
}

/** An empty file with metadata is the one leaf that is no raw block: it has no bytes to link to. */
export function isDagPbLeaf(plan: Plan, index: number): boolean {
  const entry = plan.entries[index] as Entry
  return plan.preserve && entry.kind === 'file' && entry.size === 0 && hasMetadata(metadataOf(entry))
}

/** Indexes of the entries right inside the folder at `index`, or at the top for -1. */
export function childrenOf(plan: Plan, index: number): number[] {
  const children: number[] = []
  const end = index < 0 ? plan.entries.length : (plan.endOf[index] as number)
  for (let child = index + 1; child < end; child = plan.endOf[child] as number) children.push(child)
  return children
}

export function nameOf(entry: Entry): string {
  return entry.path.slice(entry.path.lastIndexOf('/') + 1)
}

interface OpenFolder {
  readonly index: number
  /** Path with the slash that all paths inside begin with. */
  readonly prefix: string
  lastName: string
}

function findEnds(entries: readonly Entry[], endOf: Uint32Array): void {
  let open: OpenFolder = { index: -1, prefix: '', lastName: '' }
  const outer: OpenFolder[] = []
  entries.forEach((entry, index) => {
    while (!entry.path.startsWith(open.prefix)) {
      endOf[open.index] = index
      open = outer.pop() as OpenFolder
    }
    const name = entry.path.slice(open.prefix.length)
    // The empty name before the first child also refuses an empty name.
    if (name.includes('/') || compareUtf8(open.lastName, name) >= 0) throw misuse('entries are not in order')
    if (Buffer.byteLength(name) > MAX_NAME_BYTES)
      throw overLimit(`a name has more than ${MAX_NAME_BYTES} bytes`)
    if (Buffer.byteLength(entry.path) > MAX_PATH_BYTES)
      throw overLimit(`a path has more than ${MAX_PATH_BYTES} bytes`)
    if (outer.length >= MAX_DEPTH) throw overLimit(`folders are nested deeper than ${MAX_DEPTH}`)
    open.lastName = name
    endOf[index] = index + 1
    if (entry.kind === 'file') return
    outer.push(open)
    open = { index, prefix: `${entry.path}/`, lastName: '' }
  })
  for (; open.index >= 0; open = outer.pop() as OpenFolder) endOf[open.index] = entries.length
}
