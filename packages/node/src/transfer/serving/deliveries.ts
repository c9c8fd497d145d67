/** Counts the devices that got every block of a share from this node, over however many sessions. */
import { Bitmap } from '../../store/bitmap.ts'
import { countWithoutPadding, type BlockKinds } from '../../store/content-source.ts'
import { MAX_COUNTED_PEERS } from '../limits.ts'

export class Deliveries {
  readonly #source: BlockKinds
  readonly #needed: number
  /** What each device that has not got all was sent; who got something last stands last. */
  readonly #sent = new Map<string, Bitmap>()
  readonly #complete = new Set<string>()
  readonly #times: number

  /** @param times how many are counted */
  constructor(source: BlockKinds, times: number) {
    this.#source = source
    this.#times = times
    this.#needed = countWithoutPadding(source)
  }

  /** Who got everything. */
  get complete(): ReadonlySet<string> {
    return this.#complete
  }

  /** As many as are counted got everything. */
  get isReached(): boolean {
    return this.#complete.size >= this.#times
  }

  /** Notes that a device was sent a block. */
  note(peer: string, block: number): void {
    if (this.isReached || this.#complete.has(peer) || this.#source.isPadding?.(block) === true) return
    const sent = this.#sent.get(peer) ?? new Bitmap(this.#source.total)
    this.#sent.delete(peer)
    sent.add(block)
    if (sent.size >= this.#needed) {
      this.#complete.add(peer)
      return
    }
    this.#sent.set(peer, sent)
    for (const oldest of this.#sent.keys()) {
      if (this.#sent.size <= MAX_COUNTED_PEERS) break
      this.#sent.delete(oldest)
    }
  }
}
