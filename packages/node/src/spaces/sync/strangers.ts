/** Devices that are connected and that were greeted, or are to be: again after a while, longer each time. */
import type { Clock } from '../../util/seams.ts'
import { BELIEVE_MS, MAX_LOOKS, MAX_REACH_MS } from './limits.ts'

interface Greeted {
  readonly looks: number
  readonly pauseMs: number
  readonly againMs: number
}

export class Strangers {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #greeted = new Map<string, Greeted>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** Those that are to be looked at now. Forgets who is not connected any more. */
  fresh(connected: ReadonlySet<string>): Set<string> {
    for (const peerId of this.#greeted.keys()) if (!connected.has(peerId)) this.#greeted.delete(peerId)
    const nowMs = this.#clock.monotonic()
    return new Set([...connected].filter((peerId) => (this.#greeted.get(peerId)?.againMs ?? 0) <= nowMs))
  }

  /** It did not tell yet what it speaks. */
  isUnclear(peerId: string): void {
    const looks = (this.#greeted.get(peerId)?.looks ?? 0) + 1
    if (looks >= MAX_LOOKS) this.done(peerId)
    else this.#greeted.set(peerId, { looks, pauseMs: BELIEVE_MS, againMs: 0 })
  }

  /** It was greeted, or is none that could be. */
  done(peerId: string): void {
    const pauseMs = this.#greeted.get(peerId)?.pauseMs ?? BELIEVE_MS
    const againMs = this.#clock.monotonic() + pauseMs
    this.#greeted.set(peerId, { looks: 0, pauseMs: Math.min(pauseMs * 2, MAX_REACH_MS), againMs })
  }

  forget(peerId: string): void {
    this.#greeted.delete(peerId)
  }

  forgetAll(): void {
    this.#greeted.clear()
  }
}
