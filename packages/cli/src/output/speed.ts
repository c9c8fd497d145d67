/** Bytes per second over the last few seconds, for what the engine reports without a rate. */
import type { TerminalClock } from '../terminal-clock.ts'

const WINDOW_MS = 3_000

export class Speed {
  readonly #clock: TerminalClock
  #samples: { atMs: number; bytes: number }[] = []

  constructor(clock: TerminalClock) {
    this.#clock = clock
  }

  /** Forgets what was noted: something else is counted from now on. */
  reset(): void {
    this.#samples = []
  }

  note(bytes: number): void {
    this.#samples.push({ atMs: this.#clock.monotonic(), bytes })
  }

  /** 0 while too little is known, and when nothing was noted for the length of the window. */
  rate(): number {
    const now = this.#clock.monotonic()
    while (this.#samples.length > 1 && (this.#samples[1]?.atMs ?? now) <= now - WINDOW_MS)
      this.#samples.shift()
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    if (first === undefined || last === undefined || now <= first.atMs) return 0
    return Math.max(0, ((last.bytes - first.bytes) * 1_000) / (now - first.atMs))
  }
}
