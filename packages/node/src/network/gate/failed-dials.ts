/** How often dials to a peer failed lately: who is named at addresses where he is not, is left alone for a while. */
import { keepNewest } from '../../util/keep-newest.ts'
import type { Clock } from '../../util/seams.ts'
import type { NetworkLimits } from '../limits.ts'

interface Failures {
  count: number
  readonly sinceMs: number
}

export class FailedDials {
  readonly #clock: Clock
  readonly #limits: NetworkLimits
  readonly #failures = new Map<string, Failures>()

  constructor(clock: Clock, limits: NetworkLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  isExhausted(peer: string): boolean {
    return (this.#current(peer)?.count ?? 0) >= this.#limits.maxFailedDialsPerPeer
  }

  note(peer: string): void {
    const known = this.#current(peer)
    if (known !== undefined) {
      known.count++
      return
    }
    this.#failures.set(peer, { count: 1, sinceMs: this.#clock.monotonic() })
    keepNewest(this.#failures, this.#limits.maxFailedPeers)
  }

  forget(peer: string): void {
    this.#failures.delete(peer)
  }

  #current(peer: string): Failures | undefined {
    const known = this.#failures.get(peer)
    if (known === undefined) return undefined
    if (this.#clock.monotonic() - known.sinceMs < this.#limits.failedDialMemoryMs) return known
    this.#failures.delete(peer)
    return undefined
  }
}
