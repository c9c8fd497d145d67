/** Opens a sealed share from a peer for a fetch. Nothing in it is trusted before it was checked. */
import type { CID } from 'multiformats/cid'
import type { Entry } from '../../content/entry.ts'
import {
  PLAIN_BLOCK_BYTES,
  blocksOfRange,
  plainLength,
  plainOffset,
  wireLength,
} from '../../content/sealed/format.ts'
import { StreamIndex } from '../../content/stream-index.ts'
import type { ManifestHead } from '../../content/sealed/manifest.ts'
import type { BlockCheck, BlockPiece, ContentBlocks } from '../../store/content-blocks.ts'
import type { BlockWorkers } from '../../store/block-workers.ts'
import { bindingOf } from '../../store/sealing.ts'
import type { FetchPlan } from './fetch-plan.ts'
import { ManifestKeeper, knownSealed } from './known-sealed.ts'
import type { PlanReader } from '../swarm/plan-reader.ts'
import { readManifest } from './sealed-manifest.ts'
import { digestOf, firstManifestBlock, openRoot, range, verifyPadding, type Sealed } from './sealed-root.ts'

/**
 * @throws ShoalError ERR_WRONG_KEY, ERR_CONTENT_INVALID, ERR_LIMIT
 */
export async function openSealed(
  root: CID,
  shareKey: Uint8Array,
  reader: PlanReader,
  workers: BlockWorkers,
): Promise<FetchPlan> {
  const sealed = await openRoot({ root, shareKey, reader, workers, digests: 'all' })
  const manifest = new ManifestKeeper(sealed.shape)
  const { head, entries } = await collect(
    readManifest(sealed, reader, (block, plain) => manifest.keep(block, plain)),
  )
  const blocks = new SealedBlocks(sealed, entries)
  return {
    name: head.name,
    kind: head.kind,
    entries,
    blocks,
    total: sealed.shape.blocks,
    known: knownSealed({ root, shareKey, sealed, contentBlocks: blocks.count, manifest: manifest.joined() }),
    here: new Map(),
    verifyPadding: () => verifyPadding(sealed, range(blocks.count, firstManifestBlock(sealed.shape))),
  }
}

async function collect(
  parts: ReturnType<typeof readManifest>,
): Promise<{ head: ManifestHead; entries: Entry[] }> {
  const entries: Entry[] = []
  let head: ManifestHead | undefined
  for await (const part of parts) {
    head = part.head
    for (const entry of part.entries) entries.push(entry)
  }
  // Without a first page, reading fails before this.
  return { head: head as ManifestHead, entries }
}

/** The data part of a sealed share: the bytes of all files as one stream. */
class SealedBlocks implements ContentBlocks {
  readonly count: number
  readonly #sealed: Sealed
  readonly #index: StreamIndex
  /** Index in the entries of each file, in stream order, and the other way round. */
  readonly #entryOf: Uint32Array
  readonly #fileOf: Uint32Array

  constructor(sealed: Sealed, entries: readonly Entry[]) {
    this.#sealed = sealed
    const files = entries.flatMap((entry, i) => (entry.kind === 'file' ? [i] : []))
    this.#entryOf = Uint32Array.from(files)
    this.#fileOf = new Uint32Array(entries.length)
    for (const [file, entry] of files.entries()) this.#fileOf[entry] = file
    this.#index = new StreamIndex(files.map((entry) => (entries[entry] as Entry).size))
    this.count = Math.ceil(this.#index.length / PLAIN_BLOCK_BYTES)
  }

  piecesOf(block: number): BlockPiece[] {
    const { shape } = this.#sealed
    const pieces = this.#index.pieces(plainOffset(shape, block), plainLength(shape, block))
    return pieces.map(({ file, offset, length }) => {
      return { entry: this.#entryOf[file] as number, offset, length }
    })
  }

  blocksOf(entry: number): { first: number; count: number } {
    return blocksOfRange(this.#index.rangeOf(this.#fileOf[entry] as number))
  }

  checkOf(block: number): BlockCheck {
    const { shape, keys } = this.#sealed
    return { expected: digestOf(this.#sealed, block), binding: bindingOf(shape, keys, block) }
  }

  plainLengthOf(block: number): number {
    return plainLength(this.#sealed.shape, block)
  }

  lengthOf(block: number): number {
    return wireLength(this.#sealed.shape, block)
  }

  sizeOf(block: number): number {
    return this.lengthOf(block)
  }
}
