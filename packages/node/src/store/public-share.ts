/** A public share as a source of blocks: leaves are read in place and sent only if they are what was promised. */
import type { CID } from 'multiformats/cid'
import { RAW } from '../content/cid.ts'
import type { BlockWorkers } from './block-workers.ts'
import type { BlockAnswer, ContentSource, ReadObserver } from './content-source.ts'
import { LeafNumbers } from './leaf-numbers.ts'
import { publicReadJob, type PublicPlan } from './publishing.ts'

export class PublicShare implements ContentSource {
  readonly #plan: PublicPlan
  readonly #workers: BlockWorkers
  readonly #onRead: ReadObserver | undefined
  readonly #numbers: LeafNumbers

  /** @param onRead told of each leaf that was read from the user's files */
  constructor(plan: PublicPlan, workers: BlockWorkers, onRead?: ReadObserver) {
    this.#plan = plan
    this.#workers = workers
    this.#onRead = onRead
    this.#numbers = new LeafNumbers(plan.leaves)
  }

  get root(): CID {
    return this.#plan.root
  }

  get total(): number {
    return this.#plan.leaves.count
  }

  async readBlock(block: number): Promise<BlockAnswer> {
    const { leaves, nodes } = this.#plan
    const cid = leaves.cidOf(block)
    if (cid.code !== RAW) {
      const bytes = nodes.get(cid.toString())
      return bytes === undefined ? { outcome: 'missing' } : { outcome: 'bytes', bytes }
    }
    const job = publicReadJob(this.#plan, block)
    const result = await this.#workers.read({ ...job, expected: cid.multihash.digest.slice() })
    if (result.outcome === 'digest') return { outcome: 'missing' }
    this.#onRead?.(block, result.outcome)
    return result
  }

  async readNode(cid: CID): Promise<BlockAnswer> {
    const bytes = this.#plan.nodes.get(cid.toString())
    if (bytes !== undefined) return { outcome: 'bytes', bytes }
    const number = this.#numbers.of(cid)
    return number === undefined ? { outcome: 'missing' } : await this.readBlock(number)
  }
}
