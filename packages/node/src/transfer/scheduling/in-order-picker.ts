/** Blocks in the order given, for who reads them in that order: no further ahead than may be asked. */
import type { BlockPicker, PickerPeer } from './block-picker.ts'

/** Blocks looked over for a peer that lacks the first ones. */
const LOOK_AHEAD_BLOCKS = 1_024

export class InOrderPicker implements BlockPicker {
  readonly #fresh: Iterator<number>
  readonly #mayAsk: (block: number) => boolean
  /** Free blocks, in order. */
  readonly #queue: number[] = []
  #isFreshLeft = true
  /** This node, where it has a part. */
  #own: PickerPeer | undefined

  /** @param needed taken from as late as possible: what is needed may become less meanwhile */
  constructor(needed: Iterable<number>, mayAsk: (block: number) => boolean) {
    this.#fresh = needed[Symbol.iterator]()
    this.#mayAsk = mayAsk
  }

  get isEmpty(): boolean {
    if (this.#queue.length === 0) this.#pull()
    return this.#queue.length === 0
  }

  get hasAskable(): boolean {
    return !this.isEmpty && this.#queue.some((block) => this.#mayAsk(block))
  }

  enter(peer: PickerPeer): void {
    if (peer.isOwn === true) this.#own = peer
  }

  leave(peer: PickerPeer): void {
    if (this.#own === peer) this.#own = undefined
  }

  added(): void {}

  addedAll(): void {}

  take(peer: PickerPeer): number | undefined {
    for (let at = 0; at < LOOK_AHEAD_BLOCKS; at++) {
      if (at === this.#queue.length && !this.#pull()) return undefined
      const block = this.#queue[at] as number
      if (!this.#mayAsk(block)) return undefined
      if (!peer.canGive(block)) continue
      if (this.#own !== undefined && this.#own !== peer && this.#own.canGive(block)) continue
      this.#queue.splice(at, 1)
      return block
    }
    return undefined
  }

  give(block: number): void {
    const after = this.#queue.findIndex((other) => other > block)
    if (after < 0) this.#queue.push(block)
    else this.#queue.splice(after, 0, block)
  }

  claim(block: number): boolean {
    const at = this.#queue.indexOf(block)
    if (at >= 0) this.#queue.splice(at, 1)
    return at >= 0
  }

  hasBetter(): boolean {
    return false
  }

  drop(): void {}

  #pull(): boolean {
    if (!this.#isFreshLeft) return false
    const next = this.#fresh.next()
    if (next.done === true) this.#isFreshLeft = false
    else this.#queue.push(next.value)
    return this.#isFreshLeft
  }
}
