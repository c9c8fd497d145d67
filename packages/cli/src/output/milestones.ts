/** When a plain line is due: seldom enough for a log, often enough to see that something moves. */
import type { TerminalClock } from '../terminal-clock.ts'

const STEP = 0.1
const MIN_INTERVAL_MS = 10_000

/** At most one in ten seconds. */
export class Pace {
  readonly #clock: TerminalClock
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(clock: TerminalClock) {
    this.#clock = clock
  }

  isDue(): boolean {
    const now = this.#clock.monotonic()
    if (now < this.#lastMs + MIN_INTERVAL_MS) return false
    this.#lastMs = now
    return true
  }
}

/** Each tenth, but at most one in ten seconds. */
export class Milestones {
  readonly #pace: Pace
  #told = 0

  constructor(clock: TerminalClock) {
    this.#pace = new Pace(clock)
  }

  isDue(bytes: number, total: number): boolean {
    const tenths = total > 0 ? Math.floor(bytes / total / STEP + 1e-9) : 0
    if (tenths <= this.#told || bytes >= total || !this.#pace.isDue()) return false
    this.#told = tenths
    return true
  }
}
