/** Notices that nothing comes any more, and says so once in a while until something does. */
import type { TerminalClock, TimerHandle } from '../terminal-clock.ts'

const STALL_MS = 30_000

export class StallWatch {
  readonly #clock: TerminalClock
  readonly #onStall: (seconds: number) => void
  #movedAtMs: number
  #timer: TimerHandle | undefined

  /** @param onStall told after each 30 s of silence how long it has been, in seconds */
  constructor(clock: TerminalClock, onStall: (seconds: number) => void) {
    this.#clock = clock
    this.#onStall = onStall
    this.#movedAtMs = clock.monotonic()
  }

  /** To be called at the start and whenever something came. */
  moved(): void {
    this.#movedAtMs = this.#clock.monotonic()
    this.stop()
    this.#wait()
  }

  stop(): void {
    if (this.#timer !== undefined) this.#clock.clear(this.#timer)
    this.#timer = undefined
  }

  #wait(): void {
    this.#timer = this.#clock.set(() => {
      this.#onStall(Math.round((this.#clock.monotonic() - this.#movedAtMs) / 1_000))
      this.#wait()
    }, STALL_MS)
  }
}
