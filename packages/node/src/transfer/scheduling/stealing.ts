/**
 * What a peer without work takes over from a slower one, so that the end of a fetch does not wait for the slowest. The
 * first answer wins, so each such block may come twice.
 */
import type { SwarmPeer } from './swarm-peer.ts'

/** Taken over is only what the other would bring this many times later; */
const LEAST_GAIN = 2
/** and before the end only what it would bring so many times later, and not within this time, in milliseconds. */
const EARLY_GAIN = 8
const EARLY_MS = 2_000
/** Peers that are asked for one block, all but one of them late. */
const MOST_ASKED = 16
/** What a peer takes that has not shown yet how fast it is, in milliseconds. */
const UNKNOWN_MS = 1_000
/** Who is slow is looked at no more often than this, in milliseconds: there may be many to look at it. */
const LOOK_MS = 25
/** Of the blocks that take longest, as many are offered. */
const MOST_OFFERED = 32

interface SlowAsk {
  readonly block: number
  readonly size: number
  readonly victim: SwarmPeer
  /** In how many milliseconds it comes. */
  readonly leftMs: number
  /** Its peer may never bring it. */
  readonly isLate: boolean
}

export interface Theft extends SlowAsk {
  /** It is on its way. */
  readonly isComing: boolean
  /** How likely the block comes twice. */
  readonly risk: number
}

/** Who is asked for a block that is not here. */
type PeersAsked = (block: number) => readonly SwarmPeer[]

export class Stealing {
  readonly #peersAsked: PeersAsked
  /** Blocks that are asked for, those that take longest first. */
  #slow: SlowAsk[] = []
  #lookedAtMs = Number.NEGATIVE_INFINITY

  constructor(peersAsked: PeersAsked) {
    this.#peersAsked = peersAsked
  }

  /**
   * What `thief` gains most by, if anything.
   *
   * @param isEnd nothing else is left to ask for
   * @param mostRisk above which nothing is taken
   */
  choose(
    thief: SwarmPeer,
    peers: Iterable<SwarmPeer>,
    { nowMs, mostRisk, isEnd }: { nowMs: number; mostRisk: number; isEnd: boolean },
  ): Theft | undefined {
    if (nowMs - this.#lookedAtMs >= LOOK_MS) this.#look(peers, nowMs)
    for (const ask of this.#slow) {
      const { block, size, victim, leftMs, isLate } = ask
      const isComing = victim.asked.get(block)?.isComing === true
      if (!isEnd && leftMs < EARLY_MS) return undefined
      if (!thief.canGive(block) || !victim.asked.has(block)) continue
      const asked = this.#peersAsked(block)
      if (asked.length >= MOST_ASKED || asked.includes(thief)) continue
      if (asked.some((other) => other !== victim && !other.isLate(nowMs))) continue
      const thiefMs = thief.window.timeFor(thief.owedBytes + size) ?? UNKNOWN_MS
      if (leftMs < thiefMs * (isEnd ? LEAST_GAIN : EARLY_GAIN) && !(isLate && isEnd)) continue
      // What does not come yet is taken back in time.
      const risk = isLate || !isComing ? 0 : thiefMs / leftMs
      if (risk <= mostRisk) return { ...ask, isComing, risk }
    }
    return undefined
  }

  #look(peers: Iterable<SwarmPeer>, nowMs: number): void {
    this.#lookedAtMs = nowMs
    const slow: SlowAsk[] = []
    for (const victim of peers) {
      const { next } = victim
      if (next === undefined) continue
      const isLate = victim.isLate(nowMs)
      let more = -next.size
      for (const { block, size } of victim.asked) {
        more += size
        slow.push({ block, size, victim, isLate, leftMs: victim.window.timeLeft(next.size, more, nowMs) })
      }
    }
    this.#slow = slow.sort((a, b) => b.leftMs - a.leftMs).slice(0, MOST_OFFERED)
  }
}
