/** What a queue of fetches is made of. */
import type { FetchStateEvent } from '../../events.ts'
import type { FetchOptions, FetchResult } from '../../transfer/fetch-service.ts'
import type { Seams } from '../../util/seams.ts'
import type { Wait } from '../bandwidth/bandwidth.ts'
import type { FetchJob } from './job.ts'

export interface FetchQueueInit {
  readonly fetch: (link: string, options: FetchOptions) => Promise<FetchResult>
  readonly store: {
    /** When it resolves the job is on the disk. */
    save: (job: FetchJob) => Promise<void>
    remove: (id: string) => Promise<void>
  }
  /** Told how a fetch stands, whenever that is another. */
  readonly onState?: (state: FetchStateEvent) => void
  /** Told of one that ended so long ago that it is forgotten, by its id. */
  readonly onForgotten?: (id: string) => void
  /** Takes over serving what was fetched to be served on. */
  readonly onSeed: (job: FetchJob) => Promise<void>
  /** Why what runs does not come faster, if the user wants it so. @defaultValue nobody says it */
  readonly slowedBy?: (root: string) => Wait | undefined
  readonly seams: Pick<Seams, 'clock' | 'timers'>
}
