/** How late timers of this process are, which is how long whatever comes has to wait. Measured from the first question on. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How often the loop is looked at, in milliseconds: the least delay that is seen. */
const RESOLUTION_MS = 20
const NANOSECONDS = 1e9

/** Seconds, since the question before. */
export interface LoopDelays {
  readonly mean: number
  readonly p99: number
  readonly max: number
}

export class LoopDelay {
  #histogram: ReturnType<typeof monitorEventLoopDelay> | undefined

  /** Zeros at the first question. */
  read(): LoopDelays {
    if (this.#histogram === undefined) {
      this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
      this.#histogram.enable()
    }
    const { mean, max, count } = this.#histogram
    if (count === 0) return { mean: 0, p99: 0, max: 0 }
    const p99 = this.#histogram.percentile(99)
    this.#histogram.reset()
    return { mean: mean / NANOSECONDS, p99: p99 / NANOSECONDS, max: max / NANOSECONDS }
  }

  stop(): void {
    this.#histogram?.disable()
    this.#histogram = undefined
  }
}
