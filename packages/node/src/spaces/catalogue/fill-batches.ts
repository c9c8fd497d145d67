/** Puts operations into as few batches as hold them. */
import { encode } from '@ipld/dag-cbor'
import { MAX_BATCH_BYTES, MAX_BATCH_OPERATIONS, MAX_PARENTS } from './limits.ts'
import { operationToCbor } from './operation-codec.ts'
import type { Operation } from './operations.ts'

/** Operations that stand in one batch, since they may name each other; `place` is where the first of them will stand. */
export type Together = (place: number) => readonly Operation[]

/** Bytes of an id in a list, and of what a batch has besides lists and operations, both rounded up. */
const ID_BYTES = 36
const HEAD_BYTES = 512
/** What is left for operations in a batch that names as many others as it may. */
const ROOM_BYTES = MAX_BATCH_BYTES - HEAD_BYTES - 2 * MAX_PARENTS * ID_BYTES

/** What is too large for any batch stands alone in one, which is refused when it is written. */
export function fillBatches(all: Iterable<Together>): Operation[][] {
  const batches: Operation[][] = []
  let current: Operation[] = []
  let bytes = 0
  for (const together of all) {
    let operations = together(current.length)
    const size = operations.reduce((sum, it) => sum + encode(operationToCbor(it)).byteLength, 0)
    if (
      current.length > 0 &&
      (current.length + operations.length > MAX_BATCH_OPERATIONS || bytes + size > ROOM_BYTES)
    ) {
      batches.push(current)
      current = []
      bytes = 0
      operations = together(0)
    }
    current.push(...operations)
    bytes += size
  }
  if (current.length > 0) batches.push(current)
  return batches
}
