/**
 * Reads back what a home shares, a round every 30 days and little by little, in a node in the background. How far a round is, is
 * kept over restarts.
 */
import { z } from 'zod'
import type { WarningEvent } from '../../events.ts'
import type { Disk } from '../../store/disk.ts'
import type { ScrubOptions, ScrubPart, ScrubResult } from '../../transfer/scrub-service.ts'
import { escapeForDisplay } from '../../util/display.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import { RETRY_MS, ROUND_MS, ROUND_RATE, START_DELAY_MS } from './limits.ts'

/** The longest time that a timer can wait, in milliseconds. */
const MAX_TIMER_MS = 2_147_483_647

const record = z.object({
  /** When the round began, in milliseconds since 1970. */
  startedMs: z.number(),
  /** Shares up to this place in their order are through; null: the round is over. */
  after: z.number().nullable(),
})
type Round = Readonly<z.infer<typeof record>>

export interface ScrubRoundsInit {
  readonly scrubs: { scrub: (options: ScrubOptions, part: ScrubPart) => Promise<ScrubResult> }
  /** Where it is kept how far a round is. */
  readonly file: string
  readonly disk: Pick<Disk, 'readWhole' | 'replaceFile'>
  readonly seams: Pick<Seams, 'clock' | 'timers'>
  readonly onWarning: (warning: WarningEvent) => void
}

export class ScrubRounds {
  readonly #init: ScrubRoundsInit
  readonly #stop = new AbortController()
  #timer: TimerHandle | undefined
  #running: Promise<void> | undefined

  constructor(init: ScrubRoundsInit) {
    this.#init = init
  }

  start(): void {
    this.#wait(START_DELAY_MS)
  }

  /** Resolves when nothing is read any more. */
  async stop(): Promise<void> {
    this.#stop.abort()
    if (this.#timer !== undefined) this.#init.seams.timers.clear(this.#timer)
    await this.#running
  }

  #wait(ms: number): void {
    if (this.#stop.signal.aborted) return
    this.#timer = this.#init.seams.timers.set(
      () => {
        this.#running = this.#go()
      },
      Math.min(ms, MAX_TIMER_MS),
    )
  }

  async #go(): Promise<void> {
    const { clock } = this.#init.seams
    try {
      const before = await this.#load()
      const isDue = before === undefined || clock.now() - before.startedMs >= ROUND_MS
      if (before?.after === null && !isDue) {
        this.#wait(before.startedMs + ROUND_MS - clock.now())
        return
      }
      const round = before === undefined || before.after === null ? undefined : before
      await this.#round({ startedMs: round?.startedMs ?? clock.now(), after: round?.after ?? 0 })
      this.#wait(START_DELAY_MS)
    } catch (error) {
      if (this.#stop.signal.aborted) return
      const why = error instanceof Error ? error.message : String(error)
      this.#warn('WARN_NOT_SCRUBBED', `what is shared could not be read back: ${escapeForDisplay(why)}`)
      this.#wait(RETRY_MS)
    }
  }

  async #round({ startedMs, after }: Round): Promise<void> {
    const options: ScrubOptions = {
      rate: ROUND_RATE,
      signal: this.#stop.signal,
      onEvent: (event) => {
        if (event.type === 'warning') this.#init.onWarning(event)
        if (event.type !== 'damaged') return
        const { path, blocks, repaired } = event
        const left = blocks - repaired
        const what = `${escapeForDisplay(path)} was damaged on this disk, though nobody changed it`
        this.#warn(
          'WARN_DAMAGED',
          left === 0
            ? `${what}: it was repaired from other devices`
            : `${what}: ${left} parts of it are lost`,
        )
      },
    }
    await this.#init.scrubs.scrub(options, {
      after: after ?? 0,
      onShare: (seq) => this.#save({ startedMs, after: seq }),
    })
    await this.#save({ startedMs, after: null })
  }

  async #load(): Promise<Round | undefined> {
    const bytes = await this.#init.disk.readWhole(this.#init.file)
    try {
      return bytes && record.parse(JSON.parse(Buffer.from(bytes).toString()))
    } catch {
      // One that was damaged is a round that begins anew.
      return undefined
    }
  }

  async #save(round: Round): Promise<void> {
    await this.#init.disk.replaceFile(this.#init.file, Buffer.from(JSON.stringify(round)))
  }

  #warn(code: string, message: string): void {
    this.#init.onWarning({ type: 'warning', code, message })
  }
}
