/** Writes down now and then that shares are used, for what was used longest ago goes first when there is no more room. */
import { MAX_USES, USE_INTERVAL_MS } from '../store/quota/limits.ts'
import { keepNewest } from '../util/keep-newest.ts'
import type { Clock } from '../util/seams.ts'

export interface UseNotesInit {
  readonly clock: Clock
  /** Writes it down for shares of a root whose files lie in the home. */
  readonly note: (root: string) => Promise<void>
}

export class UseNotes {
  readonly #init: UseNotesInit
  /** When it was last written down, by root. */
  readonly #notedMs = new Map<string, number>()

  constructor(init: UseNotesInit) {
    this.#init = init
  }

  /** Somebody gets something of it. Whoever began to serve it has written that down. */
  used(root: string): void {
    const nowMs = this.#init.clock.monotonic()
    const beforeMs = this.#notedMs.get(root)
    if (beforeMs !== undefined && nowMs - beforeMs < USE_INTERVAL_MS) return
    this.#notedMs.delete(root)
    this.#notedMs.set(root, nowMs)
    keepNewest(this.#notedMs, MAX_USES)
    // Where it cannot be kept, it goes a little sooner.
    if (beforeMs !== undefined) this.#init.note(root).catch(() => {})
  }
}
