/** Listings: finds a provider of what a link names and tells what is in it, without fetching it. */
import { parseLink } from '../content/link.ts'
import { judgePath } from '../content/name-verdict.ts'
import { ShoalError } from '../errors.ts'
import type { EntryEvent, WarningEvent } from '../events.ts'
import type { BlockSink } from '../store/block-sink.ts'
import type { BlockWorkers } from '../store/block-workers.ts'
import { escapeForDisplay } from '../util/display.ts'
import type { Seams } from '../util/seams.ts'
import { dialProvider, type ProviderDial } from './dial-provider.ts'
import { DEFAULT_WAIT_MS } from './fetch-service.ts'
import type { TransferLimits } from './limits.ts'
import { listEntries, normalPath } from './listing.ts'
import type { PlanReader } from './plan-reader.ts'
import { ProviderSearch } from './provider-search.ts'
import type { Requester } from './requester.ts'
import { Scheduler } from './scheduler.ts'

/** Characters of an unsafe path that a warning repeats. */
const MAX_SHOWN = 120

export interface ListOptions {
  /**
   * What to list, relative to the share's own folder: of a folder what lies below it, of a file the file itself. A path
   * in the link stands before it. @defaultValue everything
   */
  path?: string
  /** How long a provider is looked for, in milliseconds; 0 = for ever. @defaultValue 30_000 */
  waitMs?: number
  /** Multiaddrs with peer ids to ask besides those in the link and those of the node. @defaultValue [] */
  peers?: readonly string[]
  /** Told of each name that a fetch would refuse, before its entry comes. */
  onEvent?: (event: WarningEvent) => void
  /** Ends the listing. */
  signal?: AbortSignal
}

export type ListEntry = Omit<EntryEvent, 'type'>

export interface ListServiceInit extends ProviderDial {
  readonly workers: BlockWorkers
  readonly seams: Seams
  readonly limits: TransferLimits
}

export class ListService {
  readonly #init: ListServiceInit

  constructor(init: ListServiceInit) {
    this.#init = init
  }

  /**
   * Entries in order while they arrive. Nothing is created, so names that a fetch would refuse come too, each with a
   * warning.
   *
   * @throws ShoalError as `parseLink` and `listEntries`, ERR_NO_PROVIDER, ERR_CONTENT_GONE; the signal's reason on abort
   */
  async *list(text: string, options: ListOptions = {}): AsyncGenerator<ListEntry> {
    const link = parseLink(text)
    const { workers } = this.#init
    // One of its own: a signal that lives long would keep a listener of each listing.
    const signal = AbortSignal.any(options.signal === undefined ? [] : [options.signal])
    const search = new ProviderSearch({
      ...this.#init,
      link,
      connect: (aborted) => dialProvider(this.#init, link, options.peers ?? [], aborted),
      waitMs: options.waitMs ?? DEFAULT_WAIT_MS,
      signal,
    })
    const path = normalPath(`${link.path ?? ''}/${options.path ?? ''}`)
    try {
      for await (const entry of listEntries({ link, path, reader: this.#reader(search), workers })) {
        signal.throwIfAborted()
        const verdict = judgePath(entry.path)
        if (verdict.verdict === 'unsafe') options.onEvent?.(unsafe(entry.path, verdict.reason))
        yield { path: entry.path, bytes: entry.size, kind: entry.kind, mtime: entry.mtimeMs ?? null }
      }
    } finally {
      await search.close()
    }
  }

  /** Each question is asked again by itself when the connection breaks: what was yielded must not come twice. */
  #reader(search: ProviderSearch): PlanReader {
    return {
      getNodes: async (cids) => {
        const nodes = await search.run((requester) => requester.getNodes(cids))
        search.progressed()
        return nodes
      },
      getBlocks: (sink, blocks) => search.run((requester) => this.#getInto(search, requester, sink, blocks)),
    }
  }

  async #getInto(
    search: ProviderSearch,
    requester: Requester,
    sink: BlockSink,
    needed: readonly number[],
  ): Promise<void> {
    const { limits, seams } = this.#init
    const scheduler = new Scheduler({ sink, needed, limits, seams, onVerified: () => search.progressed() })
    void scheduler.addPeer(requester).then((error) => {
      scheduler.fail(error ?? new ShoalError('ERR_PROTOCOL', 'the other device ended the session'))
    })
    await scheduler.done
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
