/**
 * For up to 32 marked operations at a time and every operation of a graph, whether the one stands before the other:
 * one bit each, for all 32 in one walk over the graph. Walking once for each question would cost the square of what
 * a hostile log holds. Words are made when they are asked for; `tableBits` and `cutBits` of `LogLimits` bound them.
 */
import type { OperationGraph } from './graph.ts'

/** Bits of a word. */
const WIDTH = 32

interface Chunk {
  words: Uint32Array
  /** Operations that `words` speaks of. */
  filled: number
}

/** Which marks stand before an operation, or are it. */
export class MarksBefore {
  readonly #graph: OperationGraph
  /** The number of the mark of each operation that has one. */
  readonly #marks: number[] = []
  #count = 0
  readonly #chunks: Chunk[] = []

  constructor(graph: OperationGraph) {
    this.#graph = graph
  }

  get marks(): number {
    return this.#count
  }

  /** Marks the newest operation of the graph. */
  mark(operation: number): void {
    this.#marks[operation] = this.#count++
  }

  /** Does `marked` stand before `operation`, or is it the same? */
  has(marked: number, operation: number): boolean {
    if (marked >= operation) return marked === operation
    const mark = this.#marks[marked] as number
    const words = this.#words(mark >> 5)
    return (((words[operation] as number) >>> (mark & 31)) & 1) === 1
  }

  #words(index: number): Uint32Array {
    const chunk = (this.#chunks[index] ??= { words: new Uint32Array(0), filled: 0 })
    if (chunk.filled < this.#graph.size) this.#fill(chunk, index)
    return chunk.words
  }

  #fill(chunk: Chunk, index: number): void {
    const graph = this.#graph
    const size = graph.size
    if (chunk.words.length < size) {
      const words = new Uint32Array(chunk.filled === 0 ? size : size + (size >> 2))
      words.set(chunk.words)
      chunk.words = words
    }
    const { words } = chunk
    const links = graph.linkTable
    for (let operation = chunk.filled, at = graph.start(operation); operation < size; operation++) {
      let word = 0
      for (const end = graph.start(operation + 1); at < end; at++)
        word |= words[links[at] as number] as number
      const mark = this.#marks[operation]
      if (mark !== undefined && mark >> 5 === index) word |= 1 << (mark & 31)
      words[operation] = word
    }
    chunk.filled = size
  }
}

/** Which marks an operation stands before. */
export class MarksAfter {
  readonly #graph: OperationGraph
  readonly #marks: number[] = []
  /** The operation of each mark. */
  readonly #marked: number[] = []
  readonly #chunks: (Uint32Array | undefined)[] = []

  constructor(graph: OperationGraph) {
    this.#graph = graph
  }

  /** Marks the newest operation of the graph. */
  mark(operation: number): void {
    const mark = this.#marked.length
    this.#marks[operation] = mark
    this.#marked.push(operation)
    this.#chunks[mark >> 5] = undefined
  }

  /** Does `operation` stand before `marked`, or is it the same? */
  has(operation: number, marked: number): boolean {
    if (operation >= marked) return operation === marked
    const mark = this.#marks[marked] as number
    const words = (this.#chunks[mark >> 5] ??= this.#walk(mark >> 5))
    return (((words[operation] as number) >>> (mark & 31)) & 1) === 1
  }

  /** Nothing that is newer than the last mark of a chunk stands before any of its marks. */
  #walk(index: number): Uint32Array {
    const graph = this.#graph
    const marked = this.#marked.slice(index * WIDTH, (index + 1) * WIDTH)
    const filled = (marked.at(-1) as number) + 1
    const words = new Uint32Array(filled)
    for (const [bit, operation] of marked.entries())
      words[operation] = (words[operation] as number) | (1 << bit)
    const links = graph.linkTable
    for (let operation = filled - 1; operation >= 0; operation--) {
      const word = words[operation] as number
      if (word === 0) continue
      const end = graph.start(operation + 1)
      for (let at = graph.start(operation); at < end; at++) {
        const before = links[at] as number
        words[before] = (words[before] as number) | word
      }
    }
    return words
  }
}
