/** The children of a folder, whether it is one node or a tree of shards. */
import { invalid } from './faults.ts'
import type { Graph, GraphNode } from './graph.ts'
import { compareUtf8 } from '../utf8-order.ts'
import { bucketAt, shardHash } from './shard-hash.ts'

export interface FolderView {
  /** In stored link order. */
  readonly names: readonly string[]
  /** For each name the index of its link. */
  readonly links: readonly number[]
  /** Indexes into the two above in the order of names. */
  readonly sorted: Uint32Array
}

/**
 * Lists a folder.
 *
 * @throws ShoalError ERR_CONTENT_INVALID when a name stands there twice, or in a bucket that is not its hash's
 */
export function viewFolder(graph: Graph, folder: GraphNode): FolderView {
  const names: string[] = []
  const links: number[] = []
  if (folder.kind === 'shard') listShards(graph, folder, [], names, links)
  else {
    folder.names.forEach((name, i) => {
      names.push(name)
      links.push(folder.first + i)
    })
  }
  const sorted = Uint32Array.from(names, (_, i) => i)
  const compare = (a: number, b: number): number => compareUtf8(names[a] as string, names[b] as string)
  // Tools write folders sorted; only shards are always in another order.
  if (sorted.some((_, i) => i > 0 && compare(i - 1, i) >= 0)) sorted.sort(compare)
  for (let i = 1; i < sorted.length; i++) {
    if (compare(sorted[i - 1] as number, sorted[i] as number) === 0)
      throw invalid('a folder has a name twice')
  }
  return { names, links, sorted }
}

/** `path` holds the buckets that lead to this shard. */
function listShards(graph: Graph, shard: GraphNode, path: number[], names: string[], links: number[]): void {
  const bits = Math.log2(shard.fanout)
  for (let i = 0; i < shard.count; i++) {
    const name = shard.names[i] as string
    path.push(shard.buckets[i] as number)
    if (name === '') {
      const node = graph.links.nodes[shard.first + i] as number
      listShards(graph, graph.nodes[node] as GraphNode, path, names, links)
    } else {
      const hash = shardHash(name)
      if (path.some((bucket, level) => bucket !== bucketAt(hash, level, bits))) {
        throw invalid('a name in a sharded folder lies in the wrong bucket')
      }
      names.push(name)
      links.push(shard.first + i)
    }
    path.pop()
  }
}
