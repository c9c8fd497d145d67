/** Bounds how fast the log grows, whatever others do to make it. */
import type { Clock } from '../../util/seams.ts'

/** Most lines of one module in a second; the rest is counted. */
export const MAX_LINES_PER_SECOND = 100
/** Most characters of a text in a line; what is longer is cut. */
export const MAX_FIELD_CHARS = 1_000
/** Most texts of a list in a line. */
export const MAX_LIST_TEXTS = 16

const SECOND_MS = 1_000

export class LineBudget {
  readonly #clock: Clock
  #secondMs = Number.NEGATIVE_INFINITY
  #lines = 0
  #leftOut = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether one more line may be written now. */
  take(): boolean {
    const nowMs = this.#clock.monotonic()
    if (nowMs - this.#secondMs >= SECOND_MS) {
      this.#secondMs = nowMs
      this.#lines = 0
    }
    if (this.#lines >= MAX_LINES_PER_SECOND) {
      this.#leftOut++
      return false
    }
    this.#lines++
    return true
  }

  /** How many lines were left out since this was asked last. */
  takeLeftOut(): number {
    const leftOut = this.#leftOut
    this.#leftOut = 0
    return leftOut
  }
}
