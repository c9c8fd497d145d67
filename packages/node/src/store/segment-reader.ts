/** Reads runs of bytes from files of a share, where they lie. No link below the folder that was shared is followed. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { ShoalError, systemCode } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import { NO_FOLLOW, Within, closeAnchor, openAnchor, type Anchor } from './anchor.ts'
import type { Location } from './shared-paths.ts'

/** A run of bytes in one file. */
export interface Segment {
  readonly path: string
  /** The end of the path that lies in the folder that was shared, names joined by `/`; empty for a file that was shared. */
  readonly below: string
  /** Bytes from the start of the file. */
  readonly offset: number
  /** Bytes. */
  readonly length: number
}

/** A run of bytes of a file that was walked. */
export function segmentOf(
  { source, below }: Location,
  { offset, length }: Pick<Segment, 'offset' | 'length'>,
): Segment {
  return { path: source, below, offset, length }
}

/** The folders of shares that one job reads from, held open while it runs. */
export class SharedFolders {
  readonly #open = new Map<string, { readonly anchor: Anchor; readonly within: Within }>()

  /** A path for one system call, which must not follow a link at its end. */
  at({ path, below }: Segment): string {
    if (below === '') return path
    const base = path.slice(0, path.length - below.length - 1)
    let folder = this.#open.get(base)
    if (folder === undefined) {
      const anchor = openAnchor(base, true)
      folder = { anchor, within: new Within(anchor) }
      this.#open.set(base, folder)
    }
    return folder.within.at(below)
  }

  [Symbol.dispose](): void {
    for (const { anchor, within } of this.#open.values()) {
      within[Symbol.dispose]()
      closeAnchor(anchor)
    }
    this.#open.clear()
  }
}

/** Reads a list of segments as one stream; zeros follow the last. */
export class SegmentReader {
  readonly #segments: readonly Segment[]
  readonly #folders: SharedFolders
  #index = 0
  #done = 0
  #fd: number | undefined

  constructor(segments: readonly Segment[], folders: SharedFolders) {
    this.#segments = segments
    this.#folders = folders
  }

  /** The file that is being read. */
  get path(): string | undefined {
    return this.#segments[this.#index]?.path
  }

  /** @throws ShoalError ERR_SOURCE_CHANGED when a file ended before the bytes that were promised, or is none any more */
  readInto(target: Uint8Array): void {
    let filled = 0
    while (filled < target.byteLength) {
      const segment = this.#segments[this.#index]
      if (segment === undefined) {
        target.fill(0, filled)
        return
      }
      const wanted = Math.min(segment.length - this.#done, target.byteLength - filled)
      if (wanted > 0) {
        this.#fd ??= this.#openRegular(segment)
        const read = readSync(this.#fd, target, filled, wanted, segment.offset + this.#done)
        if (read === 0) throw changed(segment.path)
        filled += read
        this.#done += read
      }
      if (this.#done === segment.length) {
        this.close()
        this.#index++
        this.#done = 0
      }
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  /** Opens a file for reading and refuses what is none: a pipe put in its place would block the thread for ever. */
  #openRegular(segment: Segment): number {
    let fd: number
    try {
      const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | NO_FOLLOW
      fd = openSync(this.#folders.at(segment), flags)
    } catch (error) {
      const code = systemCode(error)
      if (code === 'ELOOP' || code === 'ENOTDIR') throw changed(segment.path)
      throw error
    }
    if (fstatSync(fd).isFile()) return fd
    closeSync(fd)
    throw changed(segment.path)
  }
}

function changed(path: string): ShoalError {
  return new ShoalError('ERR_SOURCE_CHANGED', `${escapeForDisplay(path)} was changed while it was read`)
}
