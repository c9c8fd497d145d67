/** Why a fetch waits or is slow, told from how it stands. */
import type { WaitDetail, WaitReason } from '../../events.ts'
import type { SchedulerFacts } from '../scheduling/scheduler-init.ts'
import type { Left } from '../swarm/absent-peers.ts'
import type { SwarmFacts } from '../swarm/swarm-init.ts'
import type { SwarmMember } from '../swarm/swarm-member.ts'

/** `asking`: what it will bring is asked for; `comparing`: what is here already is looked at; `ending`: everything is here. */
export type FetchPhase = 'asking' | 'comparing' | 'getting' | 'ending'

export interface Standing {
  readonly phase: FetchPhase
  readonly swarm: SwarmFacts
  /** Absent: no blocks are got now. */
  readonly blocks: SchedulerFacts | undefined
  /** Content bytes that are still to come, as far as known. */
  readonly missing: number
  /** Whether this device has no network; asked only where nobody is connected. */
  readonly isOffline: () => boolean
  /** On the monotonic clock and since 1970, in milliseconds. */
  readonly nowMs: number
  readonly wallMs: number
}

export interface Hindrance {
  readonly reason: WaitReason
  readonly detail: WaitDetail | null
}

/** Undefined: nothing keeps it. */
export function hindranceOf(standing: Standing): Hindrance | undefined {
  const { phase, swarm, blocks } = standing
  if (phase === 'comparing') return { reason: 'verifying', detail: null }
  if (phase === 'ending') return undefined
  const others = swarm.members.filter(({ isSelf }) => !isSelf)
  if (others.length === 0) {
    // This device itself has a part, and gives it.
    const isGiving = swarm.members.length > 0 && blocks?.isStuck !== true
    return isGiving ? undefined : nobody(standing)
  }
  if (others.every(({ isBusy }) => isBusy)) return busy(standing, others)
  if (blocks === undefined) return undefined
  if (blocks.isStuck) return stuck(standing, blocks, others)
  const giving = new Set(
    blocks.peers.flatMap(({ provider, owedBlocks }) => (owedBlocks > 0 ? [provider] : [])),
  )
  const from = others.filter(({ requester }) => giving.has(requester))
  const isIndirect = from.length > 0 && from.every(({ session }) => !session.isDirect)
  return isIndirect ? { reason: 'indirect', detail: null } : undefined
}

function nobody({ swarm, isOffline, wallMs }: Standing): Hindrance {
  if (isOffline()) return { reason: 'offline', detail: null }
  const { unreachable, dialled, last } = swarm
  if (unreachable.count > 0) {
    const retry = dialled.length > 0 ? {} : { retryAt: Math.round(wallMs + (unreachable.retryMs ?? 0)) }
    return { reason: 'unreachable', detail: { peers: unreachable.count, ...retry } }
  }
  if (last === undefined) return { reason: 'searching', detail: null }
  return { reason: 'no-source', detail: lastSeen(last) }
}

function stuck(
  standing: Standing,
  { peers }: SchedulerFacts,
  others: readonly SwarmMember[],
): Hindrance | undefined {
  const { nowMs, missing, swarm } = standing
  const isBusy = others.filter((member) => member.isBusy)
  if (isBusy.length > 0) return busy(standing, isBusy)
  // Who was slow is left alone for a moment.
  if (peers.some(({ pausedUntilMs }) => pausedUntilMs > nowMs)) return undefined
  if (peers.some(({ refusal }) => refusal === 'changed')) {
    return { reason: 'source-changed', detail: { missing } }
  }
  const { lastWhole } = swarm
  const isGone = lastWhole !== undefined && others.every(({ peer }) => peer !== lastWhole.peer)
  return { reason: 'incomplete', detail: { missing, ...(isGone ? lastSeen(lastWhole) : {}) } }
}

function busy({ blocks, nowMs, wallMs }: Standing, members: readonly SwarmMember[]): Hindrance {
  const leftMs = members.map(({ busyUntilMs, requester }) => {
    const peer = blocks?.peers.find(({ provider }) => provider === requester)
    return Math.max(busyUntilMs, peer?.pausedUntilMs ?? 0) - nowMs
  })
  const soonestMs = Math.min(...leftMs)
  const retry = soonestMs > 0 ? { retryAt: Math.round(wallMs + soonestMs) } : {}
  return { reason: 'busy', detail: { peers: members.length, ...retry } }
}

function lastSeen({ peer, atMs }: Left): WaitDetail {
  return { peer, lastSeen: atMs }
}
