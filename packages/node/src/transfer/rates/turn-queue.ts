/**
 * Lets bytes pass one way, no faster than the limits allow: one limit for all, and one of its own for each content. Who
 * waits takes turns by bytes, so that each peer gets the same, whenever it came and whatever the size of its messages; of
 * what has another weight, as much more or less.
 */
import type { Seams, TimerHandle } from '../../util/seams.ts'
import type { RateLimiter } from '../../util/rate-limiter.ts'
import { USUAL_WEIGHT, type Weight } from './priority.ts'

/** What passes at a turn, as a time at the limit: more shows as a burst, and less costs more in headers below. */
const TURN_MS = 150
/** Least and most bytes that pass at a turn. */
const MIN_TURN_BYTES = 1_024
const MAX_TURN_BYTES = 65_536
/** Turns that one that was away for a moment may be behind the others; it catches up on them. */
const MAX_TURNS_BEHIND = 2
/** Small messages pass at once while the debt is at most this, in milliseconds of the limit. */
const MAX_DEBT_MS = 1_000

export interface TurnHandler {
  /** Passes at most so many bytes on. Returns how many it were; 0 when there are none or nobody takes them. */
  readonly pass: (mostBytes: number) => number
  /** Called when limits changed. */
  readonly onLimits: () => void
}

/** What a peer got so far by weight, beside the others. */
interface Account {
  bytes: number
  turns: number
}

export class TurnQueue {
  readonly #seams: Seams
  readonly #common: RateLimiter
  readonly #turns = new Set<Turn>()
  readonly #accounts = new Map<string, Account>()
  #timer: TimerHandle | undefined
  #isPassing = false

  /** @param common the limit for all */
  constructor(seams: Seams, common: RateLimiter) {
    this.#seams = seams
    this.#common = common
  }

  get common(): RateLimiter {
    return this.#common
  }

  join(peer: string, handler: TurnHandler): Turn {
    const account = this.#accounts.get(peer) ?? { bytes: 0, turns: 0 }
    account.turns++
    this.#accounts.set(peer, account)
    const turn = new Turn(this, account, handler, () => {
      this.#turns.delete(turn)
      if (--account.turns === 0) this.#accounts.delete(peer)
    })
    this.#turns.add(turn)
    return turn
  }

  /** Whether something of the content that has this limit waits for its turn. */
  isHeldUp(own: RateLimiter): boolean {
    for (const turn of this.#turns) if (turn.isWaiting && turn.own === own) return true
    return false
  }

  /** To be called when a limit changed. */
  changed(): void {
    for (const turn of this.#turns) turn.handler.onLimits()
    this.pass()
  }

  /** A turn that starts to wait begins where the others are: who came late owes nothing and has no claim. */
  enter(turn: Turn): void {
    let own = Number.POSITIVE_INFINITY
    let account = Number.POSITIVE_INFINITY
    for (const other of this.#turns) {
      if (other === turn || !other.isWaiting) continue
      own = Math.min(own, other.bytes)
      account = Math.min(account, other.account.bytes)
    }
    const behind = MAX_TURNS_BEHIND * this.#turnBytes(turn)
    if (own < Number.POSITIVE_INFINITY) turn.bytes = Math.max(turn.bytes, own - behind)
    if (account < Number.POSITIVE_INFINITY)
      turn.account.bytes = Math.max(turn.account.bytes, account - behind)
  }

  /** Passes on what may pass now, and comes back when more may. */
  pass(): void {
    // What a turn passes on may bring the next bytes: the loop below sees them.
    if (this.#isPassing) return
    this.#isPassing = true
    try {
      for (let turn = this.#next(); turn !== undefined; turn = this.#next()) {
        const bytes = turn.handler.pass(this.#turnBytes(turn))
        if (bytes === 0) turn.isWaiting = false
        else turn.count(bytes)
      }
    } finally {
      this.#isPassing = false
    }
    this.#comeBack()
  }

  #next(): Turn | undefined {
    if (this.#common.waitMs > 0) return undefined
    // Under a limit for all, a peer with several contents has one part of it; else each content is by itself.
    const isCommon = this.#common.bytesPerSecond > 0
    let next: Turn | undefined
    for (const turn of this.#turns) {
      if (!turn.isWaiting || (turn.own?.waitMs ?? 0) > 0) continue
      if (next === undefined || isBefore(turn, next, isCommon)) next = turn
    }
    return next
  }

  #turnBytes({ own }: Turn): number {
    let bytes = MAX_TURN_BYTES
    for (const limiter of [this.#common, own]) {
      const rate = limiter?.bytesPerSecond ?? 0
      if (rate > 0) bytes = Math.min(bytes, (rate * TURN_MS) / 1_000)
    }
    return Math.max(MIN_TURN_BYTES, Math.floor(bytes))
  }

  #comeBack(): void {
    if (this.#timer !== undefined) this.#seams.timers.clear(this.#timer)
    this.#timer = undefined
    let waitMs = Number.POSITIVE_INFINITY
    for (const turn of this.#turns) {
      if (turn.isWaiting) waitMs = Math.min(waitMs, Math.max(this.#common.waitMs, turn.own?.waitMs ?? 0))
    }
    if (waitMs === Number.POSITIVE_INFINITY) return
    this.#timer = this.#seams.timers.set(
      () => {
        this.#timer = undefined
        this.pass()
      },
      // The timers of the platform know whole milliseconds.
      Math.max(1, Math.ceil(waitMs)),
    )
  }
}

function isBefore(one: Turn, other: Turn, isCommon: boolean): boolean {
  const ahead = isCommon ? other.account.bytes - one.account.bytes : 0
  return ahead === 0 ? one.bytes < other.bytes : ahead > 0
}

/** One direction of one channel, among those that take turns. */
export class Turn {
  readonly #queue: TurnQueue
  readonly #leave: () => void
  readonly account: Account
  readonly handler: TurnHandler
  #own: RateLimiter | undefined
  #weight: Weight = USUAL_WEIGHT
  isWaiting = false
  /** What passed here by weight, beside the others. */
  bytes = 0

  constructor(queue: TurnQueue, account: Account, handler: TurnHandler, leave: () => void) {
    this.#queue = queue
    this.account = account
    this.handler = handler
    this.#leave = leave
  }

  /** The limit of the content that is carried. */
  get own(): RateLimiter | undefined {
    return this.#own
  }

  /** @param weight of the content beside others */
  carries(own: RateLimiter, weight: Weight = USUAL_WEIGHT): void {
    this.#own = own
    this.#weight = weight
    this.handler.onLimits()
    this.#queue.pass()
  }

  /** The narrowest limit that holds here, in bytes per second; 0 = none. */
  get bytesPerSecond(): number {
    const rates = [this.#queue.common, this.#own].map((limiter) => limiter?.bytesPerSecond ?? 0)
    const limits = rates.filter((rate) => rate > 0)
    return limits.length === 0 ? 0 : Math.min(...limits)
  }

  /** Whether a small message may pass without waiting for its turn. */
  get mayOwe(): boolean {
    return [this.#queue.common, this.#own].every((limiter) => (limiter?.waitMsAbove(MAX_DEBT_MS) ?? 0) === 0)
  }

  /** There is something to pass on, and somebody to take it. */
  wait(): void {
    if (!this.isWaiting) {
      this.#queue.enter(this)
      this.isWaiting = true
    }
    this.#queue.pass()
  }

  /** Counts bytes that passed. */
  count(bytes: number): void {
    this.#queue.common.take(bytes)
    this.#own?.take(bytes)
    const weighed = bytes / this.#weight()
    this.bytes += weighed
    this.account.bytes += weighed
  }

  leave(): void {
    this.isWaiting = false
    this.#leave()
  }
}
