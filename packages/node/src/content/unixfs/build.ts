/** Builds public content: the UnixFS DAG that other IPFS tools compute for the same files. */
import type { CID } from 'multiformats/cid'
import type { Entry } from '../entry.ts'
import { DIGEST_BYTES, cidOf, DAG_PB, RAW } from '../cid.ts'
import { buildNodes, type BuiltNodes } from './build-nodes.ts'
import { hashLeaves, type HashLeaves } from './hash-leaves.ts'
import { misuse } from './faults.ts'
import { FileSpans, type LeafRef, type LeafSpan, type PublicLeaves } from './leaves.ts'
import { LEAF_BYTES } from './limits.ts'
import { childrenOf, leavesIn, planBuild, type Plan } from './plan.ts'

/** The leaves of a DAG that was built here. */
export interface UnixfsLeaves extends PublicLeaves {
  /** All sha2-256 digests, 32 bytes each, in block order. */
  readonly digests: Uint8Array
}

export interface UnixfsDag {
  readonly root: CID
  /**
   * Every dag-pb block by `cid.toString()`: all that cannot be read back from the files. With `preserve` an empty
   * file is such a block and at the same time a numbered leaf.
   */
  readonly nodes: ReadonlyMap<string, Uint8Array>
  readonly leaves: UnixfsLeaves
}

export interface BuildOptions {
  /** Keep mtime and the executable bit (UnixFS 1.5), which changes the root. Default false. */
  readonly preserve?: boolean
  /** Calls of `hash` under way at once. Default 8. */
  readonly concurrency?: number
  readonly signal?: AbortSignal
}

/**
 * Builds the DAG of `entries` with profile `unixfs-v1-2025`. The entries are sorted by `comparePaths`, folders
 * included; a single file has path ''. `hash` reads leaves of at most 1 MiB together and returns
 * their sha2-256 digests; it is called in entry order. Needs 32 bytes for each leaf beside the nodes.
 *
 * @throws ShoalError ERR_LIMIT when nobody could fetch the result; ERR_INTERNAL when entries are out of order;
 *   what `hash` throws; the reason of `signal`
 */
export async function buildUnixfs(
  entries: readonly Entry[],
  hash: HashLeaves,
  options: BuildOptions = {},
): Promise<UnixfsDag> {
  const plan = planBuild(entries, options.preserve ?? false)
  const digests = await hashLeaves(plan, hash, options.concurrency ?? 8, options.signal)
  const built = buildNodes(plan, digests)
  return { root: built.root, nodes: built.nodes, leaves: new BuiltLeaves(plan, built, digests) }
}

/**
 * Builds the DAG again from what a build gave: `digests` of all leaves in entry order, 32 bytes each. Reads no file.
 *
 * @throws ShoalError as `buildUnixfs`, ERR_INTERNAL when the digests are too few or too many
 */
export function rebuildUnixfs(entries: readonly Entry[], digests: Uint8Array, preserve: boolean): UnixfsDag {
  const plan = planBuild(entries, preserve)
  if (digests.byteLength !== plan.leaves * DIGEST_BYTES) throw misuse('another number of digests')
  // A copy: those of empty files with metadata are set anew.
  const own = digests.slice()
  const built = buildNodes(plan, own)
  return { root: built.root, nodes: built.nodes, leaves: new BuiltLeaves(plan, built, own) }
}

class BuiltLeaves implements UnixfsLeaves {
  readonly count: number
  readonly digests: Uint8Array
  readonly #entries: readonly Entry[]
  readonly #spans: FileSpans
  readonly #dagPbLeaves: ReadonlyMap<number, Uint8Array>
  readonly #nodes: ReadonlyMap<string, Uint8Array>

  constructor(plan: Plan, built: BuiltNodes, digestsByEntry: Uint8Array) {
    const firstOf = new Float64Array(plan.entries.length).fill(-1)
    const files = filesInBlockOrder(plan, built)
    let next = 0
    for (const file of files) {
      firstOf[file] = next
      next += leavesIn((plan.entries[file] as Entry).size)
    }
    this.count = next
    this.#entries = plan.entries
    this.#spans = new FileSpans(firstOf, next)
    this.#dagPbLeaves = built.dagPbLeaves
    this.#nodes = built.nodes
    this.digests = inBlockOrder(plan, built, files, digestsByEntry)
    for (const [file, digest] of built.dagPbLeaves)
      this.digests.set(digest, (firstOf[file] as number) * DIGEST_BYTES)
  }

  cidOf(number: number): CID {
    const codec = this.#dagPbLeaves.has(this.#spans.fileOf(number)) ? DAG_PB : RAW
    return cidOf(codec, this.digestOf(number).slice())
  }

  digestOf(number: number): Uint8Array {
    this.#spans.fileOf(number)
    return this.digests.subarray(number * DIGEST_BYTES, (number + 1) * DIGEST_BYTES)
  }

  lengthOf(number: number): number {
    const { file, length } = this.refOf(number)
    if (!this.#dagPbLeaves.has(file)) return length
    return (this.#nodes.get(this.cidOf(number).toString()) as Uint8Array).byteLength
  }

  refOf(number: number): LeafRef {
    const file = this.#spans.fileOf(number)
    const offset = (number - this.#spans.firstOf(file)) * LEAF_BYTES
    return { file, offset, length: Math.min(LEAF_BYTES, (this.#entries[file] as Entry).size - offset) }
  }

  spanOf(file: number): LeafSpan {
    return this.#spans.spanOf(file)
  }
}

/** Indexes of all files, depth-first in stored link order: sorted by name except inside a sharded folder. */
function filesInBlockOrder(plan: Plan, built: BuiltNodes): number[] {
  const files: number[] = []
  if (built.shardOrder.size === 0) {
    plan.entries.forEach((entry, index) => entry.kind === 'file' && files.push(index))
    return files
  }
  const visit = (folder: number): void => {
    for (const child of built.shardOrder.get(folder) ?? childrenOf(plan, folder)) {
      if (plan.entries[child]?.kind === 'file') files.push(child)
      else visit(child)
    }
  }
  visit(-1)
  return files
}

function inBlockOrder(
  plan: Plan,
  built: BuiltNodes,
  files: readonly number[],
  byEntry: Uint8Array,
): Uint8Array {
  if (built.shardOrder.size === 0) return byEntry
  const digests = new Uint8Array(byEntry.byteLength)
  let at = 0
  for (const file of files) {
    const from = (plan.leafOf[file] as number) * DIGEST_BYTES
    const bytes = leavesIn((plan.entries[file] as Entry).size) * DIGEST_BYTES
    digests.set(byEntry.subarray(from, from + bytes), at)
    at += bytes
  }
  return digests
}
