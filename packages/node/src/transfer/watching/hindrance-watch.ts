/** Looks once a second why a fetch waits, and tells when that is another. */
import type { Clock, TimerHandle, Timers } from '../../util/seams.ts'
import type { Hindrance } from './hindrance.ts'
import { DETAIL_INTERVAL_MS, HINDRANCE_INTERVAL_MS } from './limits.ts'

export interface HindranceWatchInit {
  readonly seams: { readonly clock: Pick<Clock, 'monotonic'>; readonly timers: Timers }
  readonly look: () => Hindrance | undefined
  readonly onChange: (hindrance: Hindrance | undefined) => void
}

export class HindranceWatch {
  readonly #init: HindranceWatchInit
  #timer: TimerHandle | undefined
  /** As it was told last, and when, in monotonic milliseconds. */
  #told: Hindrance | undefined
  #toldMs = 0
  /** What the last look found. */
  #seen: Hindrance['reason'] | undefined

  constructor(init: HindranceWatchInit) {
    this.#init = init
  }

  begin(): void {
    this.#timer = this.#init.seams.timers.set(() => {
      this.#look()
      this.begin()
    }, HINDRANCE_INTERVAL_MS)
  }

  end(): void {
    if (this.#timer !== undefined) this.#init.seams.timers.clear(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    const hindrance = this.#init.look()
    const reason = hindrance?.reason
    // In a swarm everybody has nothing new for a moment, again and again.
    const isLasting = reason === undefined || reason === this.#seen
    this.#seen = reason
    if (!isLasting) return
    const nowMs = this.#init.seams.clock.monotonic()
    const isSame = reason === this.#told?.reason
    const isOld = nowMs - this.#toldMs >= DETAIL_INTERVAL_MS
    if (isSame && (!isOld || JSON.stringify(hindrance) === JSON.stringify(this.#told))) return
    this.#told = hindrance
    this.#toldMs = nowMs
    this.#init.onChange(hindrance)
  }
}
