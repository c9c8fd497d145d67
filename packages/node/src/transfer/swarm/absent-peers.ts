/** Who is not connected: who left, and who is said to have the content now and could not be connected to. */
import type { FoundBy } from '../../events.ts'
import type { Clock } from '../../util/seams.ts'
import { keepNewest } from '../../util/keep-newest.ts'
import { BarredError } from './barred-error.ts'
import { isConnectionFault } from './connection-fault.ts'
import { DeclinedError } from './declined-error.ts'
import type { Lead, LeadSource } from './lead.ts'
import { nameOf } from './peer-standing.ts'
import { SWARM_LIMITS as LIMITS } from './swarm-limits.ts'
import type { SwarmMember } from './swarm-member.ts'

/** Sources that hear of a device because somebody says at this time that it has the content. */
const LIVE: ReadonlySet<FoundBy> = new Set(['lan', 'dht', 'exchange'])

/** A device that left, and when, in milliseconds since 1970. */
export interface Left {
  readonly peer: string
  readonly atMs: number
}

export interface Unreachable {
  readonly count: number
  /** Until the next of them may be dialled, in milliseconds; undefined without any. */
  readonly retryMs: number | undefined
}

interface Attempt {
  readonly source: LeadSource
  readonly lead: Lead
  /** Monotonic milliseconds. */
  readonly atMs: number
}

export class AbsentPeers {
  readonly #clock: Clock
  readonly #failed = new Map<string, Attempt>()
  /** Who was connected: whether it is on is not known any more, whatever others say of it. */
  readonly #met = new Set<string>()
  #last: Left | undefined
  #lastWhole: Left | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Who left last. */
  get last(): Left | undefined {
    return this.#last
  }

  /** Who left last of those that said they have everything. */
  get lastWhole(): Left | undefined {
    return this.#lastWhole
  }

  came(name: string): void {
    this.#failed.delete(name)
    this.#met.delete(name)
    this.#met.add(name)
    keepNewest(this.#met, LIMITS.maxRecords)
  }

  left({ peer, requester }: Pick<SwarmMember, 'peer' | 'requester'>): void {
    this.#last = { peer, atMs: this.#clock.now() }
    if (requester.availability.hasAll) this.#lastWhole = this.#last
  }

  /** A device could not be connected to, or answered something else than that it has the content. */
  failed(source: LeadSource, lead: Lead, error: unknown): void {
    const name = nameOf(lead)
    this.#failed.delete(name)
    const isOut = error instanceof DeclinedError || error instanceof BarredError || !isConnectionFault(error)
    if (isOut || !LIVE.has(source.name) || this.#met.has(name)) return
    this.#failed.set(name, { source, lead, atMs: this.#clock.monotonic() })
    keepNewest(this.#failed, LIMITS.maxRecords)
  }

  /** @param leftMs how long a device is left alone yet, in milliseconds */
  unreachable(leftMs: (source: LeadSource, lead: Lead) => number): Unreachable {
    const sinceMs = this.#clock.monotonic() - LIMITS.unreachableMs
    const current = [...this.#failed.values()].filter(({ atMs }) => atMs >= sinceMs)
    const times = current.map(({ source, lead }) => leftMs(source, lead))
    return { count: current.length, retryMs: times.length === 0 ? undefined : Math.min(...times) }
  }
}
