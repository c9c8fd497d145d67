/** Counts the devices that got every block of a share from this node, over however many sessions. */
import { Bitmap } from '../store/bitmap.ts'
import type { ContentSource } from '../store/content-source.ts'
import { MAX_COUNTED_PEERS } from './limits.ts'

export class Deliveries {
  readonly #source: Pick<ContentSource, 'total' | 'isPadding'>
  readonly #needed: number
  /** What each device that has not got all was sent; who got something last stands last. */
  readonly #sent = new Map<string, Bitmap>()
  readonly #complete = new Set<string>()
  readonly #times: number

  /** @param times how many are counted */
  constructor(source: Pick<ContentSource, 'total' | 'isPadding'>, times: number) {
    this.#source = source
    this.#times = times
    let needed = 0
    for (let block = 0; block < source.total; block++) if (!this.#isPadding(block)) needed++
    this.#needed = needed
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
    if (this.isReached || this.#complete.has(peer) || this.#isPadding(block)) return
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

  #isPadding(block: number): boolean {
    return this.#source.isPadding?.(block) ?? false
  }
}
