/** A stream whose writes are watched: whether all of them left the process, and what stopped the first that did not. */

export class Sink {
  readonly #stream: NodeJS.WritableStream
  readonly #onFault: () => void
  #fault: NodeJS.ErrnoException | undefined
  #last: Promise<void> = Promise.resolve()

  /** @param onFault told once, when a write fails */
  constructor(stream: NodeJS.WritableStream, onFault: () => void = () => {}) {
    this.#stream = stream
    this.#onFault = onFault
    // Each write learns of its own fault; without a listener the event would end the process.
    stream.on('error', () => {})
  }

  get isTerminal(): boolean {
    return 'isTTY' in this.#stream && this.#stream.isTTY === true
  }

  /** Why a write failed; undefined while none has. */
  get fault(): NodeJS.ErrnoException | undefined {
    return this.#fault
  }

  write(data: string | Uint8Array): void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    this.#stream.write(data, (error) => {
      if (error !== null && error !== undefined && this.#fault === undefined) {
        this.#fault = error
        this.#onFault()
      }
      resolve()
    })
  }

  /** Resolves when everything written so far has left the process, or never will. */
  flush(): Promise<void> {
    return this.#last
  }
}
