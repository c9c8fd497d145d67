/** Goes on serving what was fetched: as a share of its own where a record can tell it, else as long as it is asked to. */
import { adoptShare, specOfAdopted } from '../store/adopted-share.ts'
import type { BlockWorkers } from '../store/block-workers.ts'
import type { Disk } from '../store/disk.ts'
import { isPlaced, placedSegments } from '../store/held-places.ts'
import { PartialSource } from '../store/partial-source.ts'
import type { Seams } from '../util/seams.ts'
import { begunSeed, type BegunSeed, type SeedOptions } from './serving/begun-seed.ts'
import type { Fetched } from './download-events.ts'
import { Holding } from './serving/holding.ts'
import type { RateLimits } from './rates/rate-limits.ts'
import type { ShareRegistry } from './serving/share-registry.ts'
import type { ShareService } from './share-service.ts'
import type { UploadService } from './serving/upload-service.ts'

export interface SeedServiceInit {
  readonly shares: Pick<ShareService, 'adopt'>
  readonly registry: ShareRegistry
  readonly uploads: UploadService
  readonly workers: BlockWorkers
  readonly disk: Disk
  readonly rates: RateLimits
  readonly seams: Seams
}

export class SeedService {
  readonly #init: SeedServiceInit

  constructor(init: SeedServiceInit) {
    this.#init = init
  }

  /** Bytes of blocks that were sent of a root so far. */
  sent(root: string): number {
    return this.#init.uploads.served(root).bytes
  }

  /** @throws ShoalError ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION when it cannot be recorded */
  async begin(fetched: Fetched, given: SeedOptions): Promise<BegunSeed> {
    const { plan, path, places, watch } = fetched
    const options = { ...given, watch }
    const adopting = { known: plan.known, places, kind: plan.kind, path, disk: this.#init.disk }
    const made = await adoptShare(adopting)
    if (made !== undefined) return await this.#init.shares.adopt(specOfAdopted(adopting), made, options)
    options.onEvent?.({
      type: 'warning',
      code: 'WARN_SEED_NOT_KEPT',
      message: 'this is served as long as the command runs, and is not among the shares afterwards',
    })
    return this.#servePart(fetched, options)
  }

  #servePart({ plan, places }: Fetched, { onEvent, limits, ...options }: SeedOptions): BegunSeed {
    const { registry, uploads, workers, seams, rates } = this.#init
    const source = new PartialSource({
      known: plan.known,
      blocks: plan.blocks,
      workers,
      isHere: (block) => isPlaced(places, block),
      segmentsOf: (block) => placedSegments(places, block),
    })
    registry.add(source)
    const holding = new Holding({
      ...options,
      source,
      uploads,
      seams,
      onServed: (event) => onEvent?.(event),
      onStop: async () => {
        if (registry.remove(source)) await uploads.stop(source.root.toString())
      },
    })
    const unlimit = rates.add(source.root.toString(), limits)
    void holding.ended.then(unlimit)
    return begunSeed(source, holding)
  }
}
