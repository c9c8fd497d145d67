/**
 * The sealing pass: walk -> manifest -> read -> seal -> hash, in that order because the number of blocks is part
 * of what every block is bound to. Nothing is copied: the share keeps where its bytes lie.
 */
import { DIGEST_BYTES } from '../content/cid.ts'
import { pipe } from 'it-pipe'
import type { Entry } from '../content/entry.ts'
import type { BlockBinding } from '../content/sealed/cipher.ts'
import {
  PLAIN_BLOCK_BYTES,
  partOf,
  plainLength,
  plainOffset,
  shapeOf,
  type SealedShape,
} from '../content/sealed/format.ts'
import { commitment, partKeys, type PartKeys } from '../content/sealed/keys.ts'
import { encodePages } from '../content/sealed/manifest.ts'
import { encodeRoot, type EncodedRoot } from '../content/sealed/root.ts'
import { BlockSealer } from '../content/sealed/cipher.ts'
import { StreamIndex } from '../content/stream-index.ts'
import { ShoalError } from '../errors.ts'
import type { ReadJob } from './block-jobs.ts'
import type { BlockWorkers } from './block-workers.ts'
import { segmentOf } from './segment-reader.ts'
import { orderedMap } from '../util/ordered-map.ts'
import type { Walk, WalkedEntry } from './walk-facts.ts'

/** A finished pass: everything that is needed to serve the share from the files where they lie. */
export interface SealedPlan {
  readonly shape: SealedShape
  readonly shareKey: Uint8Array
  readonly keys: PartKeys
  readonly root: EncodedRoot
  /** sha-256 of every block in block order, 32 bytes each. */
  readonly digests: Uint8Array
  /** The manifest part, unpadded at its end. */
  readonly manifest: Uint8Array
  readonly files: readonly WalkedEntry[]
  readonly index: StreamIndex
}

export interface SealOptions {
  readonly name: string
  readonly shareKey: Uint8Array
  readonly workers: BlockWorkers
  /** Called with the content bytes that were sealed so far. */
  readonly onProgress?: (bytes: number) => void
  readonly signal?: AbortSignal
}

/** Seals what was walked under a fresh key. The caller compares the files' facts afterwards. */
export async function seal(walk: Walk, options: SealOptions): Promise<SealedPlan> {
  const files = walk.entries.filter((entry) => entry.kind === 'file')
  const index = new StreamIndex(files.map((file) => file.size))
  const manifest = joinPages(options.name, walk.kind, walk.entries)
  const shape = shapeOf(index.length, manifest.byteLength)
  const keys = partKeys(options.shareKey)
  const dataBlocks = shape.blocks - shape.manifest
  const digests = new Uint8Array(shape.blocks * DIGEST_BYTES)

  await pipe(
    blockNumbers(dataBlocks),
    (blocks: Iterable<number>) =>
      orderedMap(blocks, options.workers.concurrency, (block) => {
        options.signal?.throwIfAborted()
        return options.workers.read(sealedReadJob({ shape, keys, index, files }, block))
      }),
    async (results: AsyncIterable<Awaited<ReturnType<BlockWorkers['read']>>>) => {
      let block = 0
      for await (const result of results) {
        if (result.outcome === 'digest') digests.set(result.digest, block * DIGEST_BYTES)
        block++
        options.onProgress?.(Math.min(index.length, block * PLAIN_BLOCK_BYTES))
      }
    },
  )

  for (let block = dataBlocks; block < shape.blocks; block++) {
    const { digest } = sealManifestBlock(shape, keys, manifest, block)
    digests.set(digest, block * DIGEST_BYTES)
  }
  const root = encodeRoot(shape, commitment(options.shareKey), digests)
  return { shape, shareKey: options.shareKey, keys, root, digests, manifest, files, index }
}

export function bindingOf(shape: SealedShape, keys: PartKeys, block: number): BlockBinding {
  const part = partOf(shape, block)
  return { key: keys[part], part, block, blocks: shape.blocks }
}

/** How a block of the data part is read from the files and sealed. */
export function sealedReadJob(
  { shape, keys, index, files }: Pick<SealedPlan, 'shape' | 'keys' | 'index' | 'files'>,
  block: number,
): Omit<ReadJob, 'type'> {
  const length = plainLength(shape, block)
  const pieces = index.pieces(plainOffset(shape, block), length)
  const segments = pieces.map((piece) => segmentOf(files[piece.file] as WalkedEntry, piece))
  return { segments, length, binding: bindingOf(shape, keys, block) }
}

/** What a block has to hash to. */
export function sealedDigest({ digests }: Pick<SealedPlan, 'digests'>, block: number): Uint8Array {
  return digests.subarray(block * DIGEST_BYTES, (block + 1) * DIGEST_BYTES)
}

/** Seals one block of the manifest part: its bytes and their sha-256. */
export function sealManifestBlock(
  shape: SealedShape,
  keys: PartKeys,
  manifest: Uint8Array,
  block: number,
): { bytes: Uint8Array; digest: Uint8Array } {
  const plain = new Uint8Array(plainLength(shape, block))
  const offset = plainOffset(shape, block)
  plain.set(manifest.subarray(offset, offset + plain.byteLength))
  const sealer = new BlockSealer(bindingOf(shape, keys, block))
  const sealed = sealer.update(plain)
  const { tag, digest } = sealer.finish()
  const bytes = new Uint8Array(sealed.byteLength + tag.byteLength)
  bytes.set(sealed)
  bytes.set(tag, sealed.byteLength)
  return { bytes, digest }
}

/** What was kept of a finished pass. */
export interface SealedParts {
  readonly shareKey: Uint8Array
  readonly digests: Uint8Array
  readonly manifest: Uint8Array
  readonly entries: readonly WalkedEntry[]
}

/**
 * The plan of a pass that was finished before, without reading a file.
 *
 * @throws ShoalError ERR_HOME_INVALID when the parts do not fit together
 */
export function restoreSealed({ shareKey, digests, manifest, entries }: SealedParts): SealedPlan {
  const files = entries.filter((entry) => entry.kind === 'file')
  const index = new StreamIndex(files.map((file) => file.size))
  const shape = shapeOf(index.length, manifest.byteLength)
  if (digests.byteLength !== shape.blocks * DIGEST_BYTES) {
    throw new ShoalError('ERR_HOME_INVALID', 'the record of a share has another number of blocks')
  }
  const root = encodeRoot(shape, commitment(shareKey), digests)
  return { shape, shareKey, keys: partKeys(shareKey), root, digests, manifest, files, index }
}

function* blockNumbers(count: number): Generator<number> {
  for (let block = 0; block < count; block++) yield block
}

/** A manifest as one run of bytes, unpadded at its end. */
export function joinPages(name: string, kind: 'file' | 'folder', entries: readonly Entry[]): Uint8Array {
  const pages = [...encodePages(name, kind, entries)]
  const last = pages.at(-1) as Uint8Array
  const joined = new Uint8Array((pages.length - 1) * PLAIN_BLOCK_BYTES + last.byteLength)
  pages.forEach((page, i) => joined.set(page, i * PLAIN_BLOCK_BYTES))
  return joined
}
