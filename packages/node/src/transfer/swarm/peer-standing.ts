/** Whom a swarm may try now: who lied, has the content no more, or failed of late is left alone. */
import { isShoalError } from '../../errors.ts'
import type { Barred } from '../../network/barred-peers.ts'
import type { Clock } from '../../util/seams.ts'
import type { Lead, LeadSource } from './lead.ts'
import { PeerRecords } from './peer-record.ts'
import { SWARM_LIMITS as LIMITS } from './swarm-limits.ts'
import type { SwarmMember } from './swarm-member.ts'

export interface PeerStandingInit {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly records?: PeerRecords | undefined
  readonly barred?: Barred | undefined
  /** Whether nobody is connected. */
  readonly isLone: () => boolean
}

export class PeerStanding {
  readonly records: PeerRecords
  readonly #init: PeerStandingInit
  /** Until when peers are not asked that lied or have the content no more, monotonic milliseconds. */
  readonly #goneUntilMs = new Map<string, number>()

  constructor(init: PeerStandingInit) {
    this.#init = init
    this.records = init.records ?? new PeerRecords(init.clock)
  }

  isBarred(name: string): boolean {
    return this.#init.barred?.isBarred(name) === true
  }

  /** It lied or had no more a moment ago. */
  isGone(name: string): boolean {
    return (this.#goneUntilMs.get(name) ?? 0) > this.#init.clock.monotonic()
  }

  /** How long a device is left alone yet, in milliseconds: the longer of what its addresses and what its owner did. */
  breakerMs(source: LeadSource, lead: Lead): number {
    const isLone = this.#init.isLone()
    const leftMs = (key: string): number => (isLone ? this.records.loneLeftMs(key) : this.records.leftMs(key))
    return Math.max(leftMs(addressKey(source, lead)), leftMs(nameOf(lead)))
  }

  /** Notes how a session ended. Returns what the peer is to blame for, if it is for what it gave or has. */
  ended(member: SwarmMember, error: Error | undefined): Error | undefined {
    const { peer, lead, hasGiven, isGivenUp, isSelf, sinceMs } = member
    const isLie = isShoalError(error, 'ERR_CONTENT_INVALID')
    if (isLie || isShoalError(error, 'ERR_CONTENT_GONE')) {
      if (isLie && !isSelf) this.#init.barred?.bar(peer)
      this.#leaveAlone(peer, lead)
      return error
    }
    if (isSelf) return undefined
    const livedMs = this.#init.clock.monotonic() - sinceMs
    // The only one that is known and gave something is dialled again at once.
    const wasOfUse = error === undefined || livedMs >= LIMITS.mostBreakerMs || this.#init.isLone()
    if (hasGiven && wasOfUse && !isGivenUp) this.records.worked(peer)
    if (error !== undefined || !hasGiven || isGivenUp) this.records.failed(peer)
    return undefined
  }

  #leaveAlone(peer: string, lead: Lead | undefined): void {
    const nowMs = this.#init.clock.monotonic()
    const names = new Set([peer, lead === undefined ? peer : nameOf(lead)])
    for (const name of names) this.#goneUntilMs.set(name, nowMs + LIMITS.goneMs)
    for (const [name, untilMs] of this.#goneUntilMs) {
      if (untilMs <= nowMs || this.#goneUntilMs.size > LIMITS.maxRecords) this.#goneUntilMs.delete(name)
    }
  }
}

/** What names the device that a lead leads to. */
export function nameOf({ peerId, key }: Lead): string {
  return peerId ?? key
}

/** What names a device at the addresses that one source gave. */
export function addressKey({ name }: LeadSource, { key }: Lead): string {
  return `${name} ${key}`
}
