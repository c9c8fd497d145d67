/**
 * Shared memory for one block each, used again: a fetch of any size touches the same few pages of memory, and one of
 * many small blocks does not leave as many buffers behind, which cost more than all else that is done for such a block.
 */
import { MAX_PAYLOAD_BYTES } from '../constants.ts'

/** Blocks up to this many bytes get memory of the next power of two: many of them are under way at a time. */
const SMALL_BYTES = 65_536
const LEAST_BYTES = 1_024

export class BufferPool {
  /** Buffers for reuse, by their length. */
  readonly #free = new Map<number, SharedArrayBuffer[]>()
  readonly #mostBytes: number
  #freeBytes = 0

  /** @param mostBytes of memory kept for reuse */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
    for (let bytes = LEAST_BYTES; bytes <= SMALL_BYTES; bytes *= 2) this.#free.set(bytes, [])
    this.#free.set(MAX_PAYLOAD_BYTES, [])
  }

  /** Memory for a block of `length` bytes. */
  take(length: number): Uint8Array<SharedArrayBuffer> {
    const bytes = roomFor(length)
    const free = this.#free.get(bytes)?.pop()
    if (free === undefined) return new Uint8Array(new SharedArrayBuffer(bytes), 0, length)
    this.#freeBytes -= bytes
    return new Uint8Array(free, 0, length)
  }

  /** Gives back a buffer of `take`, or any view on it. */
  give({ buffer }: Uint8Array): void {
    if (!(buffer instanceof SharedArrayBuffer)) return
    const bytes = buffer.byteLength
    const free = this.#free.get(bytes)
    if (free === undefined || this.#freeBytes + bytes > this.#mostBytes) return
    free.push(buffer)
    this.#freeBytes += bytes
  }
}

function roomFor(length: number): number {
  if (length > SMALL_BYTES) return MAX_PAYLOAD_BYTES
  return length <= LEAST_BYTES ? LEAST_BYTES : 2 ** (32 - Math.clz32(length - 1))
}
