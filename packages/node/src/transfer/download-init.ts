/** What a fetch is made of. */
import type { Glob } from '../content/glob.ts'
import type { Link } from '../content/link.ts'
import type { PathRules } from '../content/safe-path.ts'
import type { BlockWorkers } from '../store/block-workers.ts'
import type { ContentSource } from '../store/content-source.ts'
import type { Disk } from '../store/disk.ts'
import type { StagingRecords } from '../store/staging-log.ts'
import type { Seams } from '../util/seams.ts'
import type { DownloadEvent, Fetched } from './download-events.ts'
import type { FileEvent } from '../events.ts'
import type { TransferLimits } from './limits.ts'
import type { TransferCounts } from './transfer-counts.ts'
import type { Weight } from './rates/priority.ts'
import type { RateLimits } from './rates/rate-limits.ts'
import type { LookingFor } from './swarm/search-options.ts'
import type { FetchServing } from './serving/served-fetch.ts'
import type { RunningFetch } from './watching/running-fetch.ts'

export interface DownloadInit extends LookingFor {
  readonly link: Link
  /** The folder that will hold the result. */
  readonly directory: string
  /** Bring only what matches one of these; everything when there is none. */
  readonly only: readonly Glob[]
  /** Replace files of the destination that differ. */
  readonly overwrite: boolean
  readonly disk: Disk
  /** Told what becomes of the staging folder. */
  readonly stagings: StagingRecords
  readonly workers: BlockWorkers
  readonly seams: Seams
  readonly limits: TransferLimits
  readonly counts?: TransferCounts
  /** Absent: nothing is limited. */
  readonly rates?: RateLimits
  /** Its part beside others. @defaultValue as of everything */
  readonly weight?: Weight
  readonly platform: PathRules['platform']
  /** How long a first, or after a break another, provider is looked for, in milliseconds. 0 = for ever. */
  readonly waitMs: number
  readonly signal: AbortSignal
  readonly onEvent?: (event: DownloadEvent) => void
  /** Told where to look at this while it runs. @defaultValue nobody looks */
  readonly watch?: Pick<RunningFetch, 'enter' | 'follow' | 'gets' | 'asks'>
  /** Told of each file when it is whole; the next when what it returns resolves. It does not throw. */
  readonly onFile?: ((event: FileEvent) => void | Promise<void>) | undefined
  /** Serves others while this runs. @defaultValue nobody is served */
  readonly serving?: FetchServing
  /** Goes on serving what now stands in its place, before this ends. @defaultValue nobody does */
  readonly seed?: (fetched: Fetched) => Promise<ContentSource>
}
