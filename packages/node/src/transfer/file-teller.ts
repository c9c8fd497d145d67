/**
 * Tells of whole files one after the other, as fast as they are taken. Who is slow makes nothing pile up but numbers: at most
 * one for each file.
 */
import { Bitmap } from '../store/bitmap.ts'

export interface FileTellerInit {
  /** How many entries there are. */
  readonly entries: number
  /** The next is told when what it returns resolves. Neither throws: who has something to say against it aborts `signal`. */
  readonly tell: (entry: number) => void | Promise<void>
  readonly signal: AbortSignal
}

export class FileTeller {
  readonly #init: FileTellerInit
  readonly #told: Bitmap
  #waiting: number[] = []
  #ended: Promise<void> = Promise.resolve()
  #isRunning = false

  constructor(init: FileTellerInit) {
    this.#init = init
    this.#told = new Bitmap(init.entries)
  }

  /** Tells of a file, unless it was told of. */
  add(entry: number): void {
    if (this.#told.has(entry)) return
    this.#told.add(entry)
    this.#waiting.push(entry)
    if (!this.#isRunning) this.#ended = this.#run()
  }

  /** Resolves when all were told of, or nobody is any more. */
  async end(): Promise<void> {
    await this.#ended
  }

  async #run(): Promise<void> {
    const { tell, signal } = this.#init
    this.#isRunning = true
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting
      this.#waiting = []
      for (const entry of waiting) {
        if (signal.aborted) break
        const taken = tell(entry)
        if (taken !== undefined) await settledOrAborted(taken, signal)
      }
    }
    this.#isRunning = false
  }
}

function settledOrAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const onAbort = (): void => resolve()
    signal.addEventListener('abort', onAbort, { once: true })
    const settled = (): void => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }
    promise.then(settled, settled)
  })
}
