/** What a download tells while it runs and at its end. */
import type { FoundBy } from '../events.ts'
import type { HeldPlacesInit } from '../store/held-places.ts'
import type { FetchPlan } from './plan/fetch-plan.ts'
import type { FilesFacts } from './fetched-files.ts'
import type { ReceiverWatch } from './serving/receiver-watch.ts'

/** A fetch whose result has its final names. */
export interface Fetched {
  readonly plan: FetchPlan
  /** Of the result. */
  readonly path: string
  readonly places: HeldPlacesInit
  /** Who got something of it while it was fetched. */
  readonly watch: ReceiverWatch | undefined
}

export type DownloadEvent =
  /** A provider answered and proved that it knows the share. */
  | { readonly type: 'connected'; readonly peer: string; readonly source: FoundBy }
  /** Nobody is connected, and these are asked for somebody; `lastSeen`: who left last. */
  | { readonly type: 'asking'; readonly sources: readonly FoundBy[]; readonly lastSeen: string | null }
  /** The plan stands: what comes is known. */
  | {
      readonly type: 'plan'
      readonly name: string
      readonly kind: 'file' | 'folder'
      readonly bytes: number
      readonly files: number
    }
  /** `bytes`: verified content bytes, on this disk; `bytesNew` of them were not here before. */
  | {
      readonly type: 'progress'
      readonly bytes: number
      readonly bytesNew: number
      readonly total: number
      readonly peers: number
      /** What to say of the files at this moment. */
      readonly files: () => FilesFacts
    }
  /** Every block is here and was verified; what is left is to make all of it durable and to give it its name. */
  | { readonly type: 'verified' }
  | { readonly type: 'warning'; readonly code: string; readonly message: string }

export interface DownloadResult {
  readonly path: string
  readonly name: string
  /** Content bytes of what was asked for. */
  readonly bytes: number
  /** Verified payload bytes that came over the network. */
  readonly bytesFetched: number
  /** Content bytes that were here before, in their place or left by an interrupted fetch. */
  readonly bytesReused: number
}
