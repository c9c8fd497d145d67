/**
 * Asks one source for leads again and again, and has each of them tried. Strangers can name devices without end, so tries and
 * memory are bounded.
 */
import type { Seams } from '../../util/seams.ts'
import type { Lead, LeadSource } from './lead.ts'
import { SWARM_LIMITS as LIMITS } from './swarm-limits.ts'

export interface SourceLoopInit {
  readonly source: LeadSource
  readonly seams: Pick<Seams, 'timers'>
  /** Whether anybody is to be tried now. */
  readonly isOpen: () => boolean
  /** Tries a lead; does not reject. Undefined: it is not to be tried now. */
  readonly attempt: (source: LeadSource, lead: Lead) => Promise<void> | undefined
  /** Until the source is asked again, in milliseconds, after so many rounds since it was last hurried. */
  readonly pauseMs: (rounds: number) => number
  readonly onHeard: () => void
  /** Told after each round. */
  readonly onRound: () => void
}

/** How long to wait after so many rounds beside so many who are connected, in milliseconds. */
export function pauseAfter(rounds: number, connected: number): number {
  if (connected === 0) return LIMITS.pauseMs
  const most = connected < LIMITS.wantedSessions ? LIMITS.mostEagerPauseMs : LIMITS.mostPauseMs
  return Math.min(most, LIMITS.leastConnectedPauseMs * 2 ** Math.min(rounds, 16))
}

export class SourceLoop {
  readonly #init: SourceLoopInit
  readonly #end = new AbortController()
  #isAsking = false
  #rounds = 0
  #unhurried = 0
  #isHurried = false
  #skipPause: (() => void) | undefined

  constructor(init: SourceLoopInit) {
    this.#init = init
  }

  get source(): LeadSource {
    return this.#init.source
  }

  /** It was asked, and told all that it knows for now; one that cannot know anybody is not waited for. */
  get isThrough(): boolean {
    return (this.#rounds > 0 && !this.#isAsking) || this.source.isReady?.() === false
  }

  /** Asks until it is stopped. Rejects with what the source throws. */
  async run(): Promise<void> {
    while (!this.#isEnded) {
      if (this.#init.isOpen()) await this.#round()
      if (this.#isEnded) return
      await this.#pause(this.#init.pauseMs(this.#unhurried++))
    }
  }

  /** Asks as soon as the round that runs now is over. */
  hurry(): void {
    this.#unhurried = 0
    this.#isHurried = true
    this.#skipPause?.()
  }

  /** What is being tried goes on. */
  stop(): void {
    this.#end.abort(new Error('nobody is looked for'))
    this.#skipPause?.()
  }

  get #isEnded(): boolean {
    return this.#end.signal.aborted
  }

  async #round(): Promise<void> {
    const { source, seams, isOpen, attempt, onHeard, onRound } = this.#init
    const { timers } = seams
    const round = new AbortController()
    const signal = AbortSignal.any([this.#end.signal, round.signal])
    const timer = timers.set(() => round.abort(new Error('asked anew')), LIMITS.roundMs)
    const tries = new Map<string, Promise<void>>()
    let heard = 0
    this.#isHurried = false
    this.#isAsking = true
    try {
      for await (const lead of source.leads(signal)) {
        if (this.#isEnded || !isOpen()) break
        onHeard()
        if (!tries.has(lead.key)) {
          const trying = attempt(source, lead)
          if (trying !== undefined) {
            tries.set(
              lead.key,
              trying.finally(() => tries.delete(lead.key)),
            )
          }
        }
        if (++heard >= LIMITS.leadsPerRound) break
        if (tries.size >= LIMITS.triesPerSource) await Promise.race(tries.values())
      }
    } finally {
      timers.clear(timer)
    }
    await Promise.all(tries.values())
    this.#isAsking = false
    this.#rounds++
    if (!this.#isEnded) onRound()
  }

  #pause(pauseMs: number): Promise<void> {
    if (this.#isHurried) {
      this.#isHurried = false
      return Promise.resolve()
    }
    const { timers } = this.#init.seams
    return new Promise((resolve) => {
      const end = (): void => {
        timers.clear(timer)
        this.#skipPause = undefined
        this.#isHurried = false
        resolve()
      }
      const timer = timers.set(end, pauseMs)
      this.#skipPause = end
    })
  }
}
