/** The leaves of a walked root, looked up in its nodes: a repeated subtree needs no memory at each position. */
import { DIGEST_BYTES } from '../cid.ts'
import type { CID } from 'multiformats/cid'
import type { Graph, GraphNode } from './graph.ts'
import { FileSpans, lastAtMost, type LeafRef, type LeafSpan, type PublicLeaves } from './leaves.ts'

interface Found {
  readonly file: number
  /** The link that leads to the leaf, and its node unless it is a raw block that was not got. */
  readonly link: number
  readonly node: GraphNode | undefined
  readonly offset: number
  readonly length: number
}

export class WalkedLeaves implements PublicLeaves {
  readonly count: number
  readonly #graph: Graph
  /** For each entry the link that leads to it. */
  readonly #targets: Uint32Array
  readonly #spans: FileSpans

  constructor(graph: Graph, targets: Uint32Array, firstOf: Float64Array, count: number) {
    this.count = count
    this.#graph = graph
    this.#targets = targets
    this.#spans = new FileSpans(firstOf, count)
  }

  cidOf(number: number): CID {
    return this.#graph.links.cidAt(this.#find(number).link)
  }

  digestOf(number: number): Uint8Array {
    const at = this.#find(number).link * DIGEST_BYTES
    return this.#graph.links.digests.subarray(at, at + DIGEST_BYTES)
  }

  lengthOf(number: number): number {
    const { node, length } = this.#find(number)
    return node?.blockBytes ?? length
  }

  refOf(number: number): LeafRef {
    const { file, offset, length } = this.#find(number)
    return { file, offset, length }
  }

  spanOf(file: number): LeafSpan {
    return this.#spans.spanOf(file)
  }

  #find(number: number): Found {
    const { links, nodes } = this.#graph
    const file = this.#spans.fileOf(number)
    let link = this.#targets[file] as number
    let rest = number - this.#spans.firstOf(file)
    let offset = 0
    let node = nodes[links.nodes[link] as number]
    let length: number = node?.size ?? links.sizes[link]!
    while (node !== undefined && node.count > 0) {
      const end = node.first + node.count
      link = lastAtMost(links.leaves, rest, node.first, end)
      rest -= links.leaves[link] as number
      const before = links.sizes[link] as number
      length = (link + 1 < end ? (links.sizes[link + 1] as number) : node.size) - before
      offset += before
      node = nodes[links.nodes[link] as number]
    }
    return { file, link, node, offset, length }
  }
}
