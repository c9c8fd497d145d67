/** Knows whether the connection is metered: as the user says, or as the system does when it is asked now and then. */
import type { Metered } from '../../options.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import { METERED_ROUND_MS } from './limits.ts'
import type { MeteredProbe } from './metered.ts'

export interface MeteredWatchInit {
  readonly timers: Seams['timers']
  readonly probe: MeteredProbe
  /** Told when the answer is another. */
  readonly onChange: () => void
}

export class MeteredWatch {
  readonly #init: MeteredWatchInit
  #said: boolean | undefined
  #found: boolean | undefined
  #asking: AbortController | undefined
  #timer: TimerHandle | undefined

  constructor(init: MeteredWatchInit) {
    this.#init = init
  }

  /** Undefined: not known. */
  get isMetered(): boolean | undefined {
    return this.#said ?? this.#found
  }

  /** @param isAsking whether the system is to be asked, if the user leaves it to that */
  set(metered: Metered, isAsking: boolean): void {
    this.#said = metered === 'auto' ? undefined : metered === 'on'
    const wanted = metered === 'auto' && isAsking
    if (!wanted) this.stop()
    else if (this.#asking === undefined) {
      this.#asking = new AbortController()
      void this.#look(this.#asking.signal)
    }
  }

  stop(): void {
    this.#asking?.abort()
    this.#asking = undefined
    if (this.#timer !== undefined) this.#init.timers.clear(this.#timer)
    this.#timer = undefined
    this.#found = undefined
  }

  async #look(signal: AbortSignal): Promise<void> {
    const found = await this.#init.probe(signal)
    if (signal.aborted) return
    this.#timer = this.#init.timers.set(() => void this.#look(signal), METERED_ROUND_MS)
    if (found === this.#found) return
    this.#found = found
    this.#init.onChange()
  }
}
