/** Buffers of one block that are used again: a fetch of any size touches the same few pages of memory. */
import { MAX_PAYLOAD_BYTES } from './constants.ts'

export class BufferPool {
  readonly #free: ArrayBuffer[] = []
  readonly #most: number

  /** @param most buffers kept for reuse, each 1 MiB */
  constructor(most: number) {
    this.#most = most
  }

  take(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#free.pop() ?? new ArrayBuffer(MAX_PAYLOAD_BYTES))
  }

  /** Gives back a buffer of `take`, or any view on it. */
  give(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.buffer.byteLength === MAX_PAYLOAD_BYTES && this.#free.length < this.#most) {
      this.#free.push(bytes.buffer)
    }
  }
}
