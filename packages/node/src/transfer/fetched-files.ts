/**
 * Which files of a fetch are whole, which are on their way and which have not begun. Memory is one number for each entry,
 * which is there anyway, and a few of those that are on their way.
 */
import type { Entry } from '../content/entry.ts'
import type { FilesEvent } from '../events.ts'
import type { ContentBlocks } from '../store/content-blocks.ts'
import { KEPT, WANTED, type Fates } from '../store/fate.ts'
import type { Clock } from '../util/seams.ts'

/** Files that are named one by one, at once. */
export const MAX_ACTIVE_FILES = 16
/** Smaller files are only counted: there are too many of them, and each is soon there. */
export const ACTIVE_FILE_BYTES = 1_000_000
/** What is whole before that is only counted, in milliseconds. */
export const ACTIVE_AFTER_MS = 1_000

export type FilesFacts = Omit<FilesEvent, 'type' | 'root'>

export interface FetchedFilesInit {
  readonly entries: readonly Entry[]
  readonly blocks: Pick<ContentBlocks, 'piecesOf'>
  /** Of the entries; what is done to them shows here. */
  readonly fates: Pick<Fates, 'of'>
  readonly clock: Pick<Clock, 'monotonic'>
  /** Told of each wanted file, by its index in the entries, when its last byte came. */
  readonly onWhole: (entry: number) => void
}

export class FetchedFiles {
  readonly #init: FetchedFilesInit
  /** Bytes of each wanted file that are not here. */
  readonly #left: Float64Array
  readonly #total: number
  #done = 0
  #begun = 0
  #bytes = 0
  /** Files that are named, and since when they are on their way, monotonic milliseconds. */
  readonly #active = new Map<number, number>()

  constructor(init: FetchedFilesInit) {
    this.#init = init
    const { entries, fates } = init
    this.#left = new Float64Array(entries.length)
    let total = 0
    for (const [i, { kind, size }] of entries.entries()) {
      if (kind !== 'file' || (fates.of[i] !== WANTED && fates.of[i] !== KEPT)) continue
      total++
      if (fates.of[i] === KEPT) this.#bytes += size
      else this.#left[i] = size
      if (this.#left[i] === 0) this.#done++
    }
    this.#total = total
  }

  /** Content bytes that are here. */
  get bytes(): number {
    return this.#bytes
  }

  /** Files that are whole now, by their index in the entries. */
  *whole(): Generator<number> {
    const { entries, fates } = this.#init
    for (const [i, { kind }] of entries.entries()) {
      const isAsked = fates.of[i] === WANTED || fates.of[i] === KEPT
      if (kind === 'file' && isAsked && this.#left[i] === 0) yield i
    }
  }

  facts(): FilesFacts {
    const { entries, clock } = this.#init
    const now = clock.monotonic()
    const active = [...this.#active].flatMap(([entry, sinceMs]) => {
      if (now - sinceMs < ACTIVE_AFTER_MS) return []
      const { path, size } = entries[entry] as Entry
      return [{ path, bytes: size - (this.#left[entry] as number), total: size }]
    })
    return {
      done: this.#done,
      total: this.#total,
      waiting: this.#total - this.#done - this.#begun,
      active,
    }
  }

  /** A block lies on the disk from now on, or no longer. */
  note(block: number, isHere: boolean): void {
    const { blocks, fates } = this.#init
    for (const { entry, length } of blocks.piecesOf(block)) {
      if (fates.of[entry] !== WANTED || length === 0) continue
      if (isHere) this.#came(entry, length)
      else this.#went(entry, length)
    }
  }

  /** A file that was to be kept has other bytes, and is wanted. */
  replaced(entry: number): void {
    const { size } = this.#init.entries[entry] as Entry
    this.#left[entry] = size
    this.#bytes -= size
    if (size > 0) this.#done--
  }

  #came(entry: number, length: number): void {
    const { size } = this.#init.entries[entry] as Entry
    const left = this.#left[entry] as number
    const now = Math.max(0, left - length)
    this.#left[entry] = now
    this.#bytes += left - now
    if (left === size) this.#begun++
    if (now > 0) {
      const isNamed = size >= ACTIVE_FILE_BYTES && this.#active.size < MAX_ACTIVE_FILES
      if (isNamed && !this.#active.has(entry)) this.#active.set(entry, this.#init.clock.monotonic())
    } else if (left > 0) {
      this.#begun--
      this.#done++
      this.#active.delete(entry)
      this.#init.onWhole(entry)
    }
  }

  #went(entry: number, length: number): void {
    const { size } = this.#init.entries[entry] as Entry
    const left = this.#left[entry] as number
    const now = Math.min(size, left + length)
    if (now === left) return
    this.#left[entry] = now
    this.#bytes -= now - left
    if (left === 0) {
      this.#done--
      this.#begun++
    }
    if (now === size) {
      this.#begun--
      this.#active.delete(entry)
    }
  }
}
