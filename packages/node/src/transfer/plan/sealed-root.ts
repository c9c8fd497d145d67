/** The root of a sealed share, opened: its shape, the digests of its blocks, the keys of its parts. */
import type { CID } from 'multiformats/cid'
import { DIGEST_BYTES, digestsEqual } from '../../content/cid.ts'
import { DIGESTS_PER_PAGE, plainLength, type SealedShape } from '../../content/sealed/format.ts'
import { commitment, partKeys, type PartKeys } from '../../content/sealed/keys.ts'
import { decodeRoot, pageLength } from '../../content/sealed/root.ts'
import { ShoalError } from '../../errors.ts'
import type { BlockWorkers } from '../../store/block-workers.ts'
import { bindingOf } from '../../store/sealing.ts'
import type { PlanReader } from '../swarm/plan-reader.ts'

/** What every step needs of an opened root. */
export interface Sealed {
  readonly shape: SealedShape
  readonly keys: PartKeys
  /** Of the blocks from `digestsFrom` on. */
  readonly digests: Uint8Array
  readonly digestsFrom: number
  /** The root block. */
  readonly rootBytes: Uint8Array
  /** Where all digests stand, in order. */
  readonly pages: readonly CID[]
  readonly workers: BlockWorkers
}

export interface OpenRootInit {
  readonly root: CID
  readonly shareKey: Uint8Array
  readonly reader: PlanReader
  readonly workers: BlockWorkers
  /** `manifest`: only the digests that reading the list of files takes are got. */
  readonly digests: 'all' | 'manifest'
}

/**
 * Gets the root and its digests, and compares the key before anything is opened.
 *
 * @throws ShoalError ERR_WRONG_KEY, ERR_CONTENT_INVALID, ERR_LIMIT
 */
export async function openRoot(init: OpenRootInit): Promise<Sealed> {
  const { shareKey, reader, workers } = init
  const [rootBytes] = await reader.getNodes([init.root])
  const { shape, commit, pages } = decodeRoot(rootBytes as Uint8Array)
  if (!digestsEqual(commit, commitment(shareKey))) {
    throw new ShoalError('ERR_WRONG_KEY', 'the key in this link does not open this share')
  }
  const firstPage = init.digests === 'all' ? 0 : Math.floor(firstManifestBlock(shape) / DIGESTS_PER_PAGE)
  const digestsFrom = firstPage * DIGESTS_PER_PAGE
  const digests = await getDigests({ shape, pages }, reader, firstPage, pages.length)
  const known = { shape, keys: partKeys(shareKey), digests, digestsFrom, pages, workers }
  return { ...known, rootBytes: rootBytes as Uint8Array }
}

/**
 * The digests in pages `from` to `until`, exclusive.
 *
 * @throws ShoalError ERR_CONTENT_INVALID
 */
export async function getDigests(
  { shape, pages }: Pick<Sealed, 'shape' | 'pages'>,
  reader: PlanReader,
  from: number,
  until: number,
): Promise<Uint8Array> {
  const last = Math.min(shape.blocks, until * DIGESTS_PER_PAGE)
  const digests = new Uint8Array((last - from * DIGESTS_PER_PAGE) * DIGEST_BYTES)
  let at = 0
  for (const [i, page] of (await reader.getNodes(pages.slice(from, until))).entries()) {
    if (page.byteLength !== pageLength(shape, from + i)) {
      throw new ShoalError('ERR_CONTENT_INVALID', 'this share is malformed: a list has the wrong length')
    }
    digests.set(page, at)
    at += page.byteLength
  }
  return digests
}

export function firstManifestBlock(shape: SealedShape): number {
  return shape.blocks - shape.manifest
}

export function digestOf(sealed: Sealed, block: number): Uint8Array {
  const at = (block - sealed.digestsFrom) * DIGEST_BYTES
  return sealed.digests.slice(at, at + DIGEST_BYTES)
}

/** Whether a block holds nothing but padding: found by sealing zeros under its number, without asking anybody. */
export async function isPadding(sealed: Sealed, block: number): Promise<boolean> {
  const { shape, keys, workers } = sealed
  const result = await workers.read({
    segments: [],
    length: plainLength(shape, block),
    binding: bindingOf(shape, keys, block),
  })
  return result.outcome === 'digest' && digestsEqual(result.digest, digestOf(sealed, block))
}

/**
 * Checks that `blocks` are all padding, so that they need never be asked for.
 *
 * @throws ShoalError ERR_CONTENT_INVALID
 */
export async function verifyPadding(sealed: Sealed, blocks: Iterable<number>): Promise<void> {
  for (const block of blocks) {
    if (!(await isPadding(sealed, block))) {
      throw new ShoalError('ERR_CONTENT_INVALID', 'this share is malformed: it holds more than its files')
    }
  }
}

export function* range(from: number, to: number): Generator<number> {
  for (let i = from; i < to; i++) yield i
}
