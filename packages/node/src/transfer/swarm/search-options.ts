/** What every operation that asks providers for something is told and made of. */
import type { CID } from 'multiformats/cid'
import { providerDigest } from '../../content/cid.ts'
import { parseLink, type Link } from '../../content/link.ts'
import type { BlockWorkers } from '../../store/block-workers.ts'
import type { Barred } from '../../network/barred-peers.ts'
import type { Seams } from '../../util/seams.ts'
import { leadSources, type LeadParts } from './lead.ts'
import type { TransferLimits } from '../limits.ts'
import type { TransferCounts } from '../transfer-counts.ts'
import type { PeerExchange } from './peer-exchange.ts'
import type { PeerRecords } from './peer-record.ts'
import { ProviderReader } from './provider-reader.ts'
import { ProviderSearch } from './provider-search.ts'
import type { ProviderSearchInit } from './provider-search-init.ts'
import type { Weight } from '../rates/priority.ts'
import type { RateLimits } from '../rates/rate-limits.ts'
import type { Session } from '../wire/session.ts'
import type { SourceReport } from './source-report.ts'

/** How long a provider is looked for when nothing else is said, in milliseconds. */
export const DEFAULT_WAIT_MS = 30_000

/** How those who have something are looked for. */
export interface SearchOptions {
  /**
   * How long a provider is looked for, in milliseconds; 0 = for ever. It begins anew with whatever comes: who has nothing of
   * what is missing is no provider. @defaultValue 30_000
   */
  waitMs?: number
  /** Multiaddrs with peer ids to ask besides those in the link and those of the node. @defaultValue [] */
  peers?: readonly string[]
  /** Most that is received for this, in bytes per second; 0 = no limit (docs/limits.md). @defaultValue 0 */
  down?: number
  /**
   * Most that is sent of this content, in bytes per second; 0 = no limit. A share of the same content that may send more
   * stands above it. @defaultValue none of its own
   */
  up?: number
  /** Ends the operation. */
  signal?: AbortSignal
}

/** What a search for providers is told and tells of the swarms that this node takes part in. */
export interface SwarmParts {
  /** Peers that failed, for all operations together. @defaultValue remembered for each search alone */
  readonly records?: PeerRecords
  /** Peers that lied. @defaultValue left alone by each search alone, for a while */
  readonly barred?: Barred
  /** @defaultValue nobody tells of others */
  readonly exchange?: PeerExchange
  /** Calls back with each session for a root that a peer opens. @defaultValue they are not asked for anything */
  readonly sessionsOf?: (root: CID, callback: (session: Session) => void) => () => void
  /** Told of each session that an operation opened. */
  readonly onSession?: (session: Session) => void
  /** Takes over a session of an operation that is over, if the peer still needs it. @defaultValue all of them end */
  readonly keep?: (session: Session) => boolean
}

/** What a service that asks providers works with. */
export interface SearchParts extends LeadParts, SwarmParts {
  readonly workers: BlockWorkers
  readonly seams: Seams
  readonly limits: TransferLimits
  /** Absent: nothing is limited. */
  readonly rates?: RateLimits
  /** Counts what is transferred. @defaultValue nobody does */
  readonly counts?: TransferCounts
  /** Counts what came of asking each source. */
  readonly metrics: SourceReport
}

/** What `lookingFor` knows of a search. */
export type LookingFor = Pick<
  ProviderSearchInit,
  | 'sources'
  | 'onReport'
  | 'onMet'
  | 'onDeclined'
  | 'records'
  | 'barred'
  | 'heard'
  | 'incoming'
  | 'onSession'
  | 'keep'
>

/** A link, and the way to those who have what it names. */
export interface OpenLink extends AsyncDisposable {
  readonly link: Link
  readonly reader: ProviderReader
  /** Aborts when the caller ends the operation; no other listens to it. */
  readonly signal: AbortSignal
}

/**
 * @param maxSessions at once: for a few nodes and pages one is as good as many, and costs others less
 * @throws ShoalError as `parseLink`
 */
export function openLink(
  parts: SearchParts,
  text: string,
  options: SearchOptions,
  maxSessions = 1,
): OpenLink {
  const link = parseLink(text)
  const unlimit = limitWork(parts, link, options)
  // One of its own: a signal that lives long would keep a listener of each operation.
  const signal = AbortSignal.any(options.signal === undefined ? [] : [options.signal])
  const search = new ProviderSearch({
    ...parts,
    ...lookingFor(parts, link, options.peers ?? []),
    link,
    waitMs: options.waitMs ?? DEFAULT_WAIT_MS,
    maxSessions,
    signal,
  })
  const reader = new ProviderReader({
    search,
    counts: parts.counts,
    seams: parts.seams,
    limits: parts.limits,
    allowance: parts.rates?.allowance(link.root.toString()),
  })
  return {
    link,
    reader,
    signal,
    [Symbol.asyncDispose]: async () => {
      await search.close()
      unlimit()
    },
  }
}

/** Limits what is done for a link, until what it returns is called. */
export function limitWork(
  { rates }: Pick<SearchParts, 'rates'>,
  { root }: Link,
  { up, down = 0 }: SearchOptions,
  weight?: Weight,
): () => void {
  return rates?.add(root.toString(), { up, down, weight }) ?? (() => {})
}

/** How a search finds those who have what a link names, and who is told what came of it. It is to be closed. */
export function lookingFor(
  parts: LeadParts & SwarmParts & Pick<SearchParts, 'metrics'>,
  link: Link,
  peers: readonly string[],
): LookingFor {
  const digest = providerDigest(link.root)
  const { records, barred, sessionsOf, onSession, keep } = parts
  const heard = parts.exchange?.listen(link.root)
  const more = heard === undefined ? [] : [heard]
  return {
    ...(records === undefined ? {} : { records }),
    ...(barred === undefined ? {} : { barred }),
    ...(heard === undefined ? {} : { heard }),
    ...(onSession === undefined ? {} : { onSession }),
    ...(keep === undefined ? {} : { keep }),
    ...(sessionsOf === undefined
      ? {}
      : { incoming: (callback: (session: Session) => void) => sessionsOf(link.root, callback) }),
    sources: () => leadSources(parts, link, peers, more),
    onReport: (report) => parts.metrics.add(report),
    onMet: (peer) => parts.discovery.met(peer, digest),
    onDeclined: (peer) => parts.discovery.lacked(peer, digest),
  }
}
