/** Says to the ledger of a node what there is to count and what may go. No logic of its own. */
import type { NodeChanges } from './control/events/node-changes.ts'
import type { Jobs } from './control/jobs/jobs.ts'
import type { Uploads } from './control/uploads/uploads.ts'
import type { WarningEvent } from './events.ts'
import type { Ledger } from './store/quota/ledger.ts'
import type { ShareStore } from './store/share-store.ts'
import { KeptShares } from './transfer/kept-shares.ts'
import type { UploadService } from './transfer/serving/upload-service.ts'
import type { ShareService } from './transfer/share-service.ts'
import { UseNotes } from './transfer/use-notes.ts'
import type { Clock } from './util/seams.ts'

export interface NodeQuotaInit {
  readonly ledger: Ledger
  readonly store: ShareStore
  readonly shares: ShareService
  /** Who is served. */
  readonly serving: UploadService
  /** What clients hand in. */
  readonly uploads: Uploads
  readonly jobs: Jobs
  readonly changes: NodeChanges
  readonly notice: (warning: WarningEvent) => void
  readonly clock: Clock
}

export function openQuota(init: NodeQuotaInit): void {
  const { ledger, store, shares, serving, uploads, jobs, changes, notice, clock } = init
  const kept = new KeptShares({
    ...shares.inUse,
    store,
    ledger,
    uploads,
    peersOf: (root) => serving.peersOf(root),
    keptUp: () => jobs.keptUp(),
    onEvict: (root, stage) => changes.onEvict(root, stage),
    onWarning: notice,
  })
  ledger.use({ counted: [store.inputs, uploads], evictors: [uploads, kept] })
  const uses = new UseNotes({ clock, note: (root) => store.noteUse(root) })
  serving.onServed((root) => uses.used(root))
}
