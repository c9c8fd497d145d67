/** The numbers of profile `unixfs-v1-2025` (IPIP-499), and the limits of a walk beside those of `content/limits.ts`. */
import { MAX_ENTRIES } from '../limits.ts'

/** Bytes in one leaf; the last leaf of a file may have fewer. */
export const LEAF_BYTES = 1_048_576
/** Links in one node of a file. */
export const FILE_LINKS = 1_024
/** A folder whose block would have more bytes than this is sharded; at exactly this size it is not. */
export const SHARD_ABOVE_BYTES = 262_144
/** Buckets in one shard that we build. */
export const SHARD_FANOUT = 256

/** Largest fanout that other tools accept; a foreign shard may have any power of two from 8. */
export const MAX_FANOUT = 1_024
export const MIN_FANOUT = 8
/** The shard hash has 64 bits, so this bounds how deep shards nest: 64 / log2(fanout). */
export const SHARD_HASH_BITS = 64
/** File nodes inside file nodes. A balanced file of 64 TiB needs 3. */
export const MAX_FILE_DEPTH = 64

/** CIDs in one call of `getNodes`. */
export const WALK_BATCH = 64
/** Calls of `getNodes` under way at once. */
export const WALK_CALLS = 4

/** What one walk may find; each counts every position, so that a repeated CID cannot multiply for free. */
export interface WalkLimits {
  /** Files and folders. */
  readonly entries: number
  /** Blocks that hold file bytes. 2^26 leaves of 1 MiB are 64 TiB. */
  readonly leaves: number
  /** Nodes got; each once, however often it is linked. */
  readonly nodes: number
  /** Declared bytes of all files. */
  readonly bytes: number
}

export const DEFAULT_WALK_LIMITS: WalkLimits = {
  entries: MAX_ENTRIES,
  leaves: 67_108_864,
  nodes: 2_000_000,
  bytes: Number.MAX_SAFE_INTEGER,
}
