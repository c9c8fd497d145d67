/** Spreads the children of one large folder over a tree of shards (HAMT), as the profile wants it. */
import { writeShard, type Child, type Metadata, type Written } from './encode.ts'
import { overLimit } from './faults.ts'
import { SHARD_FANOUT } from './limits.ts'
import { maxShardLevels, prefixDigits, shardHash } from './shard-hash.ts'

const DIGITS = prefixDigits(SHARD_FANOUT)
const LEVELS = maxShardLevels(Math.log2(SHARD_FANOUT))
const NO_METADATA: Metadata = {}

export interface BuiltShards {
  readonly top: Written
  /** The children in stored link order, as indexes of `names`. */
  readonly order: Uint32Array
}

/**
 * Shards of the children with these names, made by `childAt` one at a time. Only the top shard carries metadata.
 *
 * @throws ShoalError ERR_LIMIT when two names have the same 64-bit hash, which no tool could read
 */
export function buildShards(
  names: readonly string[],
  childAt: (i: number) => Child,
  metadata: Metadata,
  keep: (written: Written) => Written,
): BuiltShards {
  const hashes = new Uint8Array(names.length * 8)
  names.forEach((name, i) => hashes.set(shardHash(name), i * 8))
  const view = new DataView(hashes.buffer)
  // A bucket is one byte of the hash, from the first on, so bucket order is the order of the hashes.
  const order = Uint32Array.from(names, (_, i) => i).sort(
    (a, b) =>
      view.getUint32(a * 8) - view.getUint32(b * 8) || view.getUint32(a * 8 + 4) - view.getUint32(b * 8 + 4),
  )
  const bucketOf = (at: number, level: number): number => hashes[(order[at] as number) * 8 + level] as number

  const shard = (from: number, to: number, level: number): Written => {
    if (level >= LEVELS) throw overLimit('two names in a folder have the same hash')
    const links: Child[] = []
    const buckets: number[] = []
    for (let start = from; start < to;) {
      const bucket = bucketOf(start, level)
      let end = start + 1
      while (end < to && bucketOf(end, level) === bucket) end++
      const prefix = bucket.toString(16).toUpperCase().padStart(DIGITS, '0')
      if (end - start === 1) {
        const child = childAt(order[start] as number)
        links.push({ ...child, name: prefix + child.name })
      } else {
        const { cid, tsize } = shard(start, end, level + 1)
        links.push({ name: prefix, cid, tsize })
      }
      buckets.push(bucket)
      start = end
    }
    return keep(writeShard(links, buckets, level === 0 ? metadata : NO_METADATA))
  }
  return { top: shard(0, order.length, 0), order }
}
