/**
 * What is remembered of peers that failed: a circuit breaker each, open for a time that grows with every failure. A failed dial
 * is noted for a peer and the source that named its address, so that a stranger's false address harms no other source.
 */
import type { Clock } from '../../util/seams.ts'
import { SWARM_LIMITS as LIMITS } from './swarm-limits.ts'

interface Failures {
  readonly count: number
  readonly lastMs: number
  readonly untilMs: number
}

export class PeerRecords {
  readonly #clock: Pick<Clock, 'monotonic'>
  /** In the order of the last failure. */
  readonly #failures = new Map<string, Failures>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** How long the breaker stays open yet, in milliseconds; 0 when it is closed. */
  leftMs(key: string): number {
    return Math.max(0, (this.#failures.get(key)?.untilMs ?? 0) - this.#clock.monotonic())
  }

  /**
   * The same for the only device that is known: nobody is served by leaving it alone for longer than a source is, and one that
   * was restarted is found soon.
   */
  loneLeftMs(key: string): number {
    const lastMs = this.#failures.get(key)?.lastMs ?? Number.NEGATIVE_INFINITY
    const sinceMs = this.#clock.monotonic() - lastMs
    return Math.min(this.leftMs(key), Math.max(0, LIMITS.pauseMs - sinceMs))
  }

  failed(key: string): void {
    const nowMs = this.#clock.monotonic()
    const count = (this.#failures.get(key)?.count ?? 0) + 1
    const openMs = count < 2 ? 0 : Math.min(LIMITS.mostBreakerMs, LIMITS.breakerMs * 2 ** (count - 2))
    this.#failures.delete(key)
    this.#failures.set(key, { count, lastMs: nowMs, untilMs: nowMs + openMs })
    if (this.#failures.size <= LIMITS.maxRecords) return
    for (const oldest of this.#failures.keys()) {
      this.#failures.delete(oldest)
      return
    }
  }

  worked(key: string): void {
    this.#failures.delete(key)
  }
}
