/** Peers whose session ended, each dialled again when its time has come, until there is a session or it is given up. */
import type { TimerHandle, Timers } from '../../util/seams.ts'
import type { Lead, LeadSource } from './lead.ts'
import { SWARM_LIMITS as LIMITS } from './swarm-limits.ts'

export interface Redial {
  readonly source: LeadSource
  readonly lead: Lead
}

export interface RedialsInit {
  readonly timers: Timers
  /** How long to leave a device alone yet, in milliseconds; undefined: it is not to be dialled again. */
  readonly delayMs: (redial: Redial) => number | undefined
  /** Dials; does not reject. Undefined: it is not to be dialled now. */
  readonly dial: (redial: Redial) => Promise<void> | undefined
}

interface Waiting extends Redial {
  readonly timer: TimerHandle
}

export class Redials {
  readonly #init: RedialsInit
  readonly #waiting = new Map<string, Waiting>()

  constructor(init: RedialsInit) {
    this.#init = init
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Dials when the time has come. What was planned for the same device is forgotten. */
  plan(redial: Redial): void {
    const { key } = redial.lead
    const delayMs = this.#init.delayMs(redial)
    this.#forget(key)
    if (delayMs === undefined) return
    const timer = this.#init.timers.set(() => this.#run(key), delayMs)
    this.#waiting.set(key, { ...redial, timer })
    if (this.#waiting.size <= LIMITS.maxRedials) return
    for (const oldest of this.#waiting.keys()) {
      this.#forget(oldest)
      return
    }
  }

  /** Judges all of them anew: what they wait for may have changed. */
  hurry(): void {
    const all = Array.from(this.#waiting.values())
    for (const redial of all) this.plan(redial)
  }

  stop(): void {
    for (const { timer } of this.#waiting.values()) this.#init.timers.clear(timer)
    this.#waiting.clear()
  }

  #run(key: string): void {
    const waiting = this.#waiting.get(key)
    if (waiting === undefined) return
    const { source, lead } = waiting
    this.#forget(key)
    if (this.#init.delayMs(waiting) === 0) {
      void this.#init.dial(waiting)?.then(() => this.plan({ source, lead }))
    } else {
      this.plan({ source, lead })
    }
  }

  #forget(key: string): void {
    const waiting = this.#waiting.get(key)
    if (waiting !== undefined) this.#init.timers.clear(waiting.timer)
    this.#waiting.delete(key)
  }
}
