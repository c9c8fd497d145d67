/** One who is served with blocks of a root, beside the others: what it waits for or gets, and how well it spreads. */
import { SEND_ORDER as LIMITS } from '../limits.ts'

export class Contender {
  /** When it began to wait, and when its last block was begun, in monotonic milliseconds. */
  waitingSinceMs = 0
  beganMs = 0
  /** It got nothing from anybody for long, when it was looked at last. */
  isLeftOut = false
  /** Ends its waiting, to look again. */
  wake: (() => void) | undefined
  /** Blocks that, as far as is known, nobody else got from it. */
  readonly #unspread = new Set<number>()
  /** Time between two blocks that it passes on, and since when the next is awaited, in milliseconds. */
  #spreadMs: number = LIMITS.presumedSpreadMs
  #awaitedSinceMs = 0
  /** Blocks that were begun and are not handed on. */
  #sending = 0
  #isWaiting = false
  /** Somebody got from it what it was sent. */
  #isProven = false
  /** When it said last that it has something new, in monotonic milliseconds. */
  #gotMs = 0
  #copies = 0

  get isWaiting(): boolean {
    return this.#isWaiting
  }

  /** A block was begun for it and is not handed on. */
  get isSending(): boolean {
    return this.#sending > 0
  }

  /** Since when it waits and got nothing from anybody else, in monotonic milliseconds. */
  get withoutSinceMs(): number {
    return Math.max(this.waitingSinceMs, this.#gotMs)
  }

  /** It says that it has something new, from wherever. */
  got(nowMs: number): void {
    this.#gotMs = nowMs
  }

  /** How much others come first; without limit for who asks for nothing. */
  cost(nowMs: number): number {
    if (!this.#isWaiting && this.#sending === 0) return Number.POSITIVE_INFINITY
    const slowness = Math.max(0, Math.log2(this.spreadMs(nowMs) / LIMITS.goodSpreadMs))
    const unproven = this.#isProven ? 0 : LIMITS.unprovenCost
    const unspread = Math.min(this.#unspread.size + slowness, LIMITS.mostUnspreadCost)
    return LIMITS.copyCost * this.#copies + unproven + unspread
  }

  /** How long it takes to pass on a block, in milliseconds, as far as one can tell. */
  spreadMs(nowMs: number): number {
    return this.#unspread.size === 0 ? this.#spreadMs : Math.max(this.#spreadMs, nowMs - this.#awaitedSinceMs)
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
    if (this.#unspread.size === 0) this.#awaitedSinceMs = nowMs
    this.#unspread.add(block)
  }

  ends(block: number, nowMs: number): void {
    this.#sending--
    if (this.#unspread.size === 1 && this.#unspread.has(block)) this.#awaitedSinceMs = nowMs
  }

  /** It waits for nothing any more. */
  withdraws(): void {
    this.#isWaiting = false
  }

  /** Somebody else has a block that it was sent. */
  spreads(block: number, nowMs: number): void {
    if (!this.#unspread.delete(block)) return
    this.#isProven = true
    this.#spreadMs += LIMITS.sampleWeight * (nowMs - this.#awaitedSinceMs - this.#spreadMs)
    this.#awaitedSinceMs = nowMs
  }

  /** Somebody else passed on a block that it was sent before. */
  fails(block: number, nowMs: number): void {
    if (!this.#unspread.delete(block)) return
    this.#spreadMs = Math.max(this.#spreadMs, nowMs - this.#awaitedSinceMs)
  }

  /** It is not known any more whether anybody else has it. */
  forgets(block: number): void {
    this.#unspread.delete(block)
  }

  unspread(): Iterable<number> {
    return this.#unspread
  }
}
