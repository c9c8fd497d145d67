/**
 * The peers that one fetch is connected to: goes on looking for more while it runs, dials again whose session ended, and leaves
 * alone who fails or lies. Who waits for a peer, and for how long, is the business of `ProviderSearch`.
 */
import { withDeadline } from '../../network/deadline.ts'
import { AbsentPeers } from './absent-peers.ts'
import { BarredError } from './barred-error.ts'
import { isConnectionFault } from './connection-fault.ts'
import { sayGoodbye } from './goodbye.ts'
import type { Lead, LeadSource } from './lead.ts'
import {
  DuplicateError,
  openRequester,
  type OpenedRequester,
  type OpenRequesterInit,
} from './open-requester.ts'
import { addressKey, nameOf, PeerStanding } from './peer-standing.ts'
import { Redials, type Redial } from './redials.ts'
import { Requester } from '../wire/requester.ts'
import type { Session } from '../wire/session.ts'
import { pauseAfter } from './source-loop.ts'
import { SourceLoops } from './source-loops.ts'
import { SourceReport } from './source-report.ts'
import type { Fault, SwarmFacts, SwarmInit } from './swarm-init.ts'
import { SWARM_LIMITS } from './swarm-limits.ts'
import { SwarmMember } from './swarm-member.ts'

export class Swarm {
  /** Open sessions, the oldest first. */
  readonly members = new Set<SwarmMember>()
  readonly loops: SourceLoops
  /** A fault in what the user or the sender named, since the hunt began. */
  fatal: Error | undefined
  /** Nobody new is tried: the time is over. */
  isFrozen = false
  readonly #init: SwarmInit
  readonly #standing: PeerStanding
  readonly #opening: OpenRequesterInit
  readonly #redials: Redials
  readonly #end = new AbortController()
  /** Devices that are tried, by the key of their address. */
  readonly #trying = new Map<string, Redial>()
  /** Nobody was connected and left since the sources were asked. */
  #isFresh = false
  #report = new SourceReport([])
  #changed = Promise.withResolvers<void>()
  #fault: Fault | undefined
  readonly #absent: AbsentPeers

  constructor(init: SwarmInit) {
    this.#init = init
    this.#standing = new PeerStanding({
      ...init,
      clock: init.seams.clock,
      isLone: () => this.members.size === 0,
    })
    this.#absent = new AbsentPeers(init.seams.clock)
    this.#opening = {
      ...init,
      refuse: (peer) => this.#refusal(peer),
      onFailed: (peer) => this.#standing.records.failed(peer),
    }
    this.loops = new SourceLoops({
      seams: init.seams,
      isOpen: () => !this.isFrozen && !this.#isFull,
      attempt: (source, lead) => this.#attempt(source, lead),
      pauseMs: (rounds) => pauseAfter(rounds, this.members.size),
      onHeard: (name) => this.#report.heard(name),
      onRound: () => this.#tell(),
      onFault: (error) => this.#fail(error),
    })
    this.#redials = new Redials({
      timers: init.seams.timers,
      delayMs: (redial) => this.#redialMs(redial),
      dial: ({ source, lead }) => this.#attempt(source, lead),
    })
  }

  /** Devices that are tried now. */
  get trying(): number {
    return this.#trying.size
  }

  /** How it stands at this moment. */
  facts(): SwarmFacts {
    const { last, lastWhole } = this.#absent
    const unreachable = this.#absent.unreachable((source, lead) => this.#standing.breakerMs(source, lead))
    return { members: [...this.members], dialled: [...this.#trying.values()], unreachable, last, lastWhole }
  }

  /** The last that nothing made good since. */
  get fault(): Fault | undefined {
    return this.#fault
  }

  /** Whether nobody else is to be expected who does better: others have a little time to come. */
  isHopeless({ sinceMs }: Fault): boolean {
    return this.#now() - sinceMs >= SWARM_LIMITS.faultGraceMs || this.#isThrough
  }

  /** Somebody who is connected gave something: earlier faults of others are past. */
  progressed(): void {
    if (this.#fault !== undefined && this.members.size > 0) this.#fault = undefined
  }

  /** A peer lied, or has no more of what is needed. */
  faulted(error: Error): Fault {
    this.#fault = { error, sinceMs: this.#now() }
    return this.#fault
  }

  /** Ends the session with a peer that was of no use, if there is no room for another. */
  makeRoom({ session }: SwarmMember): void {
    if (this.#isFull) void session.close()
  }

  /** Resolves when somebody came or went, or a try or a source is through. */
  changed(): Promise<void> {
    return this.#changed.promise
  }

  /** What came of asking since this was called last. */
  takeReport(): SourceReport {
    const report = this.#report
    this.#report = new SourceReport([])
    return report
  }

  /** Looks for peers from now on; all sources are asked at once, and anew if nobody is connected. */
  hunt(): void {
    if (this.#end.signal.aborted || this.#isFull) return
    this.#redials.hurry()
    // Several may wait for one and the same hunt.
    if (this.loops.isRunning && (this.members.size > 0 || this.#isFresh)) return
    this.#isFresh = true
    this.fatal = undefined
    const sources = this.#init.sources()
    this.#report.add(new SourceReport(sources.map(({ name }) => name)))
    this.loops.start(sources)
    if (this.members.size > 0) return
    const ready = sources.filter(({ isReady }) => isReady?.() !== false)
    this.#init.onAsking?.(
      ready.map(({ name }) => name),
      this.#absent.last?.peer,
    )
  }

  /** Takes part in a session that the peer opened. */
  accept(session: Session): void {
    if (this.#end.signal.aborted || this.#isFull || this.#hasSessionWith(session.remoteName)) return
    const requester = new Requester({ ...this.#init, session })
    // Nothing is asked of it by name.
    this.#join({ requester, handshakeMs: 0 }, undefined, undefined)
  }

  /** Ends at once what we opened: who opened a session to us may still be served in it. */
  abort(error: Error): void {
    this.#stop(error)
    const ours = [...this.members].filter(({ source }) => source !== undefined)
    for (const { session } of ours) session.fail(error)
  }

  /** Says goodbye to those who need nothing of us, as far as we know. */
  async close(): Promise<void> {
    this.#stop(new Error('the fetch is over'))
    const over = [...this.members].filter((member) => this.#isOver(member))
    await sayGoodbye(
      this.#init.seams.timers,
      over.map(({ session }) => session),
    )
  }

  /** Who has everything needs nothing; what a peer opened is its to end, else who serves it in ours takes that over. */
  #isOver({ source, requester, session }: SwarmMember): boolean {
    if (requester.availability.hasAll) return true
    return source !== undefined && this.#init.keep?.(session) !== true
  }

  #stop(reason: Error): void {
    this.#end.abort(reason)
    this.loops.stop()
    this.#redials.stop()
  }

  #attempt(source: LeadSource, lead: Lead): Promise<void> | undefined {
    const name = nameOf(lead)
    if (this.#standing.isBarred(name)) {
      this.#report.failed(source.name, new BarredError())
      return undefined
    }
    if (this.#hasSessionWith(name) || this.#standing.isGone(name)) return undefined
    if (this.#trying.has(addressKey(source, lead))) return undefined
    // One stranger's false address must not keep the addresses waiting that the user or the sender gave.
    const isTried = (): boolean => [...this.#trying.values()].some((trying) => trying.lead.key === lead.key)
    if (!source.isTrusted && isTried()) return undefined
    if (this.#standing.breakerMs(source, lead) > 0) return undefined
    return this.#try(source, lead)
  }

  #redialMs({ source, lead }: Redial): number | undefined {
    const name = nameOf(lead)
    const isOver = this.#end.signal.aborted || this.#isFull
    if (isOver || this.#refusal(name) !== undefined || this.#standing.isGone(name)) return undefined
    return Math.max(this.#standing.breakerMs(source, lead), this.isFrozen ? SWARM_LIMITS.pauseMs : 0)
  }

  async #try(source: LeadSource, lead: Lead): Promise<void> {
    const { timers } = this.#init.seams
    this.#trying.set(addressKey(source, lead), { source, lead })
    try {
      const opened = await withDeadline(timers, SWARM_LIMITS.tryTimeoutMs, this.#end.signal, (signal) =>
        openRequester(this.#opening, lead, signal),
      )
      if (this.#end.signal.aborted || this.#isFull) {
        void opened.requester.session.close()
        return
      }
      this.#standing.records.worked(addressKey(source, lead))
      this.#report.opened(source.name)
      this.#join(opened, source, lead)
    } catch (error) {
      if (this.#end.signal.aborted || error instanceof DuplicateError) return
      this.#report.failed(source.name, error)
      this.#standing.records.failed(addressKey(source, lead))
      this.#absent.failed(source, lead, error)
      if (source.isTrusted && !isConnectionFault(error)) this.#fail(error)
    } finally {
      this.#trying.delete(addressKey(source, lead))
      this.#tell()
    }
  }

  #join(
    { requester, handshakeMs }: OpenedRequester,
    source: LeadSource | undefined,
    lead: Lead | undefined,
  ): void {
    const { seams, limits, onMember, onSession } = this.#init
    const { session } = requester
    const member = new SwarmMember({
      requester,
      source,
      lead,
      handshakeMs,
      clock: seams.clock,
      onEnd: (ended, error) => this.#onEnd(ended, error),
      onBusy: (busy, sinceMs) => {
        if (this.members.size < 2 || this.#now() - sinceMs < limits.maxBusyRetryMs) return
        busy.isGivenUp = true
        void session.close()
      },
    })
    if (source === undefined) session.attach(requester)
    session.attach(member)
    this.members.add(member)
    if (!member.isSelf) this.#absent.came(member.peer)
    if (!member.isSelf) onSession?.(session)
    onMember(member)
    if (this.#isFull) this.loops.stop()
    this.#tell()
    // It may have ended in the same turn, before anybody was attached who would have been told.
    if (session.isEnded) this.#onEnd(member, undefined)
  }

  #onEnd(member: SwarmMember, error: Error | undefined): void {
    const wasFull = this.#isFull
    if (!this.members.delete(member) || this.#end.signal.aborted) return
    if (this.members.size === 0) this.#isFresh = false
    const { source, lead, session, isSelf } = member
    if (!isSelf) this.#absent.left(member)
    const fault = this.#standing.ended(member, error)
    const isWanted = session.byeReason !== 'duplicate' && !isSelf
    if (fault !== undefined) this.faulted(fault)
    else if (isWanted && source !== undefined && lead !== undefined) this.#redials.plan({ source, lead })
    if (wasFull && this.members.size > 0) this.hunt()
    this.#tell()
  }

  #refusal(peer: string): Error | undefined {
    if (this.#standing.isBarred(peer)) return new BarredError()
    return this.#hasSessionWith(peer) ? new DuplicateError() : undefined
  }

  #hasSessionWith(name: string): boolean {
    for (const { peer, lead } of this.members) if (peer === name || lead?.key === name) return true
    return false
  }

  get #isFull(): boolean {
    return this.members.size >= this.#init.maxSessions
  }

  /** Nobody is being tried, and no source names anybody else for now. */
  get #isThrough(): boolean {
    return this.#trying.size === 0 && this.#redials.size === 0 && this.loops.isThrough
  }

  #fail(error: unknown): void {
    this.fatal = error as Error
    this.#tell()
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  #now(): number {
    return this.#init.seams.clock.monotonic()
  }
}
