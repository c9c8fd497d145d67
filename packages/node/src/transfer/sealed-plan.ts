/** Opens a sealed share from a peer for a fetch. Nothing in it is trusted before it was checked. */
import type { CID } from 'multiformats/cid'
import type { Entry } from '../content/entry.ts'
import { PLAIN_BLOCK_BYTES, plainLength, plainOffset, wireLength } from '../content/sealed/format.ts'
import { StreamIndex } from '../content/stream-index.ts'
import type { ManifestHead } from '../content/sealed/manifest.ts'
import type { BlockSink } from '../store/block-sink.ts'
import type { Segment } from '../store/block-jobs.ts'
import type { BlockWorkers } from '../store/block-workers.ts'
import { hashesTo } from '../store/held-blocks.ts'
import { bindingOf } from '../store/sealing.ts'
import type { Staging } from '../store/staging.ts'
import type { FetchPlan } from './fetch-plan.ts'
import type { PlanReader } from './plan-reader.ts'
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
  const { shape } = sealed
  const { head, entries } = await collect(readManifest(sealed, reader))
  const files = entries.filter((entry) => entry.kind === 'file')
  const index = new StreamIndex(files.map((file) => file.size))
  const contentBlocks = Math.ceil(index.length / PLAIN_BLOCK_BYTES)

  return {
    name: head.name,
    kind: head.kind,
    entries,
    bytes: index.length,
    here: new Map(),
    needed: () => range(0, contentBlocks),
    contentBytes: (block) => Math.min(plainLength(shape, block), index.length - plainOffset(shape, block)),
    sinkFor: (staging) => new SealedSink(sealed, index, files, staging),
    verifyPadding: () => verifyPadding(sealed, range(contentBlocks, firstManifestBlock(shape))),
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

/** Writes data blocks to their final places in the staging folder. */
class SealedSink implements BlockSink {
  readonly #sealed: Sealed
  readonly #index: StreamIndex
  readonly #files: readonly Entry[]
  readonly #staging: Staging

  constructor(sealed: Sealed, index: StreamIndex, files: readonly Entry[], staging: Staging) {
    this.#sealed = sealed
    this.#index = index
    this.#files = files
    this.#staging = staging
  }

  holds(block: number): Promise<boolean> {
    const { shape, keys, workers } = this.#sealed
    return hashesTo(digestOf(this.#sealed, block), workers, {
      segments: this.#segments(block),
      length: plainLength(shape, block),
      binding: bindingOf(shape, keys, block),
    })
  }

  lengthOf(block: number): number {
    return wireLength(this.#sealed.shape, block)
  }

  accept(block: number, bytes: Uint8Array): Promise<boolean> {
    const { shape, keys, workers } = this.#sealed
    return workers.write({
      bytes,
      expected: digestOf(this.#sealed, block),
      binding: bindingOf(shape, keys, block),
      segments: this.#segments(block),
    })
  }

  #segments(block: number): Segment[] {
    const { shape } = this.#sealed
    const pieces = this.#index.pieces(plainOffset(shape, block), plainLength(shape, block))
    return pieces.map(({ file, offset, length }) => ({
      path: this.#staging.pathOf(this.#files[file] as Entry),
      offset,
      length,
    }))
  }
}
