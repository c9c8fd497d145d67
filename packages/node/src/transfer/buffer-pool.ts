/** Shared memory for one block each, used again: a fetch of any size touches the same few pages of memory. */
import { MAX_PAYLOAD_BYTES } from './constants.ts'

export class BufferPool {
  readonly #free: SharedArrayBuffer[] = []
  readonly #most: number

  /** @param most buffers kept for reuse, each 1 MiB */
  constructor(most: number) {
    this.#most = most
  }

  take(): Uint8Array<SharedArrayBuffer> {
    return new Uint8Array(this.#free.pop() ?? new SharedArrayBuffer(MAX_PAYLOAD_BYTES))
  }

  /** Gives back a buffer of `take`, or any view on it. */
  give(bytes: Uint8Array): void {
    if (bytes.buffer instanceof SharedArrayBuffer && this.#free.length < this.#most)
      this.#free.push(bytes.buffer)
  }
}
