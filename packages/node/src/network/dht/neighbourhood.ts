/**
 * Looks for the peers closest to this node, again and again until there are enough, each time later. kad-dht does so when
 * it starts, when nobody may be known yet or those known may be too busy to answer, and then every five minutes.
 */
import { setMaxListeners } from 'node:events'
import { delay, type Seams } from '../../util/seams.ts'
import { NEIGHBOUR_LIMITS } from './limits.ts'

export interface NeighbourhoodInit {
  readonly seams: Seams
  /** Asks for the closest peers. Rejects when it cannot. */
  readonly search: (signal: AbortSignal) => Promise<void>
  /** Are enough known, or none that could be asked? */
  readonly isSettled: () => boolean
  /** Before the second search, in milliseconds; doubles with each. @defaultValue NEIGHBOUR_LIMITS.delayMs */
  readonly delayMs?: number
  /** The longest wait between two searches, in milliseconds. @defaultValue NEIGHBOUR_LIMITS.maxDelayMs */
  readonly maxDelayMs?: number
}

export class Neighbourhood {
  readonly #init: NeighbourhoodInit
  readonly #stopped = new AbortController()
  #isRunning = false

  constructor(init: NeighbourhoodInit) {
    this.#init = init
  }

  /** To be called when a first peer is known. */
  look(): void {
    if (!this.#isRunning) void this.#run()
  }

  stop(): void {
    this.#stopped.abort()
  }

  async #search(stopped: AbortSignal): Promise<void> {
    const { timers } = this.#init.seams
    const limit = new AbortController()
    const timeout = timers.set(() => limit.abort(), NEIGHBOUR_LIMITS.timeoutMs)
    const signal = AbortSignal.any([stopped, limit.signal])
    setMaxListeners(0, signal)
    try {
      await this.#init.search(signal)
    } finally {
      timers.clear(timeout)
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    this.#isRunning = true
    try {
      const { delayMs: firstMs = NEIGHBOUR_LIMITS.delayMs, maxDelayMs = NEIGHBOUR_LIMITS.maxDelayMs } =
        this.#init
      for (let delayMs = firstMs; !signal.aborted; delayMs *= 2) {
        // A search that failed is done again like one that found too few.
        await this.#search(signal).catch(() => {})
        if (this.#init.isSettled()) return
        await delay(this.#init.seams.timers, Math.min(delayMs, maxDelayMs), signal)
      }
    } catch {
      // Stopped while it waited.
    } finally {
      this.#isRunning = false
    }
  }
}
