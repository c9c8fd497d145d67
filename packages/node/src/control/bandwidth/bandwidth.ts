/**
 * Which limits of speed a node goes by, and whether what goes on in the background waits: by what is usual, the schedule, and
 * whether the connection is metered.
 */
import type { BandwidthStatus, WaitDetail, WaitReason } from '../../events.ts'
import type { Metered, ResolvedNodeOptions, WhenMetered } from '../../options.ts'
import type { Limits, RateLimits } from '../../transfer/rates/rate-limits.ts'
import { entryAt, nextChange, type Schedule, type ScheduleEntry } from '../../util/schedule/schedule.ts'
import type { Zone } from '../../util/schedule/zone.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import { MAX_SCHEDULE_WAIT_MS } from './limits.ts'
import type { MeteredProbe } from './metered.ts'
import { MeteredWatch } from './metered-watch.ts'

export interface BandwidthInit {
  readonly rates: Pick<RateLimits, 'set' | 'current' | 'holdUp'>
  readonly seams: Pick<Seams, 'clock' | 'timers'>
  readonly zone: Zone
  readonly probe: MeteredProbe
  readonly options: Pick<
    ResolvedNodeOptions,
    'up' | 'down' | 'schedule' | 'metered' | 'whenMetered' | 'onStopRequest'
  >
}

/** Why something waits. */
export interface Wait {
  readonly reason: WaitReason
  readonly detail: WaitDetail | null
}

/** What is said of metered connections; what is not given stays. */
export interface MeteredSettings {
  readonly metered?: Metered
  readonly whenMetered?: WhenMetered
}

export class Bandwidth {
  readonly #init: BandwidthInit
  readonly #watch: MeteredWatch
  readonly #isBackground: boolean
  #usual: Limits
  #schedule: Schedule
  #metered: Metered
  #whenMetered: WhenMetered
  #timer: TimerHandle | undefined
  #isRunning = false
  #onPause: ((pause: Wait | undefined) => void) | undefined
  /** As it was told last. */
  #pause = 'null'

  /** The limits hold from here on; nothing else happens before `start`. */
  constructor(init: BandwidthInit) {
    const { options, seams, probe } = init
    this.#init = init
    this.#usual = { up: options.up, down: options.down }
    this.#schedule = options.schedule
    this.#metered = options.metered
    this.#whenMetered = options.whenMetered
    this.#isBackground = options.onStopRequest !== undefined
    this.#watch = new MeteredWatch({ timers: seams.timers, probe, onChange: () => this.#look() })
    this.#apply(this.#entry)
  }

  /** Goes by the clock from now on. */
  start(): void {
    this.#isRunning = true
    this.#ask()
    this.#look()
  }

  stop(): void {
    this.#isRunning = false
    this.#watch.stop()
    this.#clear()
  }

  /** Calls back whenever what goes on in the background is to wait, for another reason or no longer, and at once. */
  onPause(callback: (pause: Wait | undefined) => void): void {
    this.#onPause = callback
    callback(this.#pauseBy(this.#entry))
  }

  /** What is usual; what is not given stays. */
  setLimits(limits: Partial<Limits>): void {
    this.#usual = { up: limits.up ?? this.#usual.up, down: limits.down ?? this.#usual.down }
    this.#look()
  }

  setSchedule(schedule: Schedule): void {
    this.#schedule = schedule
    this.#look()
  }

  setMetered({ metered = this.#metered, whenMetered = this.#whenMetered }: MeteredSettings): void {
    this.#metered = metered
    this.#whenMetered = whenMetered
    if (this.#isRunning) this.#ask()
    this.#look()
  }

  get status(): BandwidthStatus {
    const entry = this.#entry
    const pause = this.#pauseBy(entry)?.reason
    return {
      usual: this.#usual,
      scheduled: entry !== undefined,
      until: this.#until ?? null,
      metered: this.#watch.isMetered ?? null,
      pause: pause === 'schedule' || pause === 'metered' ? pause : null,
    }
  }

  /** Why what runs does not come faster, if that is the user's own doing. */
  slowedBy(root: string): Wait | undefined {
    const holdUp = this.#init.rates.holdUp(root)
    if (holdUp === undefined) return undefined
    const { limit, isOwn } = holdUp
    if (isOwn || this.#entry?.down === undefined) return { reason: 'own-limit', detail: { limit } }
    return { reason: 'schedule', detail: { limit, ...this.#untilDetail } }
  }

  get #entry(): ScheduleEntry | undefined {
    return entryAt(this.#schedule, this.#init.seams.clock.now(), this.#init.zone)
  }

  get #until(): number | undefined {
    return nextChange(this.#schedule, this.#init.seams.clock.now(), this.#init.zone)
  }

  get #untilDetail(): WaitDetail {
    const until = this.#until
    return until === undefined ? {} : { until }
  }

  #pauseBy(entry: ScheduleEntry | undefined): Wait | undefined {
    if (entry?.pause === true) return { reason: 'schedule', detail: this.#untilDetail }
    const isMetered = this.#whenMetered === 'pause' && this.#watch.isMetered === true
    return isMetered ? { reason: 'metered', detail: null } : undefined
  }

  #ask(): void {
    this.#watch.set(this.#metered, this.#isBackground && this.#whenMetered === 'pause')
  }

  #look(): void {
    const entry = this.#entry
    this.#apply(entry)
    const pause = this.#pauseBy(entry)
    const text = JSON.stringify(pause ?? null)
    if (text !== this.#pause) {
      this.#pause = text
      this.#onPause?.(pause)
    }
    this.#clear()
    const until = this.#until
    if (!this.#isRunning || until === undefined) return
    const { clock, timers } = this.#init.seams
    const waitMs = Math.min(Math.max(1, until - clock.now()), MAX_SCHEDULE_WAIT_MS)
    this.#timer = timers.set(() => this.#look(), Math.ceil(waitMs))
  }

  #apply(entry: ScheduleEntry | undefined): void {
    const { rates } = this.#init
    const { up, down } = { ...this.#usual, ...limitsOf(entry) }
    const { current } = rates
    if (up !== current.up || down !== current.down) rates.set({ up, down })
  }

  #clear(): void {
    if (this.#timer !== undefined) this.#init.seams.timers.clear(this.#timer)
    this.#timer = undefined
  }
}

function limitsOf({ up, down }: Partial<ScheduleEntry> = {}): Partial<Limits> {
  return { ...(up === undefined ? {} : { up }), ...(down === undefined ? {} : { down }) }
}
