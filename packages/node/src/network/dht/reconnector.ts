/**
 * Dials a peer again that went away. In a small network it may be the only one, and one that was restarted holds no
 * records until somebody comes and announces.
 */
import type { Seams, TimerHandle } from '../../util/seams.ts'
import { RECONNECT_LIMITS } from './limits.ts'

export interface ReconnectorInit {
  readonly seams: Seams
  /** Connects to a peer. Fails when it does not answer. */
  readonly connect: (peerId: string, signal: AbortSignal) => Promise<unknown>
}

export class Reconnector {
  readonly #init: ReconnectorInit
  /** Timers of the peers that are waited for, at most `maxPeers`. */
  readonly #timers = new Map<string, TimerHandle | undefined>()
  #controller = new AbortController()

  constructor(init: ReconnectorInit) {
    this.#init = init
  }

  get size(): number {
    return this.#timers.size
  }

  /** To be called when a peer went away. */
  lost(peerId: string): void {
    if (this.#timers.has(peerId) || this.#timers.size >= RECONNECT_LIMITS.maxPeers) return
    this.#wait(peerId, 0)
  }

  /** To be called when a peer is there, or is wanted no more. */
  settled(peerId: string): void {
    const timer = this.#timers.get(peerId)
    if (timer !== undefined) this.#init.seams.timers.clear(timer)
    this.#timers.delete(peerId)
  }

  stop(): void {
    this.#controller.abort()
    this.#controller = new AbortController()
    for (const peerId of this.#timers.keys()) this.settled(peerId)
  }

  #wait(peerId: string, attempts: number): void {
    const delayMs = Math.min(RECONNECT_LIMITS.maxDelayMs, RECONNECT_LIMITS.delayMs * 2 ** attempts)
    const { signal } = this.#controller
    const timer = this.#init.seams.timers.set(() => {
      this.#timers.set(peerId, undefined)
      this.#init.connect(peerId, signal).then(
        () => this.settled(peerId),
        () => {
          if (signal.aborted || !this.#timers.has(peerId)) return
          if (attempts + 1 < RECONNECT_LIMITS.attempts) this.#wait(peerId, attempts + 1)
          else this.settled(peerId)
        },
      )
    }, delayMs)
    this.#timers.set(peerId, timer)
  }
}
