/** A sealed share as a source of blocks: read in place, sealed in memory, sent only if it is what was promised. */
import type { CID } from 'multiformats/cid'
import { digestsEqual } from '../content/cid.ts'
import { isPadding, partOf } from '../content/sealed/format.ts'
import type { BlockAnswer, ContentSource, ReadObserver } from './content-source.ts'
import type { BlockWorkers } from './block-workers.ts'
import { sealManifestBlock, sealedDigest, sealedReadJob, type SealedPlan } from './sealing.ts'

export class SealedShare implements ContentSource {
  readonly #plan: SealedPlan
  readonly #workers: BlockWorkers
  readonly #onRead: ReadObserver | undefined

  /** @param onRead told of each block that was read from the user's files */
  constructor(plan: SealedPlan, workers: BlockWorkers, onRead?: ReadObserver) {
    this.#plan = plan
    this.#workers = workers
    this.#onRead = onRead
  }

  get root(): CID {
    return this.#plan.root.cid
  }

  get total(): number {
    return this.#plan.shape.blocks
  }

  readonly isPadding = (block: number): boolean => {
    const { shape, index, manifest } = this.#plan
    return isPadding(shape, { data: index.length, manifest: manifest.byteLength }, block)
  }

  async readBlock(block: number): Promise<BlockAnswer> {
    const { shape, keys, manifest } = this.#plan
    const expected = sealedDigest(this.#plan, block)
    if (partOf(shape, block) === 'manifest') {
      const { bytes, digest } = sealManifestBlock(shape, keys, manifest, block)
      // A second plaintext under a (key, nonce) never leaves, whatever brought it about.
      return digestsEqual(digest, expected) ? { outcome: 'bytes', bytes } : { outcome: 'changed' }
    }
    const job = sealedReadJob(this.#plan, block)
    const result = await this.#workers.read({ ...job, expected: expected.slice() })
    if (result.outcome === 'digest') return { outcome: 'missing' }
    this.#onRead?.(block, result.outcome)
    return result
  }

  async readNode(cid: CID): Promise<BlockAnswer> {
    const { root } = this.#plan
    if (cid.equals(root.cid)) return { outcome: 'bytes', bytes: root.bytes }
    const page = root.pages.find((candidate) =>
      digestsEqual(candidate.cid.multihash.digest, cid.multihash.digest),
    )
    return page === undefined ? { outcome: 'missing' } : { outcome: 'bytes', bytes: page.bytes }
  }
}
