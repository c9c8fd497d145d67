/**
 * The root block of a sealed share: readable without the key, so that anyone who knows the root can list, number,
 * verify, store and serve every block.
 */
import { encode } from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { ShoalError } from '../../errors.ts'
import { CborReader } from '../cbor.ts'
import { DAG_CBOR, DIGEST_BYTES, RAW, cidOf, decodeCid, sha256 } from '../cid.ts'
import { MAX_BLOCK_BYTES } from '../limits.ts'
import { DIGESTS_PER_PAGE, MAX_PAGES, shapeFromClaims, type SealedShape } from './format.ts'

const TYPE = 'shoal/sealed'
const VERSION = 1

export interface SealedRoot {
  readonly shape: SealedShape
  /** 32 bytes; see `commitment`. */
  readonly commit: Uint8Array
  /** The raw blocks of digests, in order. */
  readonly pages: readonly CID[]
}

export interface EncodedRoot {
  readonly cid: CID
  readonly bytes: Uint8Array
  /** The raw blocks of digests by CID, in order. */
  readonly pages: readonly { readonly cid: CID; readonly bytes: Uint8Array }[]
}

/**
 * The root and pages of a finished sealing pass.
 *
 * @param digests sha-256 of every block in block order, 32 bytes each
 * @throws ShoalError ERR_LIMIT when the share has more blocks than a root can list
 */
export function encodeRoot(shape: SealedShape, commit: Uint8Array, digests: Uint8Array): EncodedRoot {
  const pages: { cid: CID; bytes: Uint8Array }[] = []
  const pageBytes = DIGESTS_PER_PAGE * DIGEST_BYTES
  for (let at = 0; at < digests.byteLength; at += pageBytes) {
    const bytes = digests.subarray(at, Math.min(digests.byteLength, at + pageBytes))
    pages.push({ cid: cidOf(RAW, sha256(bytes)), bytes })
  }
  if (pages.length > MAX_PAGES) {
    throw new ShoalError('ERR_LIMIT', 'this is more than one share can hold')
  }
  const bytes = encode({
    t: TYPE,
    v: VERSION,
    commit,
    blocks: shape.blocks,
    manifest: shape.manifest,
    bytes: [shape.bytes[0], shape.bytes[1]],
    pages: pages.map((page) => page.cid),
  })
  return { cid: cidOf(DAG_CBOR, sha256(bytes)), bytes, pages }
}

/**
 * Reads a root block from a peer; its hash was compared before.
 *
 * @throws ShoalError ERR_CONTENT_INVALID when it is no root of sealed format 1, ERR_LIMIT when it lists too much
 */
export function decodeRoot(bytes: Uint8Array): SealedRoot {
  const reader = new CborReader(bytes, 'ERR_CONTENT_INVALID', 'beginning of this share')
  // Canonical dag-cbor leaves exactly one order of the keys: shorter first, then by bytes.
  if (reader.map() !== 7) throw malformed()
  expectKey(reader, 't')
  if (reader.text() !== TYPE) throw malformed()
  expectKey(reader, 'v')
  if (reader.uint() !== VERSION) {
    throw new ShoalError('ERR_CONTENT_INVALID', 'this share was made by a newer version of Shoal', {
      hint: 'Update Shoal, then run the command again.',
    })
  }
  expectKey(reader, 'bytes')
  if (reader.array() !== 2) throw malformed()
  const sizes = [reader.uint(), reader.uint()] as const
  expectKey(reader, 'pages')
  const count = reader.array()
  if (count > MAX_PAGES) throw new ShoalError('ERR_LIMIT', `this share lists ${count} pages of blocks`)
  const pages: CID[] = []
  for (let i = 0; i < count; i++) {
    const cid = decodeCid(reader.link())
    if (cid.code !== RAW || cid.version !== 1) throw malformed()
    pages.push(cid)
  }
  expectKey(reader, 'blocks')
  const blocks = reader.uint()
  expectKey(reader, 'commit')
  const commit = reader.bytes(DIGEST_BYTES).slice()
  if (commit.byteLength !== DIGEST_BYTES) throw malformed()
  expectKey(reader, 'manifest')
  const manifest = reader.uint()
  reader.end()
  if (Math.ceil(blocks / DIGESTS_PER_PAGE) !== count) throw malformed()
  return { shape: shapeFromClaims(blocks, manifest, sizes, 'ERR_CONTENT_INVALID'), commit, pages }
}

/** Bytes that page `index` of `shape` must have. */
export function pageLength(shape: SealedShape, index: number): number {
  const digests = Math.min(DIGESTS_PER_PAGE, shape.blocks - index * DIGESTS_PER_PAGE)
  return Math.min(MAX_BLOCK_BYTES, digests * DIGEST_BYTES)
}

function expectKey(reader: CborReader, key: string): void {
  if (reader.text() !== key) throw malformed()
}

function malformed(): ShoalError {
  return new ShoalError('ERR_CONTENT_INVALID', 'this share is malformed')
}
