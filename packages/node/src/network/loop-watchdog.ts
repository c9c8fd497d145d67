/**
 * Watches how late this process runs what is due, and says when it cannot keep up: whoever takes load of strangers asks
 * here first (docs/adr/0038).
 *
 * A timer of `tickMs` is late by as much as something else kept the event loop, or the machine this process. The delay
 * is the median of the last `ticks` of these, so it is no overload when
 *
 * - the laptop slept for an hour, or the process was stopped: one tick is late, however much;
 * - something takes long once, such as a collection of garbage: one or two are.
 *
 * It begins when most of the last ticks were later than `shedAboveMs`, and ends when the delay has been no more than
 * `calmMs` for `calmForMs`: with one bound for both it would come and go with every connection that it refuses.
 */
import type { LoopStatus, WarningEvent } from '../events.ts'
import type { Clock, TimerHandle, Timers } from '../util/seams.ts'
import { LOOP_LIMITS, type LoopLimits } from './limits.ts'

/** What those who take load ask. */
export interface Shedding {
  /** Is new load of strangers to be refused now? */
  readonly isOn: boolean
  /** Counts a connection, stream or session that was refused. */
  refused: () => void
}

export interface LoopWatchdogInit {
  readonly clock: Clock
  readonly timers: Timers
  /** Told when newcomers begin to be refused, at most once in `warnEveryMs`. */
  readonly onWarning: (warning: WarningEvent) => void
  /** @defaultValue LOOP_LIMITS */
  readonly limits?: LoopLimits
}

export class LoopWatchdog implements Shedding {
  readonly #init: LoopWatchdogInit
  readonly #limits: LoopLimits
  /** How late the last ticks came, in milliseconds, in a ring. */
  readonly #late: Float64Array
  #ticks = 0
  #timer: TimerHandle | undefined
  #isOn = false
  #shed = 0
  #delayMs = 0
  /** Since when the delay is small, on the monotonic clock; undefined: it is not. */
  #calmSinceMs: number | undefined
  #warnedAtMs = Number.NEGATIVE_INFINITY

  constructor(init: LoopWatchdogInit) {
    this.#init = init
    this.#limits = init.limits ?? LOOP_LIMITS
    this.#late = new Float64Array(this.#limits.ticks)
  }

  get isOn(): boolean {
    return this.#isOn
  }

  get status(): LoopStatus {
    return { delayMs: Math.round(this.#delayMs), shedding: this.#isOn, shed: this.#shed }
  }

  refused(): void {
    this.#shed++
  }

  /** Begins to watch. Does nothing when it does already. */
  start(): void {
    if (this.#timer === undefined) this.#wait()
  }

  /** Refuses nobody from now on. */
  stop(): void {
    if (this.#timer !== undefined) this.#init.timers.clear(this.#timer)
    this.#timer = undefined
    this.#isOn = false
  }

  #wait(): void {
    const { clock, timers } = this.#init
    const { tickMs } = this.#limits
    const dueMs = clock.monotonic() + tickMs
    this.#timer = timers.set(() => {
      const nowMs = clock.monotonic()
      this.#wait()
      this.#note(Math.max(0, nowMs - dueMs), nowMs)
    }, tickMs)
  }

  #note(lateMs: number, nowMs: number): void {
    const { ticks, shedAboveMs, calmMs, calmForMs } = this.#limits
    this.#late[this.#ticks++ % ticks] = lateMs
    this.#delayMs = this.#late.toSorted()[ticks >> 1] as number
    if (this.#delayMs > calmMs) this.#calmSinceMs = undefined
    else this.#calmSinceMs ??= nowMs
    if (!this.#isOn && this.#delayMs > shedAboveMs) this.#begin(nowMs)
    else if (this.#calmSinceMs !== undefined && nowMs - this.#calmSinceMs >= calmForMs) this.#isOn = false
  }

  #begin(nowMs: number): void {
    this.#isOn = true
    if (nowMs - this.#warnedAtMs < this.#limits.warnEveryMs) return
    this.#warnedAtMs = nowMs
    this.#init.onWarning({
      type: 'warning',
      code: 'WARN_OVERLOADED',
      message:
        'Shoal could not keep up with its work and turned newcomers away for a while; what ran went on',
    })
  }
}
