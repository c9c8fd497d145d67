/** The interior of a public root as it is got: each node once, however often it is linked. */
import type { CID } from 'multiformats/cid'
import { DAG_CBOR, DIGEST_BYTES, RAW, acceptCid } from '../cid.ts'
import { MAX_BLOCK_BYTES, MAX_DEPTH } from '../limits.ts'
import { invalid, misuse, overLimit } from './faults.ts'
import { MAX_FILE_DEPTH, WALK_BATCH, WALK_CALLS, type WalkLimits } from './limits.ts'
import { LinkTable } from './link-table.ts'
import { decodeNode, type UnixfsNode } from './node.ts'
import { CID_V0 } from './node-links.ts'
import { maxShardLevels } from './shard-hash.ts'

/** Returns the blocks in the order of the CIDs, each verified against its CID. */
export type GetNodes = (cids: readonly CID[]) => Promise<readonly Uint8Array[]>

export interface GraphNode {
  /** `raw` is a block that had to be got only to learn its length. */
  readonly kind: UnixfsNode['kind'] | 'raw'
  /** Links `first` to `first + count` of the table. */
  readonly first: number
  readonly count: number
  readonly blockBytes: number
  /** Bytes of content; 0 for folders. */
  readonly size: number
  readonly names: readonly string[]
  readonly buckets: Uint16Array
  readonly fanout: number
  readonly mtimeMs: number | undefined
  readonly executable: boolean | undefined
}

/** Link 0 leads to the root; every node is reached from there. */
export interface Graph {
  readonly links: LinkTable
  readonly nodes: readonly GraphNode[]
}

/** How deep a node lies on the path by which it was found first. */
interface Depths {
  readonly folders: number
  readonly shards: number
  readonly files: number
}

interface Wanted {
  readonly node: number
  readonly link: number
  readonly depths: Depths
}

/**
 * Gets everything below `root` that is no raw block, breadth first.
 *
 * @throws ShoalError ERR_CONTENT_INVALID, ERR_LIMIT, ERR_UNSAFE_NAME; what `getNodes` throws; the reason of `signal`
 */
export async function getGraph(
  root: CID,
  getNodes: GetNodes,
  limits: WalkLimits,
  signal: AbortSignal | undefined,
): Promise<Graph> {
  const walk = new GraphWalk(root, limits)
  while (walk.wanted.length > 0) {
    signal?.throwIfAborted()
    const calls: Promise<void>[] = []
    for (let call = 0; call < WALK_CALLS; call++) {
      const batch = walk.take(WALK_BATCH)
      if (batch.length > 0) calls.push(getBatch(walk, batch, getNodes))
    }
    await Promise.all(calls)
  }
  return walk
}

async function getBatch(walk: GraphWalk, batch: readonly Wanted[], getNodes: GetNodes): Promise<void> {
  const blocks = await getNodes(batch.map(({ link }) => walk.links.cidAt(link)))
  if (blocks.length !== batch.length) throw misuse('getNodes returned another number of blocks')
  batch.forEach((wanted, i) => walk.accept(wanted, blocks[i] as Uint8Array))
}

class GraphWalk implements Graph {
  readonly links: LinkTable = new LinkTable()
  readonly nodes: GraphNode[] = []
  wanted: Wanted[] = []
  #taken = 0
  readonly #limits: WalkLimits
  readonly #known = new Map<string, number>()
  // What has been seen once is there at least once, so these may already refuse while the walk goes on.
  #entries = 0
  #leaves = 0

  constructor(root: CID, limits: WalkLimits) {
    acceptCid(root)
    if (root.code === DAG_CBOR) throw invalid('the root is no UnixFS')
    this.#limits = limits
    const codecs = Uint8Array.of(root.version === 0 ? CID_V0 : root.code)
    const sizes = Float64Array.of(-1)
    this.links.append({ kind: 'folder', count: 1, digests: root.multihash.digest, codecs, sizes })
    this.#follow(0, { folders: 0, shards: 0, files: 0 })
  }

  take(count: number): Wanted[] {
    const batch = this.wanted.slice(this.#taken, this.#taken + count)
    this.#taken += batch.length
    if (this.#taken === this.wanted.length) {
      this.wanted = []
      this.#taken = 0
    }
    return batch
  }

  accept({ node, link, depths }: Wanted, block: Uint8Array): void {
    if (this.links.codecs[link] === RAW) {
      if (block.byteLength > MAX_BLOCK_BYTES) throw overLimit('a block has more than 1 MiB')
      this.nodes[node] = rawNode(block.byteLength)
      return
    }
    const decoded = decodeNode(block)
    this.#count(decoded)
    const first = this.links.append(decoded)
    this.nodes[node] = graphNode(decoded, first, block.byteLength)
    for (let i = 0; i < decoded.count; i++) {
      const isRaw = decoded.codecs[i] === RAW
      if (isRaw && (decoded.kind === 'file' || (decoded.sizes[i] as number) >= 0)) continue
      this.#follow(first + i, deeper(depths, decoded, i))
    }
  }

  #follow(link: number, depths: Depths): void {
    const { digests, codecs } = this.links
    const digest = Buffer.from(digests.buffer, link * DIGEST_BYTES, DIGEST_BYTES).toString('latin1')
    const key = codecs[link] === RAW ? `${digest}r` : digest
    const known = this.#known.get(key)
    if (known !== undefined) {
      this.links.nodes[link] = known
      return
    }
    const node = this.#known.size
    if (node >= this.#limits.nodes) throw overLimit(`it has more than ${this.#limits.nodes} nodes`)
    this.#known.set(key, node)
    // The place is taken at once, so that `nodes` has no holes whatever order blocks arrive in.
    this.nodes.push(rawNode(0))
    this.links.nodes[link] = node
    this.wanted.push({ node, link, depths })
  }

  #count(node: UnixfsNode): void {
    if (node.kind !== 'file') this.#entries += node.names.filter((name) => name !== '').length
    else for (const codec of node.codecs) if (codec === RAW) this.#leaves++
    if (this.#entries > this.#limits.entries)
      throw overLimit(`it has more than ${this.#limits.entries} entries`)
    if (this.#leaves > this.#limits.leaves) throw overLimit(`it has more than ${this.#limits.leaves} blocks`)
    if (node.size > this.#limits.bytes) throw overLimit(`it has more than ${this.#limits.bytes} bytes`)
  }
}

/** Stops endless chains of nodes while they are got; `measure` finds what is deep on another path. */
function deeper(depths: Depths, node: UnixfsNode, link: number): Depths {
  if (node.kind === 'file') {
    if (depths.files >= MAX_FILE_DEPTH) throw overLimit(`a file is nested deeper than ${MAX_FILE_DEPTH}`)
    return { ...depths, files: depths.files + 1 }
  }
  if (node.names[link] === '') {
    if (depths.shards + 1 >= maxShardLevels(Math.log2(node.fanout)))
      throw invalid('shards are nested too deep')
    return { ...depths, shards: depths.shards + 1 }
  }
  if (depths.folders >= MAX_DEPTH) throw overLimit(`folders are nested deeper than ${MAX_DEPTH}`)
  return { folders: depths.folders + 1, shards: 0, files: 0 }
}

const NO_NAMES: readonly string[] = []
const NO_BUCKETS = new Uint16Array(0)

function rawNode(bytes: number): GraphNode {
  return {
    kind: 'raw',
    first: 0,
    count: 0,
    blockBytes: bytes,
    size: bytes,
    names: NO_NAMES,
    buckets: NO_BUCKETS,
    fanout: 0,
    mtimeMs: undefined,
    executable: undefined,
  }
}

function graphNode(node: UnixfsNode, first: number, blockBytes: number): GraphNode {
  const { kind, count, size, names, buckets, fanout, mtimeMs, executable } = node
  return { kind, first, count, blockBytes, size, names, buckets, fanout, mtimeMs, executable }
}
