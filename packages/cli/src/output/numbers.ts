/** Numbers that change once a second, however often the block around them is drawn: they can be read. */
import type { TerminalClock } from '../terminal-clock.ts'

const INTERVAL_MS = 1_000
/** How long figures have to exist before a forecast from them is shown. */
const SETTLED_MS = 3_000

export class Numbers<T> {
  readonly #clock: TerminalClock
  readonly #read: () => T
  #current: { value: T; atMs: number } | undefined
  #sinceMs: number | undefined

  constructor(clock: TerminalClock, read: () => T) {
    this.#clock = clock
    this.#read = read
  }

  get(): T {
    const now = this.#clock.monotonic()
    this.#sinceMs ??= now
    if (this.#current === undefined || now >= this.#current.atMs + INTERVAL_MS) {
      this.#current = { value: this.#read(), atMs: now }
    }
    return this.#current.value
  }

  /** Whether enough time passed since the first reading for a forecast. */
  isSettled(): boolean {
    return this.#sinceMs !== undefined && this.#clock.monotonic() >= this.#sinceMs + SETTLED_MS
  }

  reset(): void {
    this.#current = undefined
    this.#sinceMs = undefined
  }
}
