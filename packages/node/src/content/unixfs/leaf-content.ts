/** Takes the bytes of a file out of one leaf. */
import type { CID } from 'multiformats/cid'
import { RAW } from '../cid.ts'
import { invalid } from './faults.ts'
import { decodeNode } from './node.ts'

/**
 * The bytes of the file in a verified leaf block: all of a raw block, the inline data of a dag-pb one. A view, no
 * copy.
 *
 * @throws ShoalError ERR_CONTENT_INVALID when there are not `length` of them or the block is no leaf
 */
export function leafContent(cid: CID, block: Uint8Array, length: number): Uint8Array {
  let content = block
  if (cid.code !== RAW) {
    const node = decodeNode(block)
    if (node.kind !== 'file' || node.count > 0) throw invalid('a block holds no bytes of a file')
    content = block.subarray(node.contentStart, node.contentEnd)
  }
  if (content.byteLength !== length) throw invalid('a block has another length than its parent states')
  return content
}
