/** Finds the leaves that hold a range of one public file, getting only the nodes on the way to them. */
import type { CID } from 'multiformats/cid'
import { RAW } from '../cid.ts'
import type { Span } from '../span.ts'
import { invalid, overLimit } from './faults.ts'
import type { GetNodes } from './graph.ts'
import { MAX_FILE_DEPTH } from './limits.ts'
import { decodeNode, type UnixfsNode } from './node.ts'
import { linkAt } from './resolve.ts'

/** Part of a raw leaf that was not got yet. */
export interface LeafPart {
  readonly cid: CID
  /** Bytes that the leaf must have. */
  readonly length: number
  /** What of them is wanted. */
  readonly span: Span
}

export interface PublicFile {
  /** Bytes. */
  readonly size: number
  /**
   * Where the bytes of a span lie, in order: leaves that are still to be got, and bytes that came with a node.
   *
   * @throws ShoalError ERR_CONTENT_INVALID, ERR_LIMIT; what `getNodes` throws
   */
  readonly parts: (span: Span) => AsyncGenerator<LeafPart | Uint8Array>
}

/**
 * The file that `cid` names; undefined when that is a folder.
 *
 * @throws ShoalError ERR_CONTENT_INVALID, ERR_LIMIT, ERR_UNSAFE_NAME; what `getNodes` throws
 */
export async function openPublicFile(cid: CID, getNodes: GetNodes): Promise<PublicFile | undefined> {
  const [block] = (await getNodes([cid])) as [Uint8Array]
  if (cid.code === RAW) return { size: block.byteLength, parts: (span) => inline(block, span) }
  const node = decodeNode(block)
  if (node.kind !== 'file') return undefined
  return { size: node.size, parts: (span) => partsOf({ node, block, depth: 0 }, span, getNodes) }
}

interface Part {
  readonly node: UnixfsNode
  readonly block: Uint8Array
  /** File nodes above it. */
  readonly depth: number
}

async function* partsOf(
  { node, block, depth }: Part,
  { from, to }: Span,
  getNodes: GetNodes,
): AsyncGenerator<LeafPart | Uint8Array> {
  if (node.count === 0) {
    yield* inline(block.subarray(node.contentStart, node.contentEnd), { from, to })
    return
  }
  let start = 0
  for (let i = 0; i < node.count && start < to; i++) {
    const length = node.sizes[i] as number
    const span = { from: Math.max(0, from - start), to: Math.min(length, to - start) }
    start += length
    if (span.from >= span.to) continue
    const cid = linkAt(node, i)
    if (cid.code === RAW) yield { cid, length, span }
    else yield* partsOf(await partAt(cid, length, depth + 1, getNodes), span, getNodes)
  }
}

async function partAt(cid: CID, length: number, depth: number, getNodes: GetNodes): Promise<Part> {
  if (depth > MAX_FILE_DEPTH) throw overLimit(`a file is nested deeper than ${MAX_FILE_DEPTH}`)
  const [block] = (await getNodes([cid])) as [Uint8Array]
  const node = decodeNode(block)
  if (node.kind !== 'file') throw invalid('a part of a file is no file')
  if (node.size !== length) throw invalid('a part of a file has another size than stated')
  return { node, block, depth }
}

async function* inline(content: Uint8Array, { from, to }: Span): AsyncGenerator<Uint8Array> {
  if (from < to) yield content.subarray(from, to)
}
