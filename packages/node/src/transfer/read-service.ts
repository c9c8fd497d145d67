/** Reads: finds a provider of what a link names and gives out bytes of one file, without saving it. */
import type { Span } from '../content/span.ts'
import { ShoalError } from '../errors.ts'
import type { ReadEvent } from '../events.ts'
import { escapeForDisplay } from '../util/display.ts'
import { findFile, type FoundFile } from './plan/find-file.ts'
import { joinPath } from './plan/listing.ts'
import { SWARM_LIMITS } from './swarm/swarm-limits.ts'
import { openLink, type SearchOptions, type SearchParts } from './swarm/search-options.ts'

/** Which bytes of a file. */
export interface ByteRange {
  /** The first byte, from 0. */
  readonly from: number
  /** The last byte, which belongs to the range; beyond the end means the end. @defaultValue the end */
  readonly to?: number | undefined
}

/** What is read. */
export interface ReadOptions extends SearchOptions {
  /**
   * Which file, relative to the share's own folder. A path in the link stands before it.
   *
   * @defaultValue the share itself, if it is a single file
   */
  path?: string
  /** Which bytes of it. @defaultValue the whole file */
  range?: ByteRange
  /** Told what comes before its first byte, and of the end after the last. */
  onEvent?: (event: ReadEvent) => void
}

export class ReadService {
  readonly #parts: SearchParts

  constructor(parts: SearchParts) {
    this.#parts = parts
  }

  /**
   * Pieces of at most 1 MiB, in order, each verified before it is given out.
   *
   * @throws ShoalError as `parseLink` and `findFile`, ERR_RANGE, ERR_OPTIONS_INVALID, ERR_NO_PROVIDER,
   *   ERR_CONTENT_GONE; the signal's reason on abort
   */
  async *read(text: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    checkRange(options.range)
    await using open = openLink(this.#parts, text, options, SWARM_LIMITS.maxSessions)
    const { link, reader, signal } = open
    const file = await findFile({ ...this.#parts, link, reader, path: joinPath(link, options.path) })
    const span = spanOf(file, options.range)
    const { path, size } = file
    const bytes = span.to - span.from
    options.onEvent?.({ type: 'content', root: link.root.toString(), path, size, from: span.from, bytes })
    for await (const piece of file.read(span)) {
      signal.throwIfAborted()
      yield piece
    }
    options.onEvent?.({ type: 'end', bytesFetched: reader.bytesFetched })
  }
}

function checkRange({ from, to = from }: ByteRange = { from: 0 }): void {
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
  if (!isCount(from) || !isCount(to)) {
    throw new ShoalError('ERR_OPTIONS_INVALID', `range counts bytes in whole numbers, not ${from} to ${to}`)
  }
}

/** @throws ShoalError ERR_RANGE */
function spanOf({ path, size }: FoundFile, range: ByteRange | undefined): Span {
  if (range === undefined) return { from: 0, to: size }
  const { from, to = size } = range
  const what = `"${escapeForDisplay(path)}", which has ${size} bytes`
  if (from >= size) throw new ShoalError('ERR_RANGE', `byte ${from} is beyond the end of ${what}`)
  if (from > to)
    throw new ShoalError('ERR_RANGE', `the range ${from}-${to} ends before it begins, in ${what}`)
  return { from, to: Math.min(to + 1, size) }
}
