/**
 * Which of those who ask for blocks of one root is served first, so that little is sent that others could give. A block
 * that was sent already can come from who got it; who has much that nobody took from it yet spreads slowly, or to nobody;
 * and of who never passed anything on nothing is known. They wait for better ones to be served first. Who gets nothing
 * from anybody meanwhile is left out, and one of so many blocks goes to the one that was for longest.
 *
 * The aim of super-seeding (BEP 16), without hiding what is here; the part for those left out is what an optimistic
 * unchoke is in BitTorrent (Cohen, 2003).
 */
import type { Clock, Timers } from '../../util/seams.ts'
import { Contender } from './contender.ts'
import { SEND_ORDER as LIMITS } from '../limits.ts'

export interface SendOrderInit {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly timers: Timers
}

interface Sent {
  readonly contender: Contender
  /** When it was handed on, in monotonic milliseconds; until then undefined. */
  atMs: number | undefined
}

export class SendOrder {
  readonly #init: SendOrderInit
  readonly #contenders = new Set<Contender>()
  /** How often each block was sent, by number: 0 where there is nothing, and up to 255. */
  #counts = new Uint8Array(0)
  /** To whom a block was sent of which nobody else was heard to have it; the oldest goes. */
  readonly #unspread = new Map<number, Sent[]>()
  /** How long a block takes from its begin until it was handed on, in milliseconds. */
  #serviceMs = 0
  #looking = false
  /** Blocks begun since one for who was left out. */
  #sinceLeftOut = 0

  constructor(init: SendOrderInit) {
    this.#init = init
  }

  get isEmpty(): boolean {
    return this.#contenders.size === 0
  }

  /** Nobody has to wait for anybody. */
  get isAlone(): boolean {
    return this.#contenders.size < 2
  }

  /** Somebody is served from now on. */
  enter(): Contender {
    const contender = new Contender()
    this.#contenders.add(contender)
    return contender
  }

  leave(contender: Contender): void {
    this.#contenders.delete(contender)
    for (const block of contender.unspread()) {
      const left = this.#unspread.get(block)?.filter((sent) => sent.contender !== contender) ?? []
      if (left.length === 0) this.#unspread.delete(block)
      else this.#unspread.set(block, left)
    }
    contender.wake?.()
    this.#changed()
  }

  /** Of blocks that are asked for, the place of the one that was sent least often, the first of several. */
  best(blocks: readonly number[]): number {
    let best = 0
    for (let i = 1; i < blocks.length; i++) {
      if (this.copies(blocks[i] as number) < this.copies(blocks[best] as number)) best = i
    }
    return best
  }

  /** How often a block was sent. */
  copies(block: number): number {
    return this.#counts[block] ?? 0
  }

  /**
   * Until when a contender that asks for a block has to wait, in monotonic milliseconds, if nothing changes before;
   * undefined: it may begin. What it asks for is remembered, for the others to be compared with.
   */
  heldUntil(contender: Contender, block: number): number | undefined {
    contender.isLeftOut = false
    if (this.isAlone || this.#serviceMs < LIMITS.leastServiceMs) return undefined
    const nowMs = this.#init.clock.monotonic()
    contender.waitsFor(this.copies(block), nowMs)
    const { waitingSinceMs } = contender
    const spreadMs = this.#spreadingUntil(contender, block, nowMs)
    if (spreadMs > nowMs && nowMs < waitingSinceMs + LIMITS.mostSpreadMs) return spreadMs
    if (!this.#isBehind(contender, nowMs)) return undefined
    const untilMs = contender.withoutSinceMs + this.#mostHeldMs
    if (nowMs < untilMs) return untilMs
    contender.isLeftOut = true
    return this.#isNextLeftOut(contender) ? undefined : nowMs + this.#serviceMs
  }

  /**
   * Resolves when a contender may begin the block that `next` names, or when it names none any more.
   *
   * @param reassure called now and then while it waits: who hears nothing for long gives up
   */
  async turn(contender: Contender, next: () => number | undefined, reassure?: () => void): Promise<void> {
    const { clock } = this.#init
    let reassureAtMs = clock.monotonic() + LIMITS.reassureMs
    for (;;) {
      const block = next()
      if (block === undefined) {
        contender.withdraws()
        return
      }
      const untilMs = this.heldUntil(contender, block)
      if (untilMs === undefined) return
      if (clock.monotonic() >= reassureAtMs) {
        reassure?.()
        reassureAtMs += LIMITS.reassureMs
      }
      await this.#change(contender, Math.min(untilMs, reassureAtMs))
    }
  }

  began(contender: Contender, block: number): void {
    const nowMs = this.#init.clock.monotonic()
    this.#sinceLeftOut = contender.isLeftOut ? 0 : this.#sinceLeftOut + 1
    contender.begins(block, this.copies(block), nowMs)
    this.#count(block)
    const sent = this.#unspread.get(block) ?? []
    this.#unspread.delete(block)
    this.#unspread.set(block, [
      ...sent.filter((each) => each.contender !== contender),
      { contender, atMs: undefined },
    ])
    if (this.#unspread.size <= LIMITS.maxUnspread) return
    for (const [oldest, forgotten] of this.#unspread) {
      for (const each of forgotten) each.contender.forgets(oldest)
      this.#unspread.delete(oldest)
      return
    }
  }

  /** It was handed on, or was not here. */
  ended(contender: Contender, block: number): void {
    const nowMs = this.#init.clock.monotonic()
    this.#serviceMs += LIMITS.sampleWeight * (nowMs - contender.beganMs - this.#serviceMs)
    contender.ends(block, nowMs)
    const sent = this.#unspread.get(block)?.find((each) => each.contender === contender)
    if (sent !== undefined) sent.atMs = nowMs
    this.#changed()
  }

  /** Somebody says that it has blocks. */
  has(contender: Contender, blocks: Iterable<number>): void {
    const nowMs = this.#init.clock.monotonic()
    contender.got(nowMs)
    for (const block of blocks) {
      const sent = this.#unspread.get(block)
      // Who was sent it by us does not tell that others could give it.
      if (sent === undefined || sent.some((each) => each.contender === contender)) continue
      // It was sent again because the earlier ones did not pass it on.
      const last = sent.at(-1)
      for (const each of sent) {
        if (each === last) each.contender.spreads(block, nowMs)
        else each.contender.fails(block, nowMs)
      }
      this.#unspread.delete(block)
    }
    this.#changed()
  }

  get #mostHeldMs(): number {
    return Math.min(LIMITS.mostHeldMs, LIMITS.heldRounds * this.#contenders.size * this.#serviceMs)
  }

  /** Until when who got a block last is expected to have passed it on, in monotonic milliseconds. */
  #spreadingUntil(contender: Contender, block: number, nowMs: number): number {
    const last = this.#unspread.get(block)?.at(-1)
    if (last === undefined || last.contender === contender) return 0
    const spreadMs = last.contender.spreadMs(nowMs)
    return spreadMs > LIMITS.mostSpreadMs ? 0 : (last.atMs ?? nowMs) + LIMITS.spreadFactor * spreadMs
  }

  /** It is the turn of one who was left out, and no other was for longer. */
  #isNextLeftOut(contender: Contender): boolean {
    if (this.#sinceLeftOut < LIMITS.leftOutEvery) return false
    for (const other of this.#contenders) {
      const isCandidate = other.isLeftOut && other.isWaiting && !other.isSending
      if (isCandidate && other.withoutSinceMs < contender.withoutSinceMs) return false
    }
    return true
  }

  #isBehind(contender: Contender, nowMs: number): boolean {
    const cost = contender.cost(nowMs)
    for (const other of this.#contenders) {
      if (other === contender || other.cost(nowMs) + LIMITS.indifferentCost >= cost) continue
      // One that takes nothing is no reason to send nothing.
      if (other.isWaiting || nowMs - other.beganMs < LIMITS.slowMs) return true
    }
    return false
  }

  #count(block: number): void {
    if (block >= this.#counts.length) {
      const longer = new Uint8Array(Math.max(64, 2 ** Math.ceil(Math.log2(block + 1))))
      longer.set(this.#counts)
      this.#counts = longer
    }
    this.#counts[block] = Math.min(255, this.copies(block) + 1)
  }

  /** Those who wait look again, soon: what changed at once is looked at together. */
  #changed(): void {
    if (this.#looking || ![...this.#contenders].some(({ wake }) => wake !== undefined)) return
    this.#looking = true
    this.#init.timers.set(() => {
      this.#looking = false
      for (const { wake } of this.#contenders) wake?.()
    }, LIMITS.lookMs)
  }

  #change(contender: Contender, untilMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { timers, clock } = this.#init
    const timer = timers.set(resolve, Math.max(1, untilMs - clock.monotonic()))
    contender.wake = resolve
    return promise.finally(() => {
      timers.clear(timer)
      contender.wake = undefined
    })
  }
}
