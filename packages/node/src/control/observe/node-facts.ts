/** What metrics are read from: the parts of a node as they are, none of which is changed by that. */
import type { DiscoveryStatus, FetchStateEvent, FoundBy } from '../../events.ts'
import type { GateStats } from '../../network/gate/gate.ts'
import type { SourceTally } from '../../transfer/swarm/source-report.ts'
import type { TransferCounts } from '../../transfer/transfer-counts.ts'
import type { LoopDelays } from './loop-delay.ts'
import type { MeasuredWorkers } from './measured-workers.ts'
import type { OperationCounts } from './operation-counts.ts'
import type { RequestCounts } from './request-counts.ts'

export interface NodeFacts {
  readonly transfers: TransferCounts
  readonly workers: Pick<MeasuredWorkers, 'pending' | 'times'>
  readonly requests: Pick<RequestCounts, 'all'>
  readonly operations: Pick<OperationCounts, 'all'>
  readonly sources: () => ReadonlyMap<FoundBy, SourceTally>
  readonly sessions: () => { readonly ours: number; readonly theirs: number }
  readonly shares: () => { readonly serving: number; readonly stale: number }
  /** Roots that others are given, whole or in part. */
  readonly served: () => number
  readonly peers: () => number
  readonly gate: () => GateStats | undefined
  readonly discovery: () => Pick<DiscoveryStatus, 'dht' | 'lan'>
  readonly announcements: () => { readonly taken: number; readonly failed: number } | undefined
  /** Fetches of the background. */
  readonly fetches: () => Promise<readonly FetchStateEvent[]>
  /** Bytes of the databases of the home that are there. */
  readonly databases: () => Promise<Readonly<Record<string, number>>>
  readonly limits: () => { readonly up: number; readonly down: number }
  /** Seconds. */
  readonly uptime: () => number
  readonly loopDelay: () => LoopDelays
}
