/** Looks at what a link names, without fetching it: finds a provider and tells what it is, and what is in it. */
import { judgePath } from '../content/name-verdict.ts'
import type { EntryEvent, StatEvent, WarningEvent } from '../events.ts'
import { escapeForDisplay } from '../util/display.ts'
import { factsOfContent } from './plan/content-facts.ts'
import { joinPath, listEntries } from './plan/listing.ts'
import { openLink, type SearchOptions, type SearchParts } from './swarm/search-options.ts'

/** Characters of an unsafe path that a warning repeats. */
const MAX_SHOWN = 120

/** What is listed. */
export interface ListOptions extends SearchOptions {
  /**
   * What to list, relative to the share's own folder: of a folder what lies below it, of a file the file itself. A path
   * in the link stands before it. @defaultValue everything
   */
  path?: string
  /** Told of each name that a fetch would refuse, before its entry comes. */
  onEvent?: (event: WarningEvent) => void
}

/** What is looked at. */
export interface StatOptions extends SearchOptions {
  /** Which file or folder, relative to the share's own folder. A path in the link stands before it. @defaultValue the share */
  path?: string
}

/** What a link names. */
export type ContentStat = Omit<StatEvent, 'type'>

/** A file or folder of a share. */
export type ListEntry = Omit<EntryEvent, 'type'>

export class ListService {
  readonly #parts: SearchParts

  constructor(parts: SearchParts) {
    this.#parts = parts
  }

  /**
   * Entries in order while they arrive. Nothing is created, so names that a fetch would refuse come too, each with a
   * warning.
   *
   * @throws ShoalError as `parseLink` and `listEntries`, ERR_NO_PROVIDER, ERR_CONTENT_GONE; the signal's reason on abort
   */
  async *list(text: string, options: ListOptions = {}): AsyncGenerator<ListEntry> {
    await using open = openLink(this.#parts, text, options)
    const { link, reader, signal } = open
    const { workers } = this.#parts
    const path = joinPath(link, options.path)
    for await (const entry of listEntries({ link, path, reader, workers })) {
      signal.throwIfAborted()
      const verdict = judgePath(entry.path)
      if (verdict.verdict === 'unsafe') options.onEvent?.(unsafe(entry.path, verdict.reason))
      yield { path: entry.path, bytes: entry.size, kind: entry.kind, mtime: entry.mtimeMs ?? null }
    }
  }

  /**
   * What stands at a path, or the whole share.
   *
   * @throws ShoalError as `list`
   */
  async stat(text: string, options: StatOptions = {}): Promise<ContentStat> {
    await using open = openLink(this.#parts, text, options)
    const { link, reader } = open
    const path = joinPath(link, options.path)
    const facts = await factsOfContent({ link, path, reader, workers: this.#parts.workers })
    return { root: link.root.toString(), path, ...facts, sealed: link.key !== undefined }
  }
}

function unsafe(path: string, reason: string): WarningEvent {
  const shown = escapeForDisplay(path.length > MAX_SHOWN ? `${path.slice(0, MAX_SHOWN)}...` : path)
  return {
    type: 'warning',
    code: 'WARN_UNSAFE_NAME',
    message: `a fetch would refuse the name ${shown}: ${reason}`,
  }
}
