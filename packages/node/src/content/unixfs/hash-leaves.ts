/** Hashes all leaves through a function that does the reading, a few at a time and across files. */
import { DIGEST_BYTES } from '../cid.ts'
import type { Entry } from '../entry.ts'
import { misuse } from './faults.ts'
import type { LeafRef } from './leaves.ts'
import { LEAF_BYTES } from './limits.ts'
import { isDagPbLeaf, leavesIn, type Plan } from './plan.ts'

/** Leaves in one call, however small they are. */
const MAX_BATCH = 256

/**
 * Resolves to the sha2-256 digests of the leaves, 32 bytes each and in their order. One call asks for at most 1 MiB:
 * one large leaf, or many small ones.
 */
export type HashLeaves = (leaves: readonly LeafRef[]) => Promise<Uint8Array>

/**
 * The digests of all leaves, 32 bytes each, in entry order; zeros for an empty file that becomes a dag-pb leaf.
 * When one fails no further one is begun, and the first error is thrown once those under way have ended.
 */
export async function hashLeaves(
  plan: Plan,
  hash: HashLeaves,
  concurrency: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const digests = new Uint8Array(plan.leaves * DIGEST_BYTES)
  const work = batches(plan)
  const failures: unknown[] = []
  const worker = async (): Promise<void> => {
    // All workers take from one generator; leaving the loop by an error closes it for the others too.
    try {
      for (const { first, leaves } of work) {
        signal?.throwIfAborted()
        const hashed = await hash(leaves)
        if (hashed.byteLength !== leaves.length * DIGEST_BYTES) {
          throw misuse(`${hashed.byteLength} bytes of digests for ${leaves.length} leaves`)
        }
        digests.set(hashed, first * DIGEST_BYTES)
      }
    } catch (error) {
      failures.push(error)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, concurrency) }, worker))
  if (failures.length > 0) throw failures[0]
  signal?.throwIfAborted()
  return digests
}

interface Batch {
  /** Number of its first leaf. */
  readonly first: number
  readonly leaves: readonly LeafRef[]
}

function* batches(plan: Plan): Generator<Batch, void, undefined> {
  let first = 0
  let leaves: LeafRef[] = []
  let bytes = 0
  for (const [number, leaf] of leafRefs(plan)) {
    const isNext = number === first + leaves.length
    if (leaves.length > 0 && (!isNext || bytes + leaf.length > LEAF_BYTES || leaves.length === MAX_BATCH)) {
      yield { first, leaves }
      leaves = []
    }
    if (leaves.length === 0) [first, bytes] = [number, 0]
    leaves.push(leaf)
    bytes += leaf.length
  }
  if (leaves.length > 0) yield { first, leaves }
}

function* leafRefs(plan: Plan): Generator<[number, LeafRef], void, undefined> {
  for (let file = 0; file < plan.entries.length; file++) {
    const { kind, size } = plan.entries[file] as Entry
    if (kind === 'folder' || isDagPbLeaf(plan, file)) continue
    const first = plan.leafOf[file] as number
    for (let leaf = 0; leaf < leavesIn(size); leaf++) {
      const offset = leaf * LEAF_BYTES
      yield [first + leaf, { file, offset, length: Math.min(LEAF_BYTES, size - offset) }]
    }
  }
}
