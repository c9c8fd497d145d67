/**
 * Measures a graph before anything is made of it. Each node is measured once and counts at every position, so a
 * few nodes that link to each other a thousand times are refused in no time.
 */
import { RAW } from '../cid.ts'
import { MAX_DEPTH, MAX_PATH_BYTES } from '../limits.ts'
import { invalid, overLimit } from './faults.ts'
import type { Graph, GraphNode } from './graph.ts'
import { MAX_FILE_DEPTH, type WalkLimits } from './limits.ts'
import { maxShardLevels } from './shard-hash.ts'

/** What lies below a node, every position counted. */
export interface Measure {
  readonly entries: number
  readonly leaves: number
  /** Bytes of all files; for a raw block in a folder as claimed. */
  readonly bytes: number
  /** Folders below each other in paths, file nodes in file nodes, shards in shards. */
  readonly folders: number
  readonly files: number
  readonly shards: number
  /** UTF-8 bytes of the longest path. */
  readonly pathBytes: number
}

/**
 * A measure for each node of the graph, by its index. Fills the table's `leaves` of file nodes.
 *
 * @throws ShoalError ERR_CONTENT_INVALID when sizes or kinds contradict each other, ERR_LIMIT
 */
export function measureGraph(graph: Graph, limits: WalkLimits): readonly Measure[] {
  const measurer = new Measurer(graph, limits)
  measurer.linkAt(0, 0)
  return measurer.measures
}

class Measurer {
  readonly measures: Measure[]
  readonly #graph: Graph
  readonly #limits: WalkLimits

  constructor(graph: Graph, limits: WalkLimits) {
    this.#graph = graph
    this.#limits = limits
    this.measures = Array.from<Measure>({ length: graph.nodes.length })
  }

  /** `path` counts the nodes above, so that recursion is bounded before the measures are known. */
  linkAt(link: number, path: number): Measure {
    const index = this.#graph.links.nodes[link] as number
    if (index < 0) return leaf(this.#graph.links.sizes[link] as number)
    const known = this.measures[index]
    if (known !== undefined) return known
    if (path > MAX_PATH_NODES) throw overLimit('nodes are nested too deep')
    const node = this.#graph.nodes[index] as GraphNode
    const measure =
      node.count === 0 && (node.kind === 'raw' || node.kind === 'file')
        ? leaf(node.size)
        : node.kind === 'file'
          ? this.#file(node, path)
          : this.#folder(node, path)
    this.#check(measure)
    this.measures[index] = measure
    return measure
  }

  #file(node: GraphNode, path: number): Measure {
    const { links, nodes } = this.#graph
    let leaves = 0
    let files = 0
    for (let i = 0; i < node.count; i++) {
      const link = node.first + i
      const child = links.nodes[link] as number
      links.leaves[link] = leaves
      if (child < 0) {
        leaves++
        continue
      }
      const { kind, size } = nodes[child] as GraphNode
      if (kind !== 'file') throw invalid('a part of a file is no file')
      const end = i + 1 < node.count ? (links.sizes[link + 1] as number) : node.size
      if (size !== end - (links.sizes[link] as number))
        throw invalid('a part of a file has another size than stated')
      const below = this.linkAt(link, path + 1)
      leaves += below.leaves
      files = Math.max(files, below.files + 1)
      if (leaves > this.#limits.leaves) throw overLimit(`it has more than ${this.#limits.leaves} blocks`)
    }
    return { ...leaf(node.size), leaves, files }
  }

  #folder(node: GraphNode, path: number): Measure {
    const { links, nodes } = this.#graph
    let [entries, leaves, bytes, folders, shards, pathBytes] = [0, 0, 0, 0, 0, 0]
    for (let i = 0; i < node.count; i++) {
      const link = node.first + i
      const name = node.names[i] as string
      const child = links.nodes[link] as number
      if (name === '') this.#checkShard(node, nodes[child] as GraphNode)
      const below = this.linkAt(link, path + 1)
      entries += below.entries
      leaves += below.leaves
      bytes += below.bytes
      if (name === '') {
        shards = Math.max(shards, below.shards + 1)
        folders = Math.max(folders, below.folders)
        pathBytes = Math.max(pathBytes, below.pathBytes)
      } else {
        entries++
        folders = Math.max(folders, below.folders + 1)
        const inside = below.pathBytes === 0 ? 0 : below.pathBytes + 1
        pathBytes = Math.max(pathBytes, Buffer.byteLength(name) + inside)
      }
    }
    if (node.kind === 'shard' && shards >= maxShardLevels(Math.log2(node.fanout))) {
      throw invalid('shards are nested too deep')
    }
    return { entries, leaves, bytes, folders, shards, pathBytes, files: 0 }
  }

  #checkShard(parent: GraphNode, child: GraphNode): void {
    if (child.kind !== 'shard') throw invalid('a part of a sharded folder is no shard')
    if (child.fanout !== parent.fanout)
      throw invalid('the shards of a folder differ in their number of buckets')
    // Empty shards could be repeated without end and never reach a limit on entries.
    if (child.count === 0) throw invalid('a part of a sharded folder is empty')
  }

  #check(measure: Measure): void {
    const { entries, leaves, bytes } = this.#limits
    if (measure.entries > entries) throw overLimit(`it has more than ${entries} entries`)
    if (measure.leaves > leaves) throw overLimit(`it has more than ${leaves} blocks`)
    if (measure.bytes > bytes) throw overLimit(`it has more than ${bytes} bytes`)
    if (measure.folders > MAX_DEPTH) throw overLimit(`folders are nested deeper than ${MAX_DEPTH}`)
    if (measure.files > MAX_FILE_DEPTH) throw overLimit(`a file is nested deeper than ${MAX_FILE_DEPTH}`)
    if (measure.pathBytes > MAX_PATH_BYTES) throw overLimit(`a path has more than ${MAX_PATH_BYTES} bytes`)
  }
}

/** Every folder of a path may be shards of the narrowest kind, and a file lies below. */
const MAX_PATH_NODES = MAX_DEPTH * maxShardLevels(3) + MAX_FILE_DEPTH

function leaf(bytes: number): Measure {
  return { entries: 0, leaves: 1, bytes, folders: 0, files: 0, shards: 0, pathBytes: 0 }
}

/** Whether a link leads to bytes of a file in one block. */
export function isLeaf(graph: Graph, link: number): boolean {
  const index = graph.links.nodes[link] as number
  if (index < 0) return graph.links.codecs[link] === RAW
  const { kind, count } = graph.nodes[index] as GraphNode
  return kind === 'raw' || (kind === 'file' && count === 0)
}
