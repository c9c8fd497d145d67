/**
 * Copies one file from a node to stdout, over as many nodes as it takes: each goes on at the byte where the one before
 * it ended. What a link names never changes, so the parts fit.
 */
import type { ContentEvent, ControlClient, ReadRequest } from '@shoal/node/control'
import type { ContentReporter } from './output/content-reporter.ts'
import type { ResultStream } from './output/output.ts'

export class ContentCopy {
  readonly #stdout: ResultStream
  readonly #reporter: ContentReporter
  #content: ContentEvent | undefined
  #written = 0
  #isComplete = false
  #bytesFetched = 0

  constructor(stdout: ResultStream, reporter: ContentReporter) {
    this.#stdout = stdout
    this.#reporter = reporter
  }

  get isComplete(): boolean {
    return this.#isComplete
  }

  /** What is copied, once it is known. */
  get content(): ContentEvent | undefined {
    return this.#content
  }

  /** Bytes that came over the network for it, as far as the nodes lived to tell. */
  get bytesFetched(): number {
    return this.#bytesFetched
  }

  /** Writes what is still missing. Ends early when `stop` aborts. */
  async run(client: ControlClient, request: ReadRequest, stop: AbortSignal): Promise<void> {
    const rest = this.#rest(request)
    if (rest !== undefined) {
      const pieces = client.read(rest, stop, (event) => {
        if (event.type === 'end') this.#bytesFetched += event.bytesFetched
        else if (this.#content === undefined) this.#begin(event)
      })
      for await (const piece of pieces) {
        this.#stdout.write(piece)
        // Who reads slowly slows the network, and not the memory.
        await this.#stdout.flush()
        this.#written += piece.byteLength
        this.#reporter.moved(this.#written)
      }
    }
    if (stop.aborted) return
    this.#isComplete = true
    this.#reporter.end()
  }

  #begin(content: ContentEvent): void {
    this.#content = content
    this.#reporter.begin(content)
  }

  /** The request for what was not written yet; undefined when that is nothing. */
  #rest(request: ReadRequest): ReadRequest | undefined {
    if (this.#content === undefined) return request
    const { from, bytes } = this.#content
    if (this.#written === bytes) return undefined
    return { ...request, range: { from: from + this.#written, to: from + bytes - 1 } }
  }
}
