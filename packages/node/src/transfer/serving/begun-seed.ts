/** Serving that follows a fetch, as the services hand it on. */
import type { FetchEvent } from '../../events.ts'
import type { ContentSource } from '../../store/content-source.ts'
import type { Holding } from './holding.ts'
import type { ReceiverWatch } from './receiver-watch.ts'
import type { WorkLimits } from '../rates/rate-limits.ts'

/** Serving after a fetch. */
export interface Seed {
  /** Ends serving for this caller. */
  readonly stop: () => Promise<void>
  /** Resolves when it has ended: `stopped`, or `removed` for good. */
  readonly ended: Promise<'stopped' | 'removed'>
}

export interface BegunSeed extends Seed {
  readonly source: ContentSource
  /** Begins to tell what is served. */
  readonly begin: () => void
}

export interface SeedOptions {
  /** Bytes of blocks that were sent of the root before the fetch. */
  readonly sentBefore: number
  readonly onEvent?: (event: FetchEvent) => void
  readonly signal: AbortSignal
  readonly limits: WorkLimits
  /** Who got something of it while it was fetched. */
  readonly watch?: ReceiverWatch | undefined
}

export function begunSeed(source: ContentSource, holding: Holding): BegunSeed {
  const { stop } = holding
  // Nobody counts here to whom it was given.
  const ended = holding.ended.then((how) => (how === 'removed' ? how : 'stopped'))
  return { source, stop, ended, begin: () => holding.begin() }
}
