/** Fetches: finds a provider of what a link names and brings the content to this disk. */
import { resolve } from 'node:path'
import { parseLink } from '../content/link.ts'
import type { PathRules } from '../content/safe-path.ts'
import { ShoalError } from '../errors.ts'
import type { DoneEvent, FetchEvent } from '../events.ts'
import type { BlockWorkers } from '../store/block-workers.ts'
import type { Disk } from '../store/disk.ts'
import { Paced, RateMeter } from '../util/rate.ts'
import type { Seams } from '../util/seams.ts'
import { dialProvider, type ProviderDial } from './dial-provider.ts'
import { Download } from './download.ts'
import type { TransferLimits } from './limits.ts'

/** Between two `progress` events, in milliseconds. */
const PROGRESS_INTERVAL_MS = 250
/** How long a provider is looked for when nothing else is said, in milliseconds. */
export const DEFAULT_WAIT_MS = 30_000

export interface FetchOptions {
  /** The folder that will hold the result. @defaultValue the current one */
  directory?: string
  /** How long a provider is looked for, in milliseconds; 0 = for ever. @defaultValue 30_000 */
  waitMs?: number
  /** Multiaddrs with peer ids to ask besides those in the link and those of the node. @defaultValue [] */
  peers?: readonly string[]
  onEvent?: (event: FetchEvent) => void
  /** Ends the fetch. */
  signal?: AbortSignal
}

export type FetchResult = Omit<DoneEvent, 'type'>

export interface FetchServiceInit extends ProviderDial {
  readonly workers: BlockWorkers
  readonly disk: Disk
  readonly seams: Seams
  readonly limits: TransferLimits
  readonly platform: PathRules['platform']
}

export class FetchService {
  readonly #init: FetchServiceInit

  constructor(init: FetchServiceInit) {
    this.#init = init
  }

  /** @throws ShoalError as `parseLink` and `Download.run`; rejects with the signal's reason on abort */
  async fetch(text: string, options: FetchOptions = {}): Promise<FetchResult> {
    const { seams } = this.#init
    const startedMs = seams.clock.monotonic()
    const elapsed = (): number => (seams.clock.monotonic() - startedMs) / 1_000
    const link = parseLink(text)
    if (link.path !== undefined && link.path !== '') {
      throw new ShoalError('ERR_LINK_MALFORMED', 'a path inside a link cannot be fetched by itself yet', {
        hint: 'Fetch the link without the path.',
      })
    }
    const root = link.root.toString()
    const meter = new RateMeter(seams.clock)
    const progress = new Paced<[number, number, number]>(
      seams,
      PROGRESS_INTERVAL_MS,
      ([bytes, total, peers]) => {
        options.onEvent?.({ type: 'progress', root, bytes, total, rate: meter.rate(bytes), peers })
      },
    )
    let connectedSeconds: number | undefined
    const download = new Download({
      ...this.#init,
      link,
      directory: resolve(options.directory ?? '.'),
      connect: (signal) => dialProvider(this.#init, link, options.peers ?? [], signal),
      waitMs: options.waitMs ?? DEFAULT_WAIT_MS,
      signal: options.signal ?? new AbortController().signal,
      onEvent: (event) => {
        switch (event.type) {
          case 'connected':
            connectedSeconds ??= elapsed()
            return
          case 'plan': {
            const { name, bytes, files } = event
            options.onEvent?.({
              type: 'plan',
              root,
              name,
              bytes,
              files,
              connectedSeconds: connectedSeconds ?? 0,
            })
            return
          }
          case 'progress':
            progress.tell([event.bytes, event.total, event.peers])
            return
          case 'warning':
            options.onEvent?.(event)
        }
      },
    })
    try {
      const { path, bytes, bytesFetched, bytesReused } = await download.run()
      progress.flush()
      const seconds = elapsed()
      const transferSeconds = seconds - (connectedSeconds ?? 0)
      const result = { root, path, bytes, seconds, transferSeconds, bytesFetched, bytesReused }
      options.onEvent?.({ type: 'done', ...result })
      return result
    } finally {
      progress.cancel()
    }
  }
}
