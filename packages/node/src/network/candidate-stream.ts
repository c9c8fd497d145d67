/** Candidates that are put in at one side and iterated over at the other, until it ends. */
import { MAX_WAITING_CANDIDATES } from './limits.ts'
import type { Candidate } from './provider-source.ts'

export class CandidateStream implements AsyncIterableIterator<Candidate> {
  #waiting: Candidate[] = []
  #next: ((result: IteratorResult<Candidate>) => void) | undefined
  #isEnded = false
  readonly #onReturn: () => void

  /** @param onReturn called once when it ends from either side */
  constructor(onReturn: () => void) {
    this.#onReturn = onReturn
  }

  push(candidate: Candidate): void {
    if (this.#isEnded) return
    if (this.#next === undefined) {
      if (this.#waiting.length < MAX_WAITING_CANDIDATES) this.#waiting.push(candidate)
      return
    }
    this.#next({ done: false, value: candidate })
    this.#next = undefined
  }

  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#next?.({ done: true, value: undefined })
    this.#next = undefined
    this.#onReturn()
  }

  /** One call at a time. */
  next(): Promise<IteratorResult<Candidate>> {
    const value = this.#waiting.shift()
    if (value !== undefined) return Promise.resolve({ done: false, value })
    if (this.#isEnded) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => (this.#next = resolve))
  }

  return(): Promise<IteratorResult<Candidate>> {
    this.#waiting = []
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
