/** Says in the log what the gate refused, some time later and all at once: who is refused may come back a thousand times a second. */
import type { GateStats } from '../../network/gate/gate.ts'
import type { Log } from '../../util/log.ts'
import type { TimerHandle, Timers } from '../../util/seams.ts'

/** Between two looks at what was refused, in milliseconds. */
const LOOK_MS = 10_000

const REFUSALS = [
  'pendingEvicted',
  'acceptedTooFast',
  'connectionsRefused',
  'connectionsClosed',
  'streamsRefused',
  'streamsEvicted',
  'peersOverfull',
  'dialsDenied',
  'dialsLimited',
] as const satisfies readonly (keyof GateStats)[]

export class GateWatch {
  readonly #log: Log
  readonly #timers: Timers
  readonly #stats: () => GateStats | undefined
  #before: GateStats | undefined
  #timer: TimerHandle | undefined

  constructor(log: Log, timers: Timers, stats: () => GateStats | undefined) {
    this.#log = log
    this.#timers = timers
    this.#stats = stats
    this.#before = stats()
    this.#lookLater()
  }

  /** Says what is left to say. */
  stop(): void {
    if (this.#timer !== undefined) this.#timers.clear(this.#timer)
    this.#timer = undefined
    this.#look()
  }

  #lookLater(): void {
    this.#timer = this.#timers.set(() => {
      this.#look()
      this.#lookLater()
    }, LOOK_MS)
  }

  #look(): void {
    const now = this.#stats()
    const before = this.#before
    this.#before = now
    if (now === undefined) return
    const grown = REFUSALS.map((name) => [name, now[name] - (before?.[name] ?? 0)] as const)
    const fields = Object.fromEntries(grown.filter(([, more]) => more > 0))
    if (Object.keys(fields).length > 0) this.#log.warn('strangers refused', fields)
  }
}
