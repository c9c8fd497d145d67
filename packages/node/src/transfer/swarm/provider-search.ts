/**
 * The way of a fetch to those who have what a link names: waits for the first of them and for those that come after it, and gives
 * up when nothing came of anybody for as long as the caller waits.
 */
import { isShoalError, type ShoalError } from '../../errors.ts'
import { hedge } from '../../util/hedge.ts'
import { delay } from '../../util/seams.ts'
import { isConnectionFault } from './connection-fault.ts'
import { notFound } from './not-found.ts'
import { BusyError, type Requester } from '../wire/requester.ts'
import { SourceReport } from './source-report.ts'
import { Swarm } from './swarm.ts'
import type { Fault, SwarmFacts } from './swarm-init.ts'
import { SWARM_LIMITS } from './swarm-limits.ts'
import type { SwarmMember } from './swarm-member.ts'
import type { ProviderSearchInit } from './provider-search-init.ts'

/** What is being tried when the time is over may take this much longer than the search began, in milliseconds. */
const LEAST_MS = 1_000
/** Between two questions to a provider that is busy, however soon it wants the next, in milliseconds. */
const MIN_BUSY_MS = 100

export class ProviderSearch {
  readonly #init: ProviderSearchInit
  readonly #swarm: Swarm
  readonly #listeners = new Set<(requester: Requester) => void>()
  readonly #stopListening: (() => void) | undefined
  readonly #closing = new AbortController()
  /** Aborts when the caller ends it, or it was closed. */
  readonly #over: AbortSignal
  /** Since when nothing came from anybody, monotonic milliseconds. */
  #fruitlessSinceMs: number
  /** What came of all questions since something came. */
  #report = new SourceReport([])
  /** All were asked since something came. */
  #hasAsked = false
  /** The last that was asked said that it is busy, and nothing came since. */
  #busy: BusyError | undefined

  readonly #onAbort = (): void => this.#swarm.abort(this.#init.signal.reason as Error)

  constructor(init: ProviderSearchInit) {
    this.#init = init
    this.#over = AbortSignal.any([init.signal, this.#closing.signal])
    this.#fruitlessSinceMs = init.seams.clock.monotonic()
    this.#swarm = new Swarm({
      ...init,
      root: init.link.root,
      maxSessions: init.maxSessions ?? SWARM_LIMITS.maxSessions,
      onMember: (member) => this.#onMember(member),
      onSession: (session) => {
        init.heard?.join(session)
        init.onSession?.(session)
      },
    })
    init.heard?.onHeard(() => this.#swarm.loops.hurry('exchange'))
    this.#stopListening = init.incoming?.((session) => this.#swarm.accept(session))
    init.signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** To be called whenever something verified came: the search may start over with its full time. */
  progressed(): void {
    this.#fruitlessSinceMs = this.#init.seams.clock.monotonic()
    this.#busy = undefined
    this.#hasAsked = false
    this.#swarm.progressed()
    if (this.#report.tallies.size > 0) this.#report = new SourceReport([])
  }

  /** How the search stands at this moment. */
  facts(): SwarmFacts {
    return this.#swarm.facts()
  }

  /** Calls back with each provider that is connected, now or later. Returns how to stop that. */
  each(callback: (requester: Requester) => void): () => void {
    this.#listeners.add(callback)
    const present = Array.from(this.#swarm.members)
    for (const { requester } of present) callback(requester)
    return () => this.#listeners.delete(callback)
  }

  /**
   * Runs `work` with a connected provider. When the connection breaks, or the provider lies or has no more, runs it again with
   * another one, and later with the same when all are busy.
   *
   * @throws ShoalError ERR_NO_PROVIDER, ERR_CONTENT_GONE, ERR_CONTENT_INVALID, and whatever else `work` rejects with
   */
  async run<T>(work: (requester: Requester) => Promise<T>, asked = new Set<SwarmMember>()): Promise<T> {
    const { seams, limits } = this.#init
    const useless = new Set<SwarmMember>()
    let fault: Fault | undefined
    for (;;) {
      const member = await this.#provider(useless, asked, fault)
      member.running++
      try {
        return await work(member.requester)
      } catch (error) {
        this.#init.signal.throwIfAborted()
        if (error instanceof BusyError) {
          const pauseMs = Math.min(error.retryMs ?? limits.busyRetryMs, limits.maxBusyRetryMs)
          member.busyUntilMs = seams.clock.monotonic() + Math.max(pauseMs, MIN_BUSY_MS)
          this.#busy = error
        } else if (!this.#isOfPeer(member, error)) throw error
        else if (!isConnectionFault(error)) {
          useless.add(member)
          fault = this.#swarm.faulted(error as Error)
          this.#swarm.makeRoom(member)
        }
      } finally {
        member.running--
      }
    }
  }

  /** As `run`, and others are asked as well while who was asked is slow: the first answer counts. */
  async ask<T>(work: (requester: Requester) => Promise<T>): Promise<T> {
    const asked = new Set<SwarmMember>()
    let isAnswered = false
    const others = (): number => [...this.#swarm.members].filter((member) => !asked.has(member)).length
    try {
      return await hedge({
        timers: this.#init.seams.timers,
        ask: (began) =>
          this.run((requester) => {
            if (isAnswered) throw new Error('another one answered')
            began()
            return work(requester)
          }, asked),
        others,
        patienceMs: (rounds) => patienceMs(asked, rounds),
        most: SWARM_LIMITS.maxAskedForNode,
      })
    } finally {
      isAnswered = true
    }
  }

  /**
   * Goes on looking for providers as long as `isNeeded`. Rejects when nothing came of anybody for the time that the caller waits,
   * or when all that came lied or had no more.
   *
   * @param over settles when nobody is needed any more
   */
  async sustain(isNeeded: () => Promise<boolean>, over: Promise<unknown>): Promise<void> {
    const { seams, waitMs } = this.#init
    const state = { isOver: false }
    const ended = over.catch(() => {}).then(() => (state.isOver = true))
    while (!state.isOver && (await isNeeded())) {
      this.#over.throwIfAborted()
      if (this.#swarm.members.size === 0) {
        const found = this.#provider(new Set(), new Set())
        found.catch(() => {})
        await Promise.race([found, ended])
        continue
      }
      const leftMs = this.#fruitlessSinceMs + waitMs - seams.clock.monotonic()
      const isIdle = [...this.#swarm.members].every(({ requester }) => requester.outstanding === 0)
      // Who is connected and has nothing to give is nobody.
      if (waitMs > 0 && leftMs <= 0 && isIdle) throw this.#swarm.fault?.error ?? this.#notFound()
      await this.#changeOr(Math.max(leftMs, LEAST_MS), ended)
    }
  }

  /** Says goodbye to the providers. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the search is over'))
    this.#stopListening?.()
    this.#init.heard?.close()
    this.#takeReport()
    try {
      await this.#swarm.close()
    } finally {
      // A signal made of others is kept for good while it is listened to, with all that the listener knows.
      this.#init.signal.removeEventListener('abort', this.#onAbort)
    }
  }

  #onMember(member: SwarmMember): void {
    this.#takeReport()
    const { peer, source, isSelf, requester } = member
    if (source !== undefined) {
      if (!isSelf) this.#init.onMet?.(peer)
      this.#init.onConnected?.(peer, source.name)
    }
    for (const listener of this.#listeners) listener(requester)
  }

  /** Whether the peer is to blame, and another may do better. */
  #isOfPeer({ session }: SwarmMember, error: unknown): boolean {
    return isShoalError(error, 'ERR_CONTENT_GONE') || session.isEnded
  }

  /** Who is asked next: not one of `useless`, rather none of `asked`, which it joins, and the one with the least to do. */
  async #provider(
    useless: ReadonlySet<SwarmMember>,
    asked: Set<SwarmMember>,
    fault?: Fault,
  ): Promise<SwarmMember> {
    const { seams, waitMs } = this.#init
    const swarm = this.#swarm
    const startedMs = seams.clock.monotonic()
    // However short the time is, everybody is asked once.
    const isFirst = !this.#hasAsked
    const endMs = (): number => Math.max(this.#fruitlessSinceMs + waitMs, isFirst ? startedMs + 1 : 0)
    let hasHunted = false
    try {
      for (;;) {
        this.#over.throwIfAborted()
        const nowMs = seams.clock.monotonic()
        // Who opened the session need not have what is asked for by name.
        const usable = [...swarm.members].filter(
          (member) => !useless.has(member) && member.source !== undefined,
        )
        const free = usable.filter(({ busyUntilMs }) => busyUntilMs <= nowMs)
        const [best] = free.toSorted(
          (a, b) => Number(asked.has(a)) - Number(asked.has(b)) || a.running - b.running,
        )
        if (best !== undefined) {
          asked.add(best)
          return best
        }
        const leftMs = waitMs > 0 ? endMs() - nowMs : Number.POSITIVE_INFINITY
        if (usable.length === 0) {
          const last = fault ?? swarm.fault
          if (last !== undefined && swarm.isHopeless(last)) throw last.error
          if (!hasHunted) {
            // All were asked, and came and went, while nothing was given.
            if (leftMs <= 0) throw this.#notFound()
            swarm.hunt()
            this.#hasAsked = true
          }
          hasHunted = true
          if (swarm.fatal !== undefined) throw swarm.fatal
        }
        if (leftMs <= 0) {
          // Nobody new is tried now; who is being tried has a last chance.
          swarm.isFrozen = true
          const isOver = swarm.trying === 0 || nowMs - startedMs >= LEAST_MS
          if (usable.length > 0 || isOver) throw this.#notFound()
        }
        const graceMs = startedMs + LEAST_MS - nowMs
        const busyMs = Math.min(...usable.map(({ busyUntilMs }) => busyUntilMs - nowMs), LEAST_MS)
        await this.#changeOr(Math.min(leftMs > 0 ? leftMs : graceMs, busyMs))
      }
    } finally {
      swarm.isFrozen = false
    }
  }

  /** Resolves when something changed, after a time, and when it is over; rejects on abort. */
  async #changeOr(ms: number, over: Promise<unknown> = new Promise(() => {})): Promise<void> {
    const waiting = new AbortController()
    const signal = AbortSignal.any([this.#over, waiting.signal])
    const pause = delay(this.#init.seams.timers, ms, signal)
    try {
      await Promise.race([this.#swarm.changed(), pause, over])
    } finally {
      pause.catch(() => {})
      waiting.abort()
    }
  }

  #takeReport(): void {
    const report = this.#swarm.takeReport()
    this.#report.add(report)
    this.#init.onReport?.(report)
  }

  #notFound(): ShoalError {
    this.#takeReport()
    const waitedMs = this.#init.seams.clock.monotonic() - this.#fruitlessSinceMs
    const unready = this.#swarm.loops.unready()
    const { link } = this.#init
    const lacking = this.#swarm.members.size > 0 ? this.#init.lacking?.() : undefined
    return notFound({ link, report: this.#report, waitedMs, busy: this.#busy, lacking, unready })
  }
}

/** What is slow is measured by how soon these peers answered the handshake. After some rounds there is no hurry any more. */
function patienceMs(asked: ReadonlySet<SwarmMember>, rounds: number): number {
  const { leastPatienceMs, handshakesOfPatience, hurriedRounds, slowNodeMs } = SWARM_LIMITS
  if (rounds >= hurriedRounds) return slowNodeMs
  const handshakeMs = Math.min(...[...asked].map((member) => member.handshakeMs))
  return Math.min(Math.max(leastPatienceMs, handshakesOfPatience * handshakeMs), slowNodeMs)
}
