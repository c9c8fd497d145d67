/** Lets work under one key run one after the other, and work under different keys at once. */
import { abortable } from './abortable.ts'

export class Turns {
  readonly #last = new Map<string, Promise<void>>()

  /** Whether somebody works under a key, or waits to. */
  isTaken(key: string): boolean {
    return this.#last.has(key)
  }

  /** Runs `work` when all that came before it under this key has ended; an abort while it waits rejects. */
  async run<T>(key: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const { promise, resolve } = Promise.withResolvers<void>()
    // One that gave up waiting does not let the next one in earlier.
    const turn = before === undefined ? promise : Promise.all([before, promise]).then(() => {})
    this.#last.set(key, turn)
    try {
      if (before !== undefined) await abortable(before, signal)
      signal?.throwIfAborted()
      return await work()
    } finally {
      resolve()
      if (this.#last.get(key) === turn) this.#last.delete(key)
    }
  }
}
