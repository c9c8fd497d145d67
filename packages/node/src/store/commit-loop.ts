/** Decides when written blocks are made durable: soon after they were written, many at once, never two rounds at a time. */
import type { TimerHandle, Timers } from '../util/seams.ts'

/** Longest time that a written block waits, in milliseconds, while no other round runs. */
const COMMIT_INTERVAL_MS = 250
/** Bytes written that are not made to wait. */
const COMMIT_BYTES = 33_554_432

export interface CommitLoopInit {
  readonly timers: Timers
  /** Makes blocks durable; `isLast` when no record of it is needed. */
  readonly commit: (blocks: readonly number[], isLast: boolean) => Promise<void>
  readonly onFault: (error: Error) => void
}

export class CommitLoop {
  readonly #init: CommitLoopInit
  #written: number[] = []
  #bytes = 0
  #timer: TimerHandle | undefined
  #running: Promise<void> | undefined
  #fault: Error | undefined
  #isEnded = false

  constructor(init: CommitLoopInit) {
    this.#init = init
  }

  /** A round failed: what was written in it may or may not be durable, and nothing more is said of it. */
  get hasFailed(): boolean {
    return this.#fault !== undefined
  }

  add(block: number, bytes: number): void {
    this.#written.push(block)
    this.#bytes += bytes
    if (this.#bytes >= COMMIT_BYTES) this.#start()
    else this.#timer ??= this.#init.timers.set(() => this.#start(), COMMIT_INTERVAL_MS)
  }

  /** Makes the rest durable. Rejects with what any round failed with; no round starts afterwards. */
  async end(): Promise<void> {
    this.#isEnded = true
    this.#clearTimer()
    await this.#running
    if (this.#fault === undefined && this.#written.length > 0) await this.#round(true)
    if (this.#fault !== undefined) throw this.#fault
  }

  #start(): void {
    this.#clearTimer()
    if (this.#running !== undefined || this.#isEnded || this.#fault !== undefined) return
    this.#running = this.#round(false).finally(() => {
      this.#running = undefined
      if (this.#written.length > 0 && !this.#isEnded) {
        if (this.#bytes >= COMMIT_BYTES) this.#start()
        else this.#timer ??= this.#init.timers.set(() => this.#start(), COMMIT_INTERVAL_MS)
      }
    })
  }

  async #round(isLast: boolean): Promise<void> {
    const blocks = this.#written
    this.#written = []
    this.#bytes = 0
    try {
      await this.#init.commit(blocks, isLast)
    } catch (error) {
      this.#fault = error as Error
      if (!isLast) this.#init.onFault(this.#fault)
    }
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#init.timers.clear(this.#timer)
    this.#timer = undefined
  }
}
