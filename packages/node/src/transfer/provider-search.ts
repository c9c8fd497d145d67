/**
 * Keeps one open session with a provider for a fetch: finds it, finds it again when the connection breaks, and
 * gives up when nothing came of it for as long as the caller waits.
 */
import { ShoalError, isShoalError } from '../errors.ts'
import type { Link } from '../content/link.ts'
import type { Channel } from '../network/channel.ts'
import { escapeForDisplay } from '../util/display.ts'
import { delay, type Seams } from '../util/seams.ts'
import type { TransferLimits } from './limits.ts'
import { BusyError, Requester } from './requester.ts'
import { Session } from './session.ts'

/** Between two tries to connect, in milliseconds. */
const RETRY_MS = 1_000
/** Between two questions to a provider that is busy, however soon it wants the next, in milliseconds. */
const MIN_BUSY_MS = 100

export interface ProviderSearchInit {
  readonly link: Link
  readonly seams: Seams
  readonly limits: TransferLimits
  /** Opens a channel to a provider. Rejects with ERR_NO_PROVIDER while there is none. */
  readonly connect: (signal: AbortSignal) => Promise<Channel>
  /** How long without a provider that gives anything before giving up, in milliseconds. 0 = for ever. */
  readonly waitMs: number
  readonly signal: AbortSignal
  readonly onConnected?: (peer: string) => void
}

export class ProviderSearch {
  readonly #init: ProviderSearchInit
  #requester: Requester | undefined
  #finding: Promise<Requester> | undefined
  /** Since when nothing came from anybody, monotonic milliseconds. */
  #fruitlessSinceMs: number
  /** The last provider asked said that it does not have the share. */
  #isUnknown = false
  #isFirstTry = true

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
    this.#isFirstTry = true
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
    let failure: ShoalError | undefined
    for (;;) {
      signal.throwIfAborted()
      const waitedMs = seams.clock.monotonic() - this.#fruitlessSinceMs
      if (!this.#isFirstTry) {
        if (waitMs > 0 && waitedMs + RETRY_MS > waitMs) throw this.#notFound(failure, waitedMs)
        await delay(seams.timers, RETRY_MS, signal)
      }
      this.#isFirstTry = false
      try {
        this.#requester = await this.#connect()
        this.#init.onConnected?.(this.#requester.session.remoteName)
        return this.#requester
      } catch (error) {
        signal.throwIfAborted()
        if (!isConnectionFault(error)) throw error
        failure = isShoalError(error) ? error : undefined
      }
    }
  }

  /** Waits as long as a busy provider asks, within bounds and the caller's time. */
  async #pauseFor(busy: BusyError): Promise<void> {
    const { seams, limits, waitMs, signal } = this.#init
    const waitedMs = seams.clock.monotonic() - this.#fruitlessSinceMs
    const leftMs = waitMs > 0 ? waitMs - waitedMs : Number.POSITIVE_INFINITY
    if (leftMs <= 0) throw this.#notFound(busy, waitedMs)
    const askedMs = Math.min(busy.retryMs ?? limits.busyRetryMs, limits.maxBusyRetryMs)
    await delay(seams.timers, Math.min(Math.max(askedMs, MIN_BUSY_MS), leftMs), signal)
  }

  async #connect(): Promise<Requester> {
    const { limits, seams, signal, link } = this.#init
    const channel = await this.#init.connect(signal)
    const session = Session.open({ channel, limits, seams }, link.root)
    const requester = new Requester({ session, limits, seams })
    session.attach(requester)
    try {
      await session.opened
    } finally {
      this.#isUnknown = session.byeReason === 'unknown'
    }
    return requester
  }

  #notFound(cause: ShoalError | undefined, waitedMs: number): ShoalError {
    const { name } = this.#init.link.hints
    const what = name === undefined ? 'this share' : `"${escapeForDisplay(name)}"`
    if (this.#isUnknown) {
      return new ShoalError('ERR_CONTENT_GONE', `the other device does not share ${what} any more`, { cause })
    }
    const seconds = Math.max(1, Math.round(waitedMs / 1_000))
    if (cause instanceof BusyError) {
      return new ShoalError(
        'ERR_NO_PROVIDER',
        `the device that has ${what} was busy all the time; tried for ${seconds} s`,
        { cause, hint: 'Run the command again later, or give it more time with --wait.' },
      )
    }
    return new ShoalError('ERR_NO_PROVIDER', `nobody who has ${what} answers; tried for ${seconds} s`, {
      cause,
    })
  }
}

/** A fault of the connection, which another try may mend; not of the content, the key or the disk. */
export function isConnectionFault(error: unknown): boolean {
  return isShoalError(error, 'ERR_PROTOCOL') || isShoalError(error, 'ERR_NO_PROVIDER') || !isShoalError(error)
}
