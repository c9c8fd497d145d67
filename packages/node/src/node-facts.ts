/** The parts of a node, as its metrics are read from them. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Jobs } from './control/jobs/jobs.ts'
import type { MeasuredWorkers } from './control/observe/measured-workers.ts'
import type { NodeFacts } from './control/observe/node-facts.ts'
import type { NodeWatch } from './control/observe/node-watch.ts'
import type { Host } from './network/host.ts'
import type { HomePaths } from './store/home.ts'
import type { RateLimits } from './transfer/rates/rate-limits.ts'
import type { ShareRegistry } from './transfer/serving/share-registry.ts'
import type { ShareService } from './transfer/share-service.ts'
import type { SourceReport } from './transfer/swarm/source-report.ts'
import type { SessionTable } from './transfer/wire/session-table.ts'
import type { Clock } from './util/seams.ts'

export interface NodeFactsInit {
  readonly watch: NodeWatch
  readonly host: Host
  readonly workers: MeasuredWorkers
  readonly metrics: SourceReport
  readonly table: SessionTable
  readonly shares: ShareService
  readonly registry: ShareRegistry
  readonly jobs: Jobs
  readonly rates: RateLimits
  readonly paths: HomePaths
  readonly clock: Clock
}

export function nodeFacts(init: NodeFactsInit): NodeFacts {
  const { watch, host, workers, metrics, table, shares, registry, jobs, rates, paths, clock } = init
  const startedMs = clock.monotonic()
  const files = { jobs: join(paths.home, 'jobs.db'), shares: paths.indexFile }
  return {
    transfers: watch.transfers,
    workers,
    requests: watch.requests.counts,
    operations: watch.operations.counts,
    sources: () => metrics.tallies,
    sessions: () => table.sizes,
    shares: () => shares.sizes,
    served: () => registry.size,
    peers: () => host.connectedPeers().length,
    gate: () => host.gateStats(),
    discovery: () => host.discovery.status(),
    announcements: () => host.discovery.announcements,
    // What else there is to tell is told where the database cannot be read.
    fetches: () => jobs.list().catch(() => []),
    databases: () => sizesOf(files),
    limits: () => rates.current,
    uptime: () => (clock.monotonic() - startedMs) / 1_000,
    loopDelay: () => watch.loopDelay.read(),
  }
}

/** Of each database that is there, and of its log. */
async function sizesOf(files: Readonly<Record<string, string>>): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {}
  for (const [name, file] of Object.entries(files)) {
    for (const [label, path] of [
      [name, file],
      [`${name}_log`, `${file}-wal`],
    ] as const) {
      const facts = await stat(path).catch(() => undefined)
      if (facts !== undefined) sizes[label] = facts.size
    }
  }
  return sizes
}
