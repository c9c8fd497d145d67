/** Links of all nodes of a walk in flat arrays: objects for each of millions of links would not fit. */
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { DIGEST_BYTES, cidOf, type Codec } from '../cid.ts'
import type { UnixfsNode } from './node.ts'
import { CID_V0 } from './node-links.ts'

const SHA2_256 = 0x12

export class LinkTable {
  count = 0
  /** 32 bytes for each link. */
  digests: Uint8Array = new Uint8Array(32)
  /** `RAW`, `DAG_PB` or `CID_V0`. */
  codecs: Uint8Array = new Uint8Array(1)
  /** In a file node: bytes of content before this link. Else the claimed Tsize, or -1. */
  sizes: Float64Array = new Float64Array(1)
  /** Index of the node that the link leads to, or -1 for a raw block that was not got. */
  nodes: Int32Array = new Int32Array(1)
  /** In a file node, once measured: leaves before this link. */
  leaves: Uint32Array = new Uint32Array(1)

  /** Appends the links of a node; returns the index of the first. */
  append(node: Pick<UnixfsNode, 'count' | 'kind' | 'digests' | 'codecs' | 'sizes'>): number {
    const first = this.count
    this.#reserve(first + node.count)
    this.digests.set(node.digests, first * DIGEST_BYTES)
    this.codecs.set(node.codecs, first)
    if (node.kind === 'file') {
      let before = 0
      for (let i = 0; i < node.count; i++) {
        this.sizes[first + i] = before
        before += node.sizes[i] as number
      }
    } else this.sizes.set(node.sizes, first)
    this.nodes.fill(-1, first, first + node.count)
    this.count += node.count
    return first
  }

  cidAt(link: number): CID {
    const codec = this.codecs[link] as number
    const digest = this.digests.slice(link * DIGEST_BYTES, (link + 1) * DIGEST_BYTES)
    return codec === CID_V0 ? CID.createV0(Digest.create(SHA2_256, digest)) : cidOf(codec as Codec, digest)
  }

  #reserve(count: number): void {
    const had = this.codecs.length
    if (count <= had) return
    const length = Math.max(count, had * 2)
    this.digests = grown(new Uint8Array(length * DIGEST_BYTES), this.digests)
    this.codecs = grown(new Uint8Array(length), this.codecs)
    this.sizes = grown(new Float64Array(length), this.sizes)
    this.nodes = grown(new Int32Array(length), this.nodes)
    this.leaves = grown(new Uint32Array(length), this.leaves)
  }
}

function grown<T extends Uint8Array | Float64Array | Int32Array | Uint32Array>(larger: T, old: T): T {
  larger.set(old)
  return larger
}
