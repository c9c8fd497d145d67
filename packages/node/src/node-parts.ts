/** The modules of a node that have to be stopped. */
import type { ControlServer } from './control/server.ts'
import type { Bandwidth } from './control/bandwidth/bandwidth.ts'
import type { Jobs } from './control/jobs/jobs.ts'
import type { ScrubRounds } from './control/scrub/scrub-rounds.ts'
import type { NodeWatch } from './control/observe/node-watch.ts'
import type { BarredPeers } from './network/barred-peers.ts'
import type { Host } from './network/host.ts'
import type { LoopWatchdog } from './network/loop-watchdog.ts'
import type { SpaceService } from './spaces/host/space-service.ts'
import type { BlockWorkers } from './store/block-workers.ts'
import type { FolderLock } from './store/home-lock.ts'
import type { ShareStore } from './store/share-store.ts'
import type { ShareService } from './transfer/share-service.ts'
import type { LiveShare } from './transfer/serving/live-shares.ts'
import type { SourceWatch } from './transfer/source-watch.ts'
import type { UploadService } from './transfer/serving/upload-service.ts'

/** What was started so far, in the order in which it is stopped. */
export interface Parts {
  control?: ControlServer
  rounds?: ScrubRounds
  /** When it is first looked whether too much of the disk is used. */
  look?: { readonly stop: () => void }
  jobs?: Jobs
  spaces?: SpaceService
  bandwidth?: Bandwidth
  watch?: SourceWatch<LiveShare>
  uploads?: UploadService
  watchdog?: LoopWatchdog
  host?: Host
  workers?: BlockWorkers
  shares?: ShareService
  store?: ShareStore
  barred?: BarredPeers
  readonly lock: FolderLock
  observer?: NodeWatch
}

/** Stops them all. A fault of one keeps none of the others running. */
export async function stopParts(parts: Parts): Promise<void> {
  const failures: unknown[] = []
  const steps: (() => Promise<void> | void | undefined)[] = [
    () => parts.observer?.stopping(),
    () => parts.control?.stop(),
    () => parts.look?.stop(),
    () => parts.rounds?.stop(),
    () => parts.jobs?.stop(),
    () => parts.spaces?.stop(),
    () => parts.bandwidth?.stop(),
    () => parts.watch?.stop(),
    () => parts.uploads?.stop(),
    () => parts.watchdog?.stop(),
    () => parts.host?.stop(),
    () => parts.workers?.close(),
    () => parts.shares?.settle(),
    () => parts.barred?.close(),
    () => parts.store?.close(),
    () => parts.lock.release(),
    () => parts.observer?.stopped(failures),
  ]
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'stopping the node')
}
