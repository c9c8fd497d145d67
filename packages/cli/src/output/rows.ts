/** Lines of a long result: gathered for a moment, so that a million of them are not a million writes. */
import type { TerminalClock, TimerHandle } from '../terminal-clock.ts'
import type { Output, ResultStream } from './output.ts'

/** How long a line may wait for others. */
const GATHER_MS = 50
/** Characters that are written at once. */
const BATCH_LENGTH = 65_536

export class Rows {
  readonly #stdout: ResultStream
  readonly #clock: TerminalClock
  #waiting = ''
  #timer: TimerHandle | undefined

  constructor(output: Output) {
    this.#stdout = output.stdout
    this.#clock = output.clock
  }

  /** What it returns, if anything, resolves when the reader has taken enough for more to come. */
  add(line: string): Promise<void> | undefined {
    this.#waiting += `${line}\n`
    if (this.#waiting.length >= BATCH_LENGTH) {
      this.write()
      return this.#stdout.flush()
    }
    this.#timer ??= this.#clock.set(() => this.write(), GATHER_MS)
    return undefined
  }

  /** Writes what was gathered. */
  write(): void {
    if (this.#timer !== undefined) this.#clock.clear(this.#timer)
    this.#timer = undefined
    if (this.#waiting === '') return
    const text = this.#waiting
    this.#waiting = ''
    this.#stdout.write(text)
  }
}
