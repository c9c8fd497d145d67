/** Keeps many warnings of one operation from flooding people: the first few are told, the rest are counted. */
import { TERMINAL } from '../strings/output.ts'

const MAX_TOLD = 10

export class Warnings {
  readonly #tell: (line: string) => void
  #count = 0

  constructor(tell: (line: string) => void) {
    this.#tell = tell
  }

  add(message: string): void {
    this.#count++
    if (this.#count <= MAX_TOLD) this.#tell(message)
  }

  /** Says how many were left out. To be called when no more come. */
  flush(): void {
    if (this.#count > MAX_TOLD) this.#tell(TERMINAL.moreWarnings(this.#count - MAX_TOLD))
    this.#count = 0
  }
}
