/** Where a name lies in a sharded folder: murmur3-x64-64 of the name, taken a few bits per level from the top. */
import { murmur364 } from '@multiformats/murmur3'
import { SHARD_HASH_BITS } from './limits.ts'

/** 8 bytes. */
export function shardHash(name: string): Uint8Array {
  return murmur364.encode(Buffer.from(name)) as Uint8Array
}

/** Shards inside shards that the hash has bits for, the first included. */
export function maxShardLevels(bits: number): number {
  return Math.floor(SHARD_HASH_BITS / bits)
}

/** Bucket of a hash at a level (0 is the folder's first shard), for shards of 2^bits buckets. */
export function bucketAt(hash: Uint8Array, level: number, bits: number): number {
  let bucket = 0
  for (let bit = level * bits; bit < (level + 1) * bits; bit++) {
    bucket = bucket * 2 + (((hash[bit >>> 3] as number) >>> (7 - (bit & 7))) & 1)
  }
  return bucket
}

/** Hexadecimal digits that stand before each name in a shard. */
export function prefixDigits(fanout: number): number {
  return (fanout - 1).toString(16).length
}
