/** Builds the balanced tree over the leaves of one file. */
import { DIGEST_BYTES, RAW, cidOf } from '../cid.ts'
import { hasMetadata, writeFile, type Child, type Metadata, type Written } from './encode.ts'
import { FILE_LINKS, LEAF_BYTES } from './limits.ts'
import { leavesIn } from './plan.ts'

const NO_METADATA: Metadata = {}

/**
 * The top node of a file of `size` bytes, or undefined for one whose only leaf stands for itself. `digests` begin
 * with those of its leaves. Only the top node carries metadata.
 *
 * With metadata a single leaf gets a node above it, as the importer does with `reduceSingleLeafToSelf: false`.
 * Tools that put the bytes into that node make a block larger than 1 MiB of a file of 1 MiB; no peer takes it.
 */
export function buildFile(
  size: number,
  digests: Uint8Array,
  metadata: Metadata,
  keep: (written: Written) => Written,
): Written | undefined {
  const leaves = leavesIn(size)
  if (leaves === 1 && !hasMetadata(metadata)) return undefined
  if (size === 0) return keep(writeFile([], [], metadata))
  let count = leaves
  let bytes = LEAF_BYTES
  let childAt = (i: number): Child => ({
    name: '',
    // A copy: a view would keep all digests alive as long as the CID.
    cid: cidOf(RAW, digests.slice(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES)),
    tsize: Math.min(LEAF_BYTES, size - i * LEAF_BYTES),
  })
  for (;;) {
    const level: Child[] = []
    for (let from = 0; from < count; from += FILE_LINKS) {
      const indexes = Array.from({ length: Math.min(FILE_LINKS, count - from) }, (_, i) => from + i)
      const sizes = indexes.map((i) => Math.min(bytes, size - i * bytes))
      const isTop = count <= FILE_LINKS
      const made = keep(writeFile(indexes.map(childAt), sizes, isTop ? metadata : NO_METADATA))
      if (isTop) return made
      level.push({ name: '', cid: made.cid, tsize: made.tsize })
    }
    count = level.length
    bytes *= FILE_LINKS
    childAt = (i) => level[i] as Child
  }
}
