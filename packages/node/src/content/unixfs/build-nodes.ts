/** Builds the interior of a DAG over leaves that are already hashed. */
import type { CID } from 'multiformats/cid'
import type { Entry } from '../entry.ts'
import { DAG_PB, DIGEST_BYTES, RAW, cidOf } from '../cid.ts'
import { buildFile } from './build-file.ts'
import { buildShards } from './build-shards.ts'
import { FolderSize, writeFolder, type Child, type Metadata, type Written } from './encode.ts'
import { SHARD_ABOVE_BYTES } from './limits.ts'
import { childrenOf, nameOf, plannedMetadata, type Plan } from './plan.ts'

const NO_METADATA: Metadata = {}

export interface BuiltNodes {
  readonly root: CID
  /** Every dag-pb block by its CID. */
  readonly nodes: Map<string, Uint8Array>
  /** For each empty file that is a dag-pb leaf the digest of that block; by the file's index. */
  readonly dagPbLeaves: ReadonlyMap<number, Uint8Array>
  /** For each sharded folder (-1 is the root) its children in stored link order, as indexes of entries. */
  readonly shardOrder: ReadonlyMap<number, Uint32Array>
}

/** `digests` are those of the leaves in entry order, 32 bytes each. */
export function buildNodes(plan: Plan, digests: Uint8Array): BuiltNodes {
  const { entries } = plan
  const nodes = new Map<string, Uint8Array>()
  const dagPbLeaves = new Map<number, Uint8Array>()
  const shardOrder = new Map<number, Uint32Array>()
  // What each entry became, flat: a CID object for each of 1,000,000 entries would need far more than its bytes.
  const tops = new Uint8Array(entries.length * DIGEST_BYTES)
  const tsizes = new Float64Array(entries.length)
  const isNode = new Uint8Array(entries.length)

  const keep = (written: Written): Written => {
    nodes.set(written.cid.toString(), written.block)
    return written
  }
  const place = (index: number, made: Written): void => {
    tops.set(made.cid.multihash.digest, index * DIGEST_BYTES)
    tsizes[index] = made.tsize
    isNode[index] = 1
  }
  const childAt = (index: number): Child => ({
    name: nameOf(entries[index] as Entry),
    cid: cidOf(
      isNode[index] === 1 ? DAG_PB : RAW,
      tops.slice(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES),
    ),
    tsize: tsizes[index] as number,
  })

  const file = (index: number): void => {
    const { size } = entries[index] as Entry
    const at = (plan.leafOf[index] as number) * DIGEST_BYTES
    const made = buildFile(size, digests.subarray(at), plannedMetadata(plan, index), keep)
    if (made === undefined) {
      tops.set(digests.subarray(at, at + DIGEST_BYTES), index * DIGEST_BYTES)
      tsizes[index] = size
    } else {
      place(index, made)
      if (size === 0) dagPbLeaves.set(index, made.cid.multihash.digest)
    }
  }
  const folder = (index: number): Written => {
    const metadata = index < 0 ? NO_METADATA : plannedMetadata(plan, index)
    const indexes = childrenOf(plan, index)
    const names = indexes.map((child) => nameOf(entries[child] as Entry))
    const size = new FolderSize(metadata)
    indexes.forEach((child, i) => size.add(names[i] as string, tsizes[child] as number))
    if (size.bytes <= SHARD_ABOVE_BYTES) return keep(writeFolder(indexes.map(childAt), metadata))
    const { top, order } = buildShards(names, (i) => childAt(indexes[i] as number), metadata, keep)
    shardOrder.set(
      index,
      order.map((i) => indexes[i] as number),
    )
    return top
  }

  // A folder stands before what it holds, so from the end all children are built before their folder.
  for (let index = entries.length - 1; index >= 0; index--) {
    if (entries[index]?.kind === 'folder') place(index, folder(index))
    else file(index)
  }
  const root = plan.isFile ? childAt(0).cid : folder(-1).cid
  return { root, nodes, dagPbLeaves, shardOrder }
}
