/** Shared memory for one block each, used again: a fetch of any size touches the same few pages of memory. */
import { MAX_PAYLOAD_BYTES } from './constants.ts'

/** Blocks up to this many bytes get memory of their own: many of them are under way at a time. */
const SMALL_BYTES = 65_536

export class BufferPool {
  readonly #free: SharedArrayBuffer[] = []
  readonly #most: number

  /** @param most buffers kept for reuse, each 1 MiB */
  constructor(most: number) {
    this.#most = most
  }

  /** Memory for a block of `length` bytes. */
  take(length: number): Uint8Array<SharedArrayBuffer> {
    if (length <= SMALL_BYTES) return new Uint8Array(new SharedArrayBuffer(length))
    return new Uint8Array(this.#free.pop() ?? new SharedArrayBuffer(MAX_PAYLOAD_BYTES))
  }

  /** Gives back a buffer of `take`, or any view on it. */
  give(bytes: Uint8Array): void {
    const { buffer } = bytes
    const isPooled = buffer instanceof SharedArrayBuffer && buffer.byteLength === MAX_PAYLOAD_BYTES
    if (isPooled && this.#free.length < this.#most) this.#free.push(buffer)
  }
}
