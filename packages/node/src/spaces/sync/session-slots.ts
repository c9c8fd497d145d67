/**
 * Which sessions are open: one with each device about each space, so many in all. What does not fit waits; what is asked for while
 * it goes on is done once more after it.
 */
import { MAX_OPEN_SESSIONS, MAX_WAITING_SESSIONS } from './limits.ts'

type Work = (signal: AbortSignal) => Promise<void>

export class SessionSlots {
  readonly #open = new Map<string, { readonly done: Promise<void>; readonly end: AbortController }>()
  readonly #waiting = new Map<string, Work>()
  #isStopped = false

  /** Begins work under a key, or has it wait. `work` does not reject. */
  run(key: string, work: Work): void {
    if (this.#isStopped) return
    if (this.#open.has(key) || this.#open.size >= MAX_OPEN_SESSIONS) {
      if (this.#waiting.size < MAX_WAITING_SESSIONS) this.#waiting.set(key, work)
      return
    }
    const end = new AbortController()
    const done = work(end.signal).finally(() => {
      this.#open.delete(key)
      this.#next()
    })
    this.#open.set(key, { done, end })
  }

  isOpen(key: string): boolean {
    return this.#open.has(key)
  }

  /** Ends what goes on under a key. */
  end(key: string): void {
    this.#open.get(key)?.end.abort()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#waiting.clear()
    const open = [...this.#open.values()]
    for (const { end } of open) end.abort()
    await Promise.all(open.map(({ done }) => done))
  }

  #next(): void {
    for (const [key, work] of this.#waiting) {
      if (this.#open.size >= MAX_OPEN_SESSIONS) return
      if (this.#open.has(key)) continue
      this.#waiting.delete(key)
      this.run(key, work)
    }
  }
}
