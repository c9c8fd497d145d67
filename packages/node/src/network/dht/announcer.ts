/**
 * Announces what this node provides, and announces it again before the network forgets. All keys together no faster than a
 * fixed rate; nothing while no peer of the table is known, and all anew when one comes that may have lost what it held.
 */
import type { Seams, TimerHandle } from '../../util/seams.ts'
import { AnnounceQueue, type AnnouncedKey } from './announce-queue.ts'
import { ANNOUNCE_LIMITS } from './limits.ts'

export interface AnnouncerInit {
  readonly seams: Seams
  /** How often each key is announced again, in milliseconds. */
  readonly intervalMs: number
  /**
   * Announces one key to those closest to it.
   *
   * @returns how many took it
   */
  readonly announce: (digest: Uint8Array, signal: AbortSignal) => Promise<number>
  /** Is any peer of the table known? */
  readonly hasPeers: () => boolean
  /** How many should take a key, as far as peers are known. Where less than half do, it is announced again soon. */
  readonly wanted: () => number
}

export class Announcer {
  readonly #init: AnnouncerInit
  /** Announcements that ended, by whether enough took them. */
  readonly counts = { taken: 0, failed: 0 }
  readonly #keys = new Map<string, AnnouncedKey>()
  readonly #queue = new AnnounceQueue(() => this.#keys.size)
  readonly #running = new Set<Promise<void>>()
  #controller: AbortController | undefined
  #timer: TimerHandle | undefined
  #lastStartMs = -Infinity
  #lastRenewalMs = -Infinity
  /** Renewals in a row. */
  #renewals = 0
  #renewal: TimerHandle | undefined

  constructor(init: AnnouncerInit) {
    this.#init = init
  }

  /** Keys that are due and not announced yet: those under way, and those that too few took, among them. */
  get waiting(): number {
    this.#queue.advance(this.#now)
    let waiting = 0
    for (const { isWaiting, failures } of this.#keys.values()) if (isWaiting || failures > 0) waiting++
    return waiting
  }

  /** All keys that are announced. */
  get size(): number {
    return this.#keys.size
  }

  /**
   * Announces a key from now on, or notes that it was used.
   *
   * @param digest 32 bytes, as `providerDigest` makes it
   * @param usedMs when it was used last, any clock: only the order counts
   */
  add(digest: Uint8Array, usedMs: number): void {
    const name = nameOf(digest)
    const known = this.#keys.get(name)
    if (known !== undefined) {
      known.usedMs = usedMs
      return
    }
    const key = { digest, usedMs, announcedMs: undefined, failures: 0, version: 0, isWaiting: false }
    this.#keys.set(name, key)
    this.#queue.schedule(key, this.#now, this.#now)
    this.#plan()
  }

  /** Announces a key no more. What others keep of it expires by itself. */
  remove(digest: Uint8Array): void {
    const key = this.#keys.get(nameOf(digest))
    if (key === undefined) return
    this.#keys.delete(nameOf(digest))
    this.#queue.remove(key)
  }

  has(digest: Uint8Array): boolean {
    return this.#keys.has(nameOf(digest))
  }

  start(): void {
    this.#controller ??= new AbortController()
    this.#plan()
  }

  /** Ends announcements under way. */
  async stop(): Promise<void> {
    this.#controller?.abort()
    this.#controller = undefined
    this.#clear('timer')
    this.#clear('renewal')
    await Promise.allSettled(this.#running)
  }

  /** To be called when a first peer of the table is there. */
  peersCame(): void {
    this.#plan()
  }

  /**
   * To be called when a server came that should hold every key and may hold none, such as one that was started anew. All
   * keys that were announced before are due, though not more often than the limit says.
   */
  serverCame(): void {
    if (this.#controller === undefined || this.#renewal !== undefined) return
    const { newServerSpacingMs, maxNewServerSpacingMs } = ANNOUNCE_LIMITS
    const spacingMs = Math.min(maxNewServerSpacingMs, newServerSpacingMs * 2 ** this.#renewals)
    const waitMs = Math.max(0, this.#lastRenewalMs + spacingMs - this.#now)
    this.#renewal = this.#init.seams.timers.set(() => {
      this.#renewal = undefined
      this.#renew()
    }, waitMs)
  }

  get #now(): number {
    return this.#init.seams.clock.monotonic()
  }

  #renew(): void {
    const isCalm = this.#now - this.#lastRenewalMs > 2 * ANNOUNCE_LIMITS.maxNewServerSpacingMs
    this.#renewals = isCalm ? 0 : this.#renewals + 1
    this.#lastRenewalMs = this.#now
    for (const key of this.#keys.values()) {
      if (key.announcedMs === undefined && key.failures === 0) continue
      key.failures = 0
      this.#queue.schedule(key, this.#now, this.#now)
    }
    this.#plan()
  }

  /** Sets the timer for the next key, unless something else calls when it can go on. */
  #plan(): void {
    this.#clear('timer')
    if (this.#controller === undefined || !this.#init.hasPeers()) return
    if (this.#running.size >= ANNOUNCE_LIMITS.maxConcurrent) return
    const paceMs = this.#lastStartMs + 1_000 / ANNOUNCE_LIMITS.keysPerSecond
    const dueMs = this.#queue.hasDue(this.#now) ? this.#now : this.#queue.nextDueMs()
    if (dueMs === undefined) return
    this.#timer = this.#init.seams.timers.set(
      () => {
        this.#timer = undefined
        this.#begin()
      },
      Math.max(0, paceMs - this.#now, dueMs - this.#now),
    )
  }

  #begin(): void {
    const controller = this.#controller
    if (controller === undefined || !this.#init.hasPeers()) return
    const key = this.#queue.next(this.#now)
    if (key !== undefined) {
      this.#lastStartMs = this.#now
      const work = this.#announce(key, controller.signal)
      this.#running.add(work)
      void work.then(() => {
        this.#running.delete(work)
        this.#plan()
      })
    }
    this.#plan()
  }

  async #announce(key: AnnouncedKey, stopped: AbortSignal): Promise<void> {
    const { timers, clock } = this.#init.seams
    const limit = new AbortController()
    const timeout = timers.set(() => limit.abort(), ANNOUNCE_LIMITS.timeoutMs)
    const version = key.version
    const beganMs = clock.monotonic()
    let taken = 0
    try {
      taken = await this.#init.announce(key.digest, AbortSignal.any([stopped, limit.signal]))
    } catch {
      // A failure is an announcement that nobody took.
    } finally {
      timers.clear(timeout)
    }
    if (taken > 0) key.announcedMs = beganMs
    const isEnough = taken > 0 && taken * 2 >= this.#init.wanted()
    if (isEnough) this.counts.taken++
    else if (!stopped.aborted) this.counts.failed++
    key.failures = isEnough ? 0 : key.failures + 1
    // Removed, or due again, meanwhile.
    if (key.version !== version || this.#keys.get(nameOf(key.digest)) !== key) return
    // One that began before a newcomer was there may have missed it.
    const restMs = beganMs < this.#lastRenewalMs ? 0 : this.#restMs()
    this.#queue.schedule(key, this.#now + (isEnough ? restMs : retryMs(key)), this.#now)
  }

  /** Up to a tenth early, so that keys announced together spread out. */
  #restMs(): number {
    const [byte = 0] = this.#init.seams.random.bytes(1)
    return this.#init.intervalMs * (1 - byte / 2_560)
  }

  #clear(which: 'timer' | 'renewal'): void {
    const handle = which === 'timer' ? this.#timer : this.#renewal
    if (handle !== undefined) this.#init.seams.timers.clear(handle)
    if (which === 'timer') this.#timer = undefined
    else this.#renewal = undefined
  }
}

function retryMs(key: AnnouncedKey): number {
  return Math.min(ANNOUNCE_LIMITS.maxRetryMs, ANNOUNCE_LIMITS.retryMs * 2 ** (key.failures - 1))
}

function nameOf(digest: Uint8Array): string {
  return Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('base64')
}
