/** A share and a fetch of it in this process: real store, real threads, real protocol, no network. */
import { resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { compileGlobs } from '../../src/content/glob.ts'
import { parseLink, encodeLink } from '../../src/content/link.ts'
import { memoryChannels } from '../../src/network/memory-channel.ts'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import { systemDisk } from '../../src/store/disk.ts'
import { sourceOf } from '../../src/store/share-plan.ts'
import { makeShare, type MakeShareOptions } from '../../src/store/share-maker.ts'
import type { StagingRecords } from '../../src/store/staging-log.ts'
import { Download } from '../../src/transfer/download.ts'
import type { DownloadEvent, DownloadResult } from '../../src/transfer/download-events.ts'
import { TRANSFER_LIMITS } from '../../src/transfer/limits.ts'
import { ShareRegistry } from '../../src/transfer/serving/share-registry.ts'
import { UploadService } from '../../src/transfer/serving/upload-service.ts'
import { systemSeams } from '../../src/util/system.ts'
import { NOT_RECORDED } from './no-stagings.ts'
import { leadTo } from './leads.ts'

export interface FetchHere {
  readonly only?: readonly string[]
  readonly overwrite?: boolean
  readonly signal?: AbortSignal
  readonly onEvent?: (event: DownloadEvent) => void
  readonly workers?: BlockWorkers
  readonly stagings?: StagingRecords
}

export class InProcess {
  readonly workers = new BlockWorkers({ threads: 2 })
  readonly #registry = new ShareRegistry()
  readonly #uploads = new UploadService({
    registry: this.#registry,
    seams: systemSeams,
    limits: TRANSFER_LIMITS,
  })

  constructor() {
    onTestFinished(() => this.workers.close())
  }

  /** Payload bytes of blocks that were sent of a root. */
  sent(link: string): number {
    return this.#uploads.served(parseLink(link).root.toString()).bytes
  }

  /** Shares a path and returns its link. */
  async share(path: string, options: Partial<MakeShareOptions> = {}): Promise<string> {
    const { workers } = this
    const made = await makeShare({
      paths: [path],
      disk: systemDisk,
      random: systemSeams.random,
      workers,
      ...options,
    })
    this.#registry.add(sourceOf(made.plan, workers))
    return encodeLink({
      root: made.root,
      ...(made.key === undefined ? {} : { key: made.key }),
      hints: { name: made.name, size: made.bytes },
    })
  }

  fetch(link: string, directory: string, options: FetchHere = {}): Promise<DownloadResult> {
    const download = new Download({
      link: parseLink(link),
      directory: resolve(directory),
      only: compileGlobs(options.only ?? [], 'only'),
      overwrite: options.overwrite ?? false,
      disk: systemDisk,
      stagings: options.stagings ?? NOT_RECORDED,
      workers: options.workers ?? this.workers,
      seams: systemSeams,
      limits: TRANSFER_LIMITS,
      platform: 'posix',
      sources: leadTo(async () => {
        const [ours, theirs] = memoryChannels(Uint8Array.of(1), 'provider')
        this.#uploads.accept(theirs)
        return ours
      }),
      // The source is there at once; a millisecond is over sooner on a machine that has much else to do.
      waitMs: 1_000,
      signal: options.signal ?? new AbortController().signal,
      ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
    })
    return download.run()
  }
}
