/**
 * What a peer without work takes over from a slower one, so that the end of a fetch does not wait for the slowest. The
 * first answer wins, so each such block may come twice.
 */
import type { SwarmPeer } from './swarm-peer.ts'

/** Taken over is only what the other would bring this many times later. */
const LEAST_GAIN = 2
/** What a peer takes that has not shown yet how fast it is, in milliseconds. */
const UNKNOWN_MS = 1_000

export interface Theft {
  readonly block: number
  readonly size: number
  readonly victim: SwarmPeer
  /** How likely the block comes twice: 0 where the victim may never bring it. */
  readonly risk: number
}

/**
 * The block that gains most.
 *
 * @param isSingle whether a block is asked of one peer only and is not here
 * @param mostRisk above which nothing is taken
 */
export function chooseTheft(
  thief: SwarmPeer,
  peers: Iterable<SwarmPeer>,
  isSingle: (block: number) => boolean,
  { nowMs, mostRisk }: { nowMs: number; mostRisk: number },
): Theft | undefined {
  let best: Theft | undefined
  let bestLeftMs = 0
  for (const victim of peers) {
    const { next } = victim
    if (victim === thief || next === undefined) continue
    const isLate = victim.window.isLate(next.size, nowMs)
    let more = -next.size
    for (const [block, { size }] of victim.asked) {
      more += size
      if (!thief.canGive(block) || !isSingle(block)) continue
      const leftMs = victim.window.timeLeft(next.size, more, nowMs)
      const thiefMs = thief.window.timeFor(thief.owedBytes + size) ?? UNKNOWN_MS
      if (leftMs <= bestLeftMs || (!isLate && leftMs < thiefMs * LEAST_GAIN)) continue
      const risk = isLate ? 0 : thiefMs / leftMs
      if (risk > mostRisk) continue
      bestLeftMs = leftMs
      best = { block, size, victim, risk }
    }
  }
  return best
}
