/** Bytes that wait, taken off in pieces in the order in which they came. Nothing is copied. */

export class ByteQueue {
  readonly #chunks: Uint8Array[] = []
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  /** The bytes must not change afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.byteLength
  }

  /** The next bytes, at most so many and at least one; undefined when there are none. */
  shift(mostBytes: number): Uint8Array | undefined {
    const [first] = this.#chunks
    if (first === undefined) return undefined
    const piece = first.subarray(0, mostBytes)
    if (piece.byteLength === first.byteLength) this.#chunks.shift()
    else this.#chunks[0] = first.subarray(piece.byteLength)
    this.#bytes -= piece.byteLength
    return piece
  }

  clear(): void {
    this.#chunks.length = 0
    this.#bytes = 0
  }
}
