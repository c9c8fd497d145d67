/**
 * One hunt for a provider: all sources at once, each device that they name is tried, and the first that proves that it
 * has the content wins. Strangers can name devices without end, so tries and memory are bounded.
 */
import { delay, type Seams } from '../util/seams.ts'
import type { FoundBy } from '../events.ts'
import type { Lead, LeadSource } from './lead.ts'
import { SourceReport } from './source-report.ts'

export const HUNT_LIMITS = {
  /** Devices of one source that are tried at a time; each source by itself, so that none keeps another waiting. */
  triesPerSource: 8,
  /** Devices of one source that are tried before it is asked anew. */
  leadsPerRound: 64,
  /** A source that is still looking is asked anew after this long, in milliseconds. */
  roundMs: 20_000,
  /** Between two questions to a source, in milliseconds. */
  pauseMs: 1_000,
} as const

export interface Quarry<T> {
  readonly value: T
  readonly source: FoundBy
}

export interface HuntInit<T> {
  readonly sources: readonly LeadSource[]
  readonly seams: Seams
  /** Connects and proves that the device has the content; whatever came too late is given to `release`. */
  readonly open: (lead: Lead, signal: AbortSignal) => Promise<T>
  readonly release: (value: T) => void
  /** Faults that end the hunt, of sources that are trusted. */
  readonly isFatal: (error: unknown) => boolean
  /** The hunt asks as long as this lets it, in milliseconds; 0 = for ever. What is being tried then may still win. */
  readonly waitMs: number
  /** How much longer what is being tried may take, in milliseconds. */
  readonly graceMs: number
}

export class Hunt<T> {
  readonly report: SourceReport
  readonly #init: HuntInit<T>
  #trying = 0
  readonly #end = new AbortController()
  readonly #outcome = Promise.withResolvers<Quarry<T> | undefined>()
  #isOver = false
  #isLate = false

  constructor(init: HuntInit<T>) {
    this.#init = init
    this.report = new SourceReport(init.sources.map(({ name }) => name))
  }

  /** The first that opened; undefined when the time was over. Rejects on abort, and with what is fatal. */
  async run(signal: AbortSignal): Promise<Quarry<T> | undefined> {
    signal.throwIfAborted()
    const { seams, waitMs, graceMs, sources } = this.#init
    const onAbort = (): void => this.#fail(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    const timers = [
      ...(waitMs > 0 ? [seams.timers.set(() => this.#grow(), waitMs)] : []),
      ...(waitMs > 0 ? [seams.timers.set(() => this.#settle(undefined), waitMs + graceMs)] : []),
    ]
    for (const source of sources) {
      this.#follow(source).catch((error: unknown) => this.#fail(error))
    }
    try {
      return await this.#outcome.promise
    } finally {
      signal.removeEventListener('abort', onAbort)
      for (const timer of timers) seams.timers.clear(timer)
    }
  }

  /** The time is over: nothing new is begun, and what is being tried has its last chance. */
  #grow(): void {
    this.#isLate = true
    if (this.#trying === 0) this.#settle(undefined)
  }

  #settle(quarry: Quarry<T> | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#outcome.resolve(quarry)
    this.#end.abort(new Error('the hunt is over'))
  }

  #fail(error: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#outcome.reject(error)
    this.#end.abort(error)
  }

  /** Asks one source again and again, and tries whom it names. */
  async #follow(source: LeadSource): Promise<void> {
    while (!this.#isClosing) {
      await this.#round(source)
      if (this.#isClosing) return
      await delay(this.#init.seams.timers, HUNT_LIMITS.pauseMs, this.#end.signal).catch(() => {})
    }
  }

  async #round(source: LeadSource): Promise<void> {
    const { timers } = this.#init.seams
    const round = new AbortController()
    const signal = AbortSignal.any([this.#end.signal, round.signal])
    const timer = timers.set(() => round.abort(new Error('asked anew')), HUNT_LIMITS.roundMs)
    const tries = new Map<string, Promise<void>>()
    let heard = 0
    try {
      for await (const lead of source.leads(signal)) {
        if (this.#isClosing) break
        this.report.heard(source.name)
        if (!tries.has(lead.key)) {
          tries.set(
            lead.key,
            this.#try(source, lead).finally(() => tries.delete(lead.key)),
          )
        }
        if (++heard >= HUNT_LIMITS.leadsPerRound) break
        if (tries.size >= HUNT_LIMITS.triesPerSource) await Promise.race(tries.values())
      }
    } finally {
      timers.clear(timer)
    }
    await Promise.all(tries.values())
  }

  async #try(source: LeadSource, lead: Lead): Promise<void> {
    const { open, release, isFatal } = this.#init
    this.#trying++
    try {
      const value = await open(lead, this.#end.signal)
      this.report.opened(source.name)
      if (this.#isOver) release(value)
      else this.#settle({ value, source: source.name })
    } catch (error) {
      if (this.#isOver) return
      this.report.failed(source.name, error)
      if (source.isTrusted && isFatal(error)) this.#fail(error)
    } finally {
      this.#trying--
      if (this.#isLate && this.#trying === 0) this.#settle(undefined)
    }
  }

  get #isClosing(): boolean {
    return this.#isOver || this.#isLate
  }
}
