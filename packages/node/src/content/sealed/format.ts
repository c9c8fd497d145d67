/**
 * Constants and arithmetic of sealed format 1: how many blocks the two parts of a share have, how long each is,
 * and which of them are nothing but padding. Pure; the specification is docs/protocol/sealed.md.
 */
import { ShoalError, type ErrorCode } from '../../errors.ts'
import { MAX_BLOCK_BYTES } from '../limits.ts'

/** Plaintext bytes in a full block. */
export const PLAIN_BLOCK_BYTES = 1_048_560
/** Bytes of the AES-256-GCM tag that ends each block. */
export const TAG_BYTES = 16
/** sha-256 digests in a full page. */
export const DIGESTS_PER_PAGE = 32_768
/** Smallest padded size of a part, in bytes. */
export const MIN_PART_BYTES = 4_096
/** Pages that a root of at most 1 MiB may list: 2^27 blocks, about 128 TiB. Bounds decoding and allocation. */
export const MAX_PAGES = 4_096

export type Part = 'data' | 'manifest'

/**
 * Padmé: the padded size of `length` bytes, at most 12 % more, that hides all but O(log log length) bits of it.
 * Source: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019.
 */
export function padme(length: number): number {
  if (length < 2) return length
  const exponent = Math.floor(Math.log2(length))
  // Math.log2 may round up just below a power of two.
  const e = 2 ** exponent > length ? exponent - 1 : exponent
  const s = Math.floor(Math.log2(e || 1)) + 1
  const unit = 2 ** Math.max(0, e - s)
  return Math.ceil(length / unit) * unit
}

/** Padded bytes of a part whose content is `length` bytes. */
export function paddedBytes(length: number): number {
  return Math.max(MIN_PART_BYTES, padme(length))
}

function blocksFor(padded: number): number {
  return Math.ceil(padded / PLAIN_BLOCK_BYTES)
}

/** The blocks of the data part that hold a range of its stream; `end` is exclusive. */
export function blocksOfRange({ start, end }: { readonly start: number; readonly end: number }): {
  readonly first: number
  readonly count: number
} {
  const first = Math.floor(start / PLAIN_BLOCK_BYTES)
  return { first, count: start === end ? 0 : blocksFor(end) - first }
}

export interface SealedShape {
  /** Blocks in all. */
  readonly blocks: number
  /** The last this many are the manifest part. */
  readonly manifest: number
  /** Padded plaintext bytes of the data and of the manifest part. */
  readonly plainBytes: Readonly<Record<Part, number>>
  /** Ciphertext bytes of the data and of the manifest part. */
  readonly bytes: readonly [number, number]
}

/** The shape of a share whose data part holds `dataBytes` and whose manifest part `manifestBytes`, unpadded. */
export function shapeOf(dataBytes: number, manifestBytes: number): SealedShape {
  const data = paddedBytes(dataBytes)
  const manifest = paddedBytes(manifestBytes)
  return {
    blocks: blocksFor(data) + blocksFor(manifest),
    manifest: blocksFor(manifest),
    plainBytes: { data, manifest },
    bytes: [data + TAG_BYTES * blocksFor(data), manifest + TAG_BYTES * blocksFor(manifest)],
  }
}

/**
 * The shape that a root claims, with its numbers checked against each other.
 *
 * @throws ShoalError `code` when they contradict each other
 */
export function shapeFromClaims(
  blocks: number,
  manifest: number,
  bytes: readonly [number, number],
  code: ErrorCode,
): SealedShape {
  const dataBlocks = blocks - manifest
  const data = bytes[0] - TAG_BYTES * dataBlocks
  const manifestBytes = bytes[1] - TAG_BYTES * manifest
  const agrees =
    dataBlocks >= 1 &&
    manifest >= 1 &&
    data >= MIN_PART_BYTES &&
    manifestBytes >= MIN_PART_BYTES &&
    blocksFor(data) === dataBlocks &&
    blocksFor(manifestBytes) === manifest
  if (!agrees) throw new ShoalError(code, 'this share is malformed: its numbers contradict each other')
  return { blocks, manifest, plainBytes: { data, manifest: manifestBytes }, bytes }
}

export function partOf(shape: SealedShape, block: number): Part {
  return block < shape.blocks - shape.manifest ? 'data' : 'manifest'
}

/** Where block `block` begins in the plaintext of its part, in bytes. */
export function plainOffset(shape: SealedShape, block: number): number {
  const first = partOf(shape, block) === 'data' ? 0 : shape.blocks - shape.manifest
  return (block - first) * PLAIN_BLOCK_BYTES
}

/** Whether a block is all padding, given the bytes that each part holds without its padding. */
export function isPadding(
  shape: SealedShape,
  contentBytes: Readonly<Record<Part, number>>,
  block: number,
): boolean {
  return plainOffset(shape, block) >= contentBytes[partOf(shape, block)]
}

/** Plaintext bytes in block `block`. */
export function plainLength(shape: SealedShape, block: number): number {
  const end = shape.plainBytes[partOf(shape, block)]
  return Math.min(PLAIN_BLOCK_BYTES, end - plainOffset(shape, block))
}

/** Bytes of block `block` as it travels: never over 1 MiB. */
export function wireLength(shape: SealedShape, block: number): number {
  const length = plainLength(shape, block) + TAG_BYTES
  return Math.min(length, MAX_BLOCK_BYTES)
}
