/** Builds what goes on by itself in a node, and the control API that steers it. No logic of its own. */
import { join } from 'node:path'
import type { Bandwidth } from './control/bandwidth/bandwidth.ts'
import { liveConfig } from './control/config/live-config.ts'
import type { NodeChanges } from './control/events/node-changes.ts'
import { JobStore, jobThread } from './control/jobs/job-store.ts'
import { Jobs } from './control/jobs/jobs.ts'
import { Exposition } from './control/observe/exposition.ts'
import type { NodeWatch } from './control/observe/node-watch.ts'
import { ScrubRounds } from './control/scrub/scrub-rounds.ts'
import { startControlServer } from './control/server.ts'
import { controlTarget } from './control/target.ts'
import { Uploads } from './control/uploads/uploads.ts'
import type { WarningEvent } from './events.ts'
import { nodeFacts, type NodeFactsInit } from './node-facts.ts'
import type { Parts } from './node-parts.ts'
import { openQuota } from './node-quota.ts'
import type { ResolvedNodeOptions } from './options.ts'
import type { RunningNode } from './running-node.ts'
import type { Disk } from './store/disk.ts'
import { saveToken, type HomePaths } from './store/home.ts'
import type { Ledger } from './store/quota/ledger.ts'
import { FIRST_LOOK_MS } from './store/quota/limits.ts'
import type { ShareStore } from './store/share-store.ts'
import type { ScrubService } from './transfer/scrub-service.ts'
import type { UploadService } from './transfer/serving/upload-service.ts'
import type { ShareService } from './transfer/share-service.ts'
import type { Seams } from './util/seams.ts'

const TOKEN_BYTES = 32

export interface NodeControlInit {
  readonly node: RunningNode
  readonly options: ResolvedNodeOptions
  readonly paths: HomePaths
  readonly seams: Seams
  readonly disk: Disk
  readonly platform: 'posix' | 'win32'
  /** What is made here is added to them. */
  readonly parts: Parts
  readonly ledger: Ledger
  readonly store: ShareStore
  readonly shares: ShareService
  /** Who is served. */
  readonly serving: UploadService
  readonly scrubs: ScrubService
  readonly bandwidth: Bandwidth
  readonly changes: NodeChanges
  readonly observer: NodeWatch
  readonly notice: (warning: WarningEvent) => void
  /** What metrics are read from, besides. */
  readonly facts: Omit<NodeFactsInit, 'watch' | 'shares' | 'jobs' | 'paths' | 'clock'>
}

/**
 * Returns what begins what goes on by itself, once the node has started.
 *
 * @throws ShoalError ERR_HOME_INVALID, ERR_LISTEN, ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION
 */
export async function openControl(init: NodeControlInit): Promise<() => void> {
  const { node, options, paths, seams, disk, platform, parts, shares, bandwidth, changes, observer, notice } =
    init
  const { ledger, store, serving } = init
  const { home, onStopRequest } = options
  const isBackground = onStopRequest !== undefined
  const jobs = new Jobs({
    node,
    store: new JobStore({ home, thread: jobThread(), onWarning: notice }),
    seams,
    bandwidth,
    isBackground,
    onWarning: notice,
    onFetch: (state) => changes.onFetch(state),
    onFetchForgotten: (id) => changes.onFetchForgotten(id),
  })
  parts.jobs = jobs
  const rounds = new ScrubRounds({
    scrubs: init.scrubs,
    file: join(home, 'scrub.json'),
    disk,
    seams,
    onWarning: notice,
  })
  parts.rounds = rounds
  const uploads = new Uploads({
    folder: paths.uploads,
    disk,
    ledger,
    seams,
    platform,
    isShared: async (root) => (await shares.shareOf(root)) !== undefined,
    hasShares: async (unit) => (await store.ofUnit(unit)).length > 0,
  })
  openQuota({ ledger, store, shares, serving, uploads, jobs, changes, notice, clock: seams.clock })
  // Not waited for: whoever starts a node wants to use it.
  uploads.clear().catch(() => {})
  const facts = { ...init.facts, watch: observer, shares, jobs, paths, clock: seams.clock }
  const token = Buffer.from(seams.random.bytes(TOKEN_BYTES)).toString('base64url')
  await saveToken(paths, token)
  parts.control = await startControlServer({
    socket: paths.socket,
    home,
    seams,
    token,
    target: controlTarget({
      node,
      config: liveConfig(home, disk, bandwidth, (bytes) => node.setQuota(bytes)),
      jobs,
      changes,
      uploads,
      exposition: new Exposition(nodeFacts(facts)),
      onStopRequest,
    }),
    requests: observer.requests,
    tcp: options.apiTcp,
  })
  return () => {
    bandwidth.start()
    if (!isBackground) return
    void jobs.start()
    rounds.start()
    // Off the start, which nothing is counted in; what fails is found out anew by the next who writes.
    const look = seams.timers.set(() => void ledger.enforce().catch(() => {}), FIRST_LOOK_MS)
    parts.look = { stop: () => seams.timers.clear(look) }
  }
}
