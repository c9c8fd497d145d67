/** Speed and pace of what is reported while something runs. */
import type { Clock, TimerHandle, Timers } from './seams.ts'

/** Bytes per second over the last few seconds. */
export class RateMeter {
  readonly #clock: Clock
  readonly #windowMs: number
  #samples: { atMs: number; bytes: number }[] = []

  /** @param windowMs how far back it looks */
  constructor(clock: Clock, windowMs = 3_000) {
    this.#clock = clock
    this.#windowMs = windowMs
  }

  /** Notes the total at this moment and returns bytes per second. */
  rate(total: number): number {
    const now = this.#clock.monotonic()
    this.#samples.push({ atMs: now, bytes: total })
    // One sample older than the window is kept, so that there is always something to compare with.
    while (this.#samples.length > 2 && (this.#samples[1]?.atMs ?? now) < now - this.#windowMs)
      this.#samples.shift()
    const first = this.#samples[0]
    if (first === undefined || now <= first.atMs) return 0
    return Math.max(0, Math.round(((total - first.bytes) * 1_000) / (now - first.atMs)))
  }
}

/**
 * Calls `emit` with the newest value at most once in `intervalMs`; the last value is always told, by `flush` or
 * when its time comes.
 */
export class Paced<T> {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #intervalMs: number
  readonly #emit: (value: T) => void
  #lastMs = Number.NEGATIVE_INFINITY
  #waiting: { value: T; timer: TimerHandle } | undefined

  constructor(seams: { clock: Clock; timers: Timers }, intervalMs: number, emit: (value: T) => void) {
    this.#clock = seams.clock
    this.#timers = seams.timers
    this.#intervalMs = intervalMs
    this.#emit = emit
  }

  tell(value: T): void {
    if (this.#waiting !== undefined) {
      this.#waiting.value = value
      return
    }
    const now = this.#clock.monotonic()
    const dueMs = this.#lastMs + this.#intervalMs
    if (now >= dueMs) {
      this.#lastMs = now
      this.#emit(value)
      return
    }
    const timer = this.#timers.set(() => this.flush(), dueMs - now)
    this.#waiting = { value, timer }
  }

  /** Tells at once what is waiting. */
  flush(): void {
    if (this.#waiting === undefined) return
    const { value, timer } = this.#waiting
    this.#waiting = undefined
    this.#timers.clear(timer)
    this.#lastMs = this.#clock.monotonic()
    this.#emit(value)
  }

  /** Forgets what is waiting. */
  cancel(): void {
    if (this.#waiting !== undefined) this.#timers.clear(this.#waiting.timer)
    this.#waiting = undefined
  }
}
