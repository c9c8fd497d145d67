/**
 * Keeps one open session with a provider for a fetch: finds it, finds it again when the connection breaks, and
 * gives up when nothing came of it for as long as the caller waits.
 */
import { isShoalError, type ShoalError } from '../errors.ts'
import type { Link } from '../content/link.ts'
import { delay, type Seams } from '../util/seams.ts'
import { DeclinedError } from './declined-error.ts'
import { Hunt } from './hunt.ts'
import type { FoundBy } from '../events.ts'
import type { Lead, LeadSource } from './lead.ts'
import type { TransferLimits } from './limits.ts'
import { notFound } from './not-found.ts'
import { BusyError, Requester } from './requester.ts'
import { Session } from './session.ts'
import { SourceReport } from './source-report.ts'

/** What is being tried when the time is over may take this much longer than the search began, in milliseconds. */
const LEAST_MS = 1_000
/** Between two questions to a provider that is busy, however soon it wants the next, in milliseconds. */
const MIN_BUSY_MS = 100

export interface ProviderSearchInit {
  readonly link: Link
  readonly seams: Seams
  readonly limits: TransferLimits
  /** Where providers are heard of at this moment. */
  readonly sources: () => readonly LeadSource[]
  /** How long without a provider that gives anything before giving up, in milliseconds. 0 = for ever. */
  readonly waitMs: number
  readonly signal: AbortSignal
  readonly onConnected?: (peer: string, source: FoundBy) => void
  /** Told what other device proved that it has it. */
  readonly onMet?: (peer: string) => void
  /** Told who said that it does not have it. */
  readonly onDeclined?: (peer: string) => void
  /** Told what came of each question to the sources. */
  readonly onReport?: (report: SourceReport) => void
}

export class ProviderSearch {
  readonly #init: ProviderSearchInit
  #requester: Requester | undefined
  #finding: Promise<Requester> | undefined
  /** Since when nothing came from anybody, monotonic milliseconds. */
  #fruitlessSinceMs: number
  /** What came of all questions since something came. */
  #report = new SourceReport([])

  constructor(init: ProviderSearchInit) {
    this.#init = init
    this.#fruitlessSinceMs = init.seams.clock.monotonic()
    init.signal.addEventListener('abort', () => this.#requester?.session.fail(init.signal.reason as Error), {
      once: true,
    })
  }

  /** To be called whenever something verified came: the search may start over with its full time. */
  progressed(): void {
    this.#fruitlessSinceMs = this.#init.seams.clock.monotonic()
    this.#report = new SourceReport([])
  }

  /**
   * Runs `work` with a connected provider; when the connection breaks, connects anew and runs it again. So it is, later
   * and on the same connection, when the provider is busy.
   *
   * @throws ShoalError ERR_NO_PROVIDER, ERR_CONTENT_GONE, and whatever `work` rejects with while connected
   */
  async run<T>(work: (requester: Requester) => Promise<T>): Promise<T> {
    for (;;) {
      const requester = await this.#provider()
      try {
        return await work(requester)
      } catch (error) {
        this.#init.signal.throwIfAborted()
        if (error instanceof BusyError) await this.#pauseFor(error)
        else if (!requester.session.isEnded || !isConnectionFault(error)) throw error
      }
    }
  }

  /** Says goodbye to the provider. */
  async close(): Promise<void> {
    await this.#requester?.session.close()
  }

  /** The open session; whoever asks while one is looked for waits for the same. */
  #provider(): Promise<Requester> {
    if (this.#requester !== undefined && !this.#requester.session.isEnded) {
      return Promise.resolve(this.#requester)
    }
    this.#finding ??= this.#find().finally(() => (this.#finding = undefined))
    return this.#finding
  }

  async #find(): Promise<Requester> {
    const { seams, waitMs, signal } = this.#init
    const waitedMs = seams.clock.monotonic() - this.#fruitlessSinceMs
    // However short the time is, everybody is asked once.
    const hasAsked = this.#report.tallies.size > 0
    if (waitMs > 0 && waitedMs >= waitMs && hasAsked) throw this.#notFound(undefined)
    const leftMs = waitMs > 0 ? Math.max(1, waitMs - waitedMs) : 0
    const hunt = new Hunt<Requester>({
      sources: this.#init.sources(),
      seams,
      open: (lead, ended) => this.#open(lead, ended),
      release: (requester) => void requester.session.close(),
      isFatal: (error) => !isConnectionFault(error),
      waitMs: leftMs,
      graceMs: Math.max(0, LEAST_MS - leftMs),
    })
    try {
      const quarry = await hunt.run(signal)
      if (quarry === undefined) throw this.#notFound(undefined, hunt.report)
      this.#requester = quarry.value
      const peer = quarry.value.session.remoteName
      if (quarry.source !== 'self') this.#init.onMet?.(peer)
      this.#init.onConnected?.(peer, quarry.source)
      return quarry.value
    } finally {
      this.#report.add(hunt.report)
      this.#init.onReport?.(hunt.report)
    }
  }

  /** Waits as long as a busy provider asks, within bounds and the caller's time. */
  async #pauseFor(busy: BusyError): Promise<void> {
    const { seams, limits, waitMs, signal } = this.#init
    const waitedMs = seams.clock.monotonic() - this.#fruitlessSinceMs
    const leftMs = waitMs > 0 ? waitMs - waitedMs : Number.POSITIVE_INFINITY
    if (leftMs <= 0) throw this.#notFound(busy)
    const askedMs = Math.min(busy.retryMs ?? limits.busyRetryMs, limits.maxBusyRetryMs)
    await delay(seams.timers, Math.min(Math.max(askedMs, MIN_BUSY_MS), leftMs), signal)
  }

  async #open(lead: Lead, signal: AbortSignal): Promise<Requester> {
    const { limits, seams, link } = this.#init
    const channel = await lead.connect(signal)
    const session = Session.open({ channel, limits, seams }, link.root)
    const requester = new Requester({ session, limits, seams })
    session.attach(requester)
    const onAbort = (): void => session.fail(signal.reason as Error)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    try {
      await session.opened
      return requester
    } catch (error) {
      if (session.byeReason !== 'unknown') throw error
      this.#init.onDeclined?.(session.remoteName)
      throw new DeclinedError(error)
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  #notFound(busy: BusyError | undefined, last?: SourceReport): ShoalError {
    const report = new SourceReport([])
    report.add(this.#report)
    if (last !== undefined) report.add(last)
    const waitedMs = this.#init.seams.clock.monotonic() - this.#fruitlessSinceMs
    const sources = this.#init.sources()
    const unready = sources.filter(({ isReady }) => isReady?.() === false).map(({ name }) => name)
    return notFound({ link: this.#init.link, report, waitedMs, busy, unready })
  }
}

/** A fault of the connection, which another try may mend; not of the content, the key or the disk. */
export function isConnectionFault(error: unknown): boolean {
  return isShoalError(error, 'ERR_PROTOCOL') || isShoalError(error, 'ERR_NO_PROVIDER') || !isShoalError(error)
}
