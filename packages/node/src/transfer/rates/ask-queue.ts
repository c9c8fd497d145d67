/**
 * How much may be asked for under limits: what is on its way stays near what they let in, whoever is asked. Who waits takes
 * turns by bytes, each by its weight (start-time fair queueing). The last block that is taken may go beyond the limit: no
 * block is too large for it.
 */
import type { RateLimiter } from '../../util/rate-limiter.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import type { Allowance } from './allowance.ts'
import type { Weight } from './priority.ts'

interface Waiting {
  readonly claim: Claim
  readonly callback: () => void
}

export class AskQueue {
  readonly #seams: Pick<Seams, 'timers'>
  readonly #common: RateLimiter
  readonly #waiting = new Set<Waiting>()
  readonly #owing = new Set<Claim>()
  /** Where the turn is: the start of what was taken last, in bytes by weight. */
  #turn = 0
  #timer: TimerHandle | undefined
  #isPassing = false

  /** @param common the limit for all */
  constructor(seams: Pick<Seams, 'timers'>, common: RateLimiter) {
    this.#seams = seams
    this.#common = common
  }

  /** @param own the limit of the content */
  claim(own: RateLimiter, weight: Weight): Allowance {
    return new Claim(this, own, weight)
  }

  /** To be called when a limit changed. */
  changed(): void {
    this.#comeBack()
  }

  /** Whether a limit holds up somebody who asks for this content. */
  isHeldUp(own: RateLimiter): boolean {
    for (const { claim } of this.#waiting) if (claim.own === own) return true
    return false
  }

  take(claim: Claim, bytes: number): boolean {
    if (this.#waitMs(claim) > 0) return false
    if (this.#common.bytesPerSecond > 0) {
      const start = this.#startOf(claim)
      if (this.#next(claim, start) !== undefined) return false
      this.#turn = start
      claim.end = start + bytes / claim.weight()
    }
    this.#common.take(bytes)
    claim.own.take(bytes)
    return true
  }

  wait(claim: Claim, callback: () => void): () => void {
    const waiting = { claim, callback }
    this.#waiting.add(waiting)
    this.#comeBack()
    return () => {
      if (this.#waiting.delete(waiting)) this.#comeBack()
    }
  }

  owes(claim: Claim, isOwing: boolean): void {
    if (isOwing) this.#owing.add(claim)
    else this.#owing.delete(claim)
  }

  shareOf(claim: Claim): number {
    const { size } = this.#owing
    if (size === 0 || (size === 1 && this.#owing.has(claim))) return 1
    const own = claim.weight()
    let most = own
    for (const other of this.#owing) most = Math.max(most, other.weight())
    return own / most
  }

  /** Who did not wait for a while has no claim to what passed meanwhile. */
  #startOf(claim: Claim): number {
    return Math.max(claim.end, this.#turn)
  }

  #waitMs({ own }: Claim): number {
    return Math.max(this.#common.waitMs, own.waitMs)
  }

  /** Of those who wait and need not, who comes first; only others than a claim, and only before it, if one is given. */
  #next(than?: Claim, before = Number.POSITIVE_INFINITY): Waiting | undefined {
    let next: Waiting | undefined
    let first = before
    for (const waiting of this.#waiting) {
      const { claim } = waiting
      const start = this.#startOf(claim)
      if (claim === than || start >= first || this.#waitMs(claim) > 0) continue
      next = waiting
      first = start
    }
    return next
  }

  #pass(): void {
    this.#isPassing = true
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) {
        this.#waiting.delete(next)
        next.callback()
      }
    } finally {
      this.#isPassing = false
    }
    this.#comeBack()
  }

  #comeBack(): void {
    // Whoever is called back may wait again at once.
    if (this.#isPassing) return
    if (this.#timer !== undefined) this.#seams.timers.clear(this.#timer)
    this.#timer = undefined
    if (this.#waiting.size === 0) return
    const waitMs = Math.min(...[...this.#waiting].map(({ claim }) => this.#waitMs(claim)))
    this.#timer = this.#seams.timers.set(() => {
      this.#timer = undefined
      this.#pass()
    }, Math.ceil(waitMs))
  }
}

/** What one fetch may ask for. */
class Claim implements Allowance {
  readonly #queue: AskQueue
  readonly own: RateLimiter
  readonly weight: Weight
  /** Where what was taken ends, in bytes by weight. */
  end = 0
  #owing = 0

  constructor(queue: AskQueue, own: RateLimiter, weight: Weight) {
    this.#queue = queue
    this.own = own
    this.weight = weight
  }

  tryTake(bytes: number): boolean {
    return this.#queue.take(this, bytes)
  }

  whenRoom(callback: () => void): () => void {
    return this.#queue.wait(this, callback)
  }

  get share(): number {
    return this.#queue.shareOf(this)
  }

  owes(isOwing: boolean): void {
    this.#owing += isOwing ? 1 : -1
    this.#queue.owes(this, this.#owing > 0)
  }
}
