/** Sealed shares made by hand: everything is validly sealed, whatever it says. */
import { encode } from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { DAG_CBOR, RAW, cidOf, sha256 } from '../../src/content/cid.ts'
import { BlockSealer, type BlockBinding } from '../../src/content/sealed/cipher.ts'
import {
  PLAIN_BLOCK_BYTES,
  partOf,
  plainLength,
  plainOffset,
  shapeOf,
} from '../../src/content/sealed/format.ts'
import { commitment, partKeys } from '../../src/content/sealed/keys.ts'
import { bindingOf } from '../../src/store/sealing.ts'

/** The fields of a root as they are encoded; a forger may put anything in their place. */
export type RootFields = Record<string, unknown> & { pages: CID[]; blocks: number; manifest: number }

export interface SealedForgery {
  readonly shareKey: Uint8Array
  /** The data part without its padding. */
  readonly data: Uint8Array
  /** `u32be length || dag-cbor`, one for each block of the manifest part. */
  readonly pages: readonly Uint8Array[]
  /** Changes the padded plaintext of a block before it is sealed. */
  readonly plain?: (block: number, plain: Uint8Array, part: 'data' | 'manifest') => void
  /** Changes what a block is bound to. */
  readonly binding?: (binding: BlockBinding) => BlockBinding
  /** Changes the list of digests before it is cut into pages. */
  readonly digests?: (digests: Uint8Array) => Uint8Array
  readonly root?: (fields: RootFields) => Record<string, unknown>
  /** Changes the encoded root. */
  readonly rootBytes?: (bytes: Uint8Array) => Uint8Array
}

export interface ForgedSealed {
  readonly root: CID
  readonly nodes: Map<string, Uint8Array>
  readonly blocks: Uint8Array[]
}

const DIGEST_PAGE_BYTES = 32 * 32_768

export function forgeSealed(forgery: SealedForgery): ForgedSealed {
  const { shareKey, data, pages } = forgery
  const manifest = joinPages(pages)
  const shape = shapeOf(data.byteLength, manifest.byteLength)
  const keys = partKeys(shareKey)
  const blocks: Uint8Array[] = []
  for (let block = 0; block < shape.blocks; block++) {
    const part = partOf(shape, block)
    const plain = new Uint8Array(plainLength(shape, block))
    const offset = plainOffset(shape, block)
    plain.set((part === 'data' ? data : manifest).subarray(offset, offset + plain.byteLength))
    forgery.plain?.(block, plain, part)
    const binding = bindingOf(shape, keys, block)
    const sealer = new BlockSealer(forgery.binding?.(binding) ?? binding)
    const sealed = sealer.update(plain)
    blocks.push(Buffer.concat([sealed, sealer.finish().tag]))
  }
  const honest = new Uint8Array(Buffer.concat(blocks.map((block) => sha256(block))))
  const digests = forgery.digests?.(honest) ?? honest
  const nodes = new Map<string, Uint8Array>()
  const cids: CID[] = []
  for (let at = 0; at < digests.byteLength; at += DIGEST_PAGE_BYTES) {
    const page = digests.subarray(at, at + DIGEST_PAGE_BYTES)
    const cid = cidOf(RAW, sha256(page))
    nodes.set(cid.toString(), page)
    cids.push(cid)
  }
  const fields: RootFields = {
    t: 'shoal/sealed',
    v: 1,
    commit: commitment(shareKey),
    blocks: shape.blocks,
    manifest: shape.manifest,
    bytes: [...shape.bytes],
    pages: cids,
  }
  const encoded = encode(forgery.root?.(fields) ?? fields)
  const bytes = forgery.rootBytes?.(encoded) ?? encoded
  const root = cidOf(DAG_CBOR, sha256(bytes))
  nodes.set(root.toString(), bytes)
  return { root, nodes, blocks }
}

/** A page around bytes that need not be dag-cbor. */
export function pageOf(cbor: Uint8Array, length = cbor.byteLength): Uint8Array {
  const page = new Uint8Array(4 + cbor.byteLength)
  new DataView(page.buffer).setUint32(0, length)
  page.set(cbor, 4)
  return page
}

/** The pages of a manifest one after the other, all but the last padded to a full block. */
export function joinPages(pages: Iterable<Uint8Array>): Uint8Array {
  const list = [...pages]
  const joined = new Uint8Array((list.length - 1) * PLAIN_BLOCK_BYTES + (list.at(-1)?.byteLength ?? 0))
  list.forEach((page, i) => joined.set(page, i * PLAIN_BLOCK_BYTES))
  return joined
}
