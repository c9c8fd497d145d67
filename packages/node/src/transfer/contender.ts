/** One who is served with blocks of a root, beside the others: what it waits for or gets, and how well it spreads. */
import { SEND_ORDER as LIMITS } from './limits.ts'

export class Contender {
  /** When it began to wait, and when its last block was begun, in monotonic milliseconds. */
  waitingSinceMs = 0
  beganMs = 0
  /** Ends its waiting, to look again. */
  wake: (() => void) | undefined
  /** Blocks that, as far as is known, nobody else got from it, and since when it has them. */
  readonly #unspread = new Map<number, number>()
  /** How long it takes until somebody else has what it was sent, in milliseconds. */
  #spreadMs: number = LIMITS.presumedSpreadMs
  /** Blocks that were begun and are not handed on. */
  #sending = 0
  #isWaiting = false
  #copies = 0

  get isWaiting(): boolean {
    return this.#isWaiting
  }

  /** How much others come first; without limit for who asks for nothing. */
  get cost(): number {
    if (!this.#isWaiting && this.#sending === 0) return Number.POSITIVE_INFINITY
    return LIMITS.copyCost * this.#copies + Math.min(this.#unspread.size, LIMITS.mostUnspreadCost)
  }

  /** How long it takes to pass on a block, in milliseconds, as far as one can tell. */
  spreadMs(nowMs: number): number {
    const oldest = this.#unspread.values().next()
    return oldest.done === true ? this.#spreadMs : Math.max(this.#spreadMs, nowMs - oldest.value)
  }

  /** @param copies how often what it would get was sent */
  waitsFor(copies: number, nowMs: number): void {
    if (!this.#isWaiting) this.waitingSinceMs = nowMs
    this.#isWaiting = true
    this.#copies = copies
  }

  begins(block: number, copies: number, nowMs: number): void {
    this.#isWaiting = false
    this.#sending++
    this.#copies = copies
    this.beganMs = nowMs
    this.#unspread.set(block, nowMs)
  }

  ends(block: number, nowMs: number): void {
    this.#sending--
    if (this.#unspread.has(block)) this.#unspread.set(block, nowMs)
  }

  /** It waits for nothing any more. */
  withdraws(): void {
    this.#isWaiting = false
  }

  /** Somebody else has a block that it was sent. */
  spreads(block: number, nowMs: number): void {
    const sinceMs = this.#unspread.get(block)
    if (sinceMs === undefined) return
    this.#unspread.delete(block)
    this.#spreadMs += LIMITS.sampleWeight * (nowMs - sinceMs - this.#spreadMs)
  }

  /** It is not known any more whether anybody else has it. */
  forgets(block: number): void {
    this.#unspread.delete(block)
  }

  unspread(): Iterable<number> {
    return this.#unspread.keys()
  }
}
