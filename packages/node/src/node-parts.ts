/** The modules of a node that have to be stopped. */
import type { ControlServer } from './control/server.ts'
import type { Jobs } from './control/jobs/jobs.ts'
import type { BarredPeers } from './network/barred-peers.ts'
import type { Host } from './network/host.ts'
import type { BlockWorkers } from './store/block-workers.ts'
import type { FolderLock } from './store/home-lock.ts'
import type { ShareStore } from './store/share-store.ts'
import type { ShareService } from './transfer/share-service.ts'
import type { UploadService } from './transfer/serving/upload-service.ts'

/** What was started so far, in the order in which it is stopped. */
export interface Parts {
  control?: ControlServer
  jobs?: Jobs
  uploads?: UploadService
  host?: Host
  workers?: BlockWorkers
  shares?: ShareService
  store?: ShareStore
  barred?: BarredPeers
  readonly lock: FolderLock
}

/** Stops them all. A fault of one keeps none of the others running. */
export async function stopParts(parts: Parts): Promise<void> {
  const failures: unknown[] = []
  const steps: (() => Promise<void> | void | undefined)[] = [
    () => parts.control?.stop(),
    () => parts.jobs?.stop(),
    () => parts.uploads?.stop(),
    () => parts.host?.stop(),
    () => parts.workers?.close(),
    () => parts.shares?.settle(),
    () => parts.barred?.close(),
    () => parts.store?.close(),
    () => parts.lock.release(),
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
