/** Hashes all leaves through a function that does the reading, a few at a time and across files. */
import type { Entry } from '../entry.ts'
import { misuse } from './faults.ts'
import type { LeafRef } from './leaves.ts'
import { LEAF_BYTES } from './limits.ts'
import { isDagPbLeaf, leavesIn, type Plan } from './plan.ts'

/** Resolves to the sha2-256 digest (32 bytes) of `length` bytes of a file at `offset`. */
export type HashLeaf = (leaf: LeafRef) => Promise<Uint8Array>

/**
 * The digests of all leaves, 32 bytes each, in entry order; zeros for an empty file that becomes a dag-pb leaf.
 * When one fails no further one is begun, and the first error is thrown once those under way have ended.
 */
export async function hashLeaves(
  plan: Plan,
  hashLeaf: HashLeaf,
  concurrency: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const digests = new Uint8Array(plan.leaves * 32)
  const work = leafRefs(plan)
  const failures: unknown[] = []
  const worker = async (): Promise<void> => {
    // All workers take from one generator; leaving the loop by an error closes it for the others too.
    try {
      for (const [number, leaf] of work) {
        signal?.throwIfAborted()
        const digest = await hashLeaf(leaf)
        if (digest.byteLength !== 32) throw misuse(`a digest of ${digest.byteLength} bytes`)
        digests.set(digest, number * 32)
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
