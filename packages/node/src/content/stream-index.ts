/** Where the bytes of a gapless stream of files lie: stream range -> pieces of files. */

export interface FilePiece {
  /** Index of the file as it was given. */
  readonly file: number
  /** Bytes from the start of that file. */
  readonly offset: number
  readonly length: number
}

export class StreamIndex {
  /** Where each file starts; one more for the end. */
  readonly #starts: Float64Array

  /** @param sizes bytes of each file, in stream order */
  constructor(sizes: readonly number[]) {
    this.#starts = new Float64Array(sizes.length + 1)
    for (let i = 0; i < sizes.length; i++) {
      this.#starts[i + 1] = (this.#starts[i] as number) + (sizes[i] as number)
    }
  }

  /** Bytes in the stream. */
  get length(): number {
    return this.#starts[this.#starts.length - 1] as number
  }

  /** Where a file lies in the stream; `end` is exclusive. */
  rangeOf(file: number): { start: number; end: number } {
    return { start: this.#starts[file] as number, end: this.#starts[file + 1] as number }
  }

  /** The pieces that `length` bytes from `start` fall into; what lies beyond the end is left out. */
  pieces(start: number, length: number): FilePiece[] {
    const end = Math.min(start + length, this.length)
    const pieces: FilePiece[] = []
    let at = start
    for (let file = this.#fileAt(start); at < end; file++) {
      const fileStart = this.#starts[file] as number
      const fileEnd = this.#starts[file + 1] as number
      const taken = Math.min(fileEnd, end) - at
      // Empty files take no bytes and get no piece.
      if (taken > 0) pieces.push({ file, offset: at - fileStart, length: taken })
      at += taken
    }
    return pieces
  }

  /** Index of the last file that starts at or before `at`. */
  #fileAt(at: number): number {
    let low = 0
    let high = this.#starts.length - 2
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((this.#starts[middle] as number) <= at) low = middle
      else high = middle - 1
    }
    return Math.max(0, low)
  }
}
