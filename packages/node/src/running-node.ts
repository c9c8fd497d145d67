/** The facade: hands each operation, once its options are checked, to the module that does it. */
import type { Doctor, DoctorOptions } from './control/doctor/doctor.ts'
import type { Finding } from './control/doctor/finding.ts'
import type { Bandwidth } from './control/bandwidth/bandwidth.ts'
import type { PeerEvent, SourcesEvent, StatusEvent } from './events.ts'
import type { Host } from './network/host.ts'
import type { LoopWatchdog } from './network/loop-watchdog.ts'
import { stopParts, type Parts } from './node-parts.ts'
import { nodeStatus } from './node-status.ts'
import type { OperationRuns } from './operation-runs.ts'
import type { ResolvedNodeOptions } from './options.ts'
import type { RunningSpaces } from './running-spaces.ts'
import type { ShoalNode } from './shoal-node.ts'
import type { HomePaths } from './store/home.ts'
import type { Ledger } from './store/quota/ledger.ts'
import type { StorageStatus } from './store/quota/parts.ts'
import type { FetchOptions, FetchResult, FetchService } from './transfer/fetch-service.ts'
import type { InputService, ShareInputOptions } from './transfer/input-service.ts'
import type { KnownShare, ListSharesOptions, UnshareOptions } from './transfer/known-share.ts'
import type {
  ContentStat,
  ListEntry,
  ListOptions,
  ListService,
  StatOptions,
} from './transfer/list-service.ts'
import type { ReadOptions, ReadService } from './transfer/read-service.ts'
import type { Limits, RateLimits } from './transfer/rates/rate-limits.ts'
import type { ScrubOptions, ScrubResult, ScrubService } from './transfer/scrub-service.ts'
import type { ServeOptions, Share, ShareOptions } from './transfer/share-options.ts'
import type { ShareService } from './transfer/share-service.ts'
import type { SourceReport } from './transfer/swarm/source-report.ts'
import type { VerifyOptions, VerifyResult, VerifyService } from './transfer/verify-service.ts'
import { checkKind, checkOptions, type OptionKinds } from './util/option-kinds.ts'
import { parseSchedule } from './util/schedule/schedule-text.ts'
import type { Clock } from './util/seams.ts'

export interface RunningNodeInit {
  readonly host: Host
  readonly options: ResolvedNodeOptions
  readonly paths: HomePaths
  readonly shares: ShareService
  readonly inputs: InputService
  readonly fetches: FetchService
  readonly lists: ListService
  readonly reads: ReadService
  readonly verifies: VerifyService
  readonly scrubs: ScrubService
  readonly spaces: RunningSpaces
  readonly runs: OperationRuns
  readonly doctor: Doctor
  readonly metrics: SourceReport
  readonly rates: RateLimits
  readonly ledger: Ledger
  readonly bandwidth: Bandwidth
  readonly clock: Clock
  readonly watchdog: LoopWatchdog
  readonly parts: Parts
  /** What is cleared away beside the start. */
  readonly clearing: Promise<void>
}

const LIMITS = { up: 'rate', down: 'rate' } as const satisfies OptionKinds<Partial<Limits>>

export class RunningNode implements ShoalNode {
  readonly spaces: RunningSpaces
  readonly #host: Host
  readonly #options: ResolvedNodeOptions
  readonly #paths: HomePaths
  readonly #shares: ShareService
  readonly #inputs: InputService
  readonly #fetches: FetchService
  readonly #lists: ListService
  readonly #reads: ReadService
  readonly #verifies: VerifyService
  readonly #scrubs: ScrubService
  readonly #runs: OperationRuns
  readonly #doctor: Doctor
  readonly #metrics: SourceReport
  readonly #rates: RateLimits
  readonly #ledger: Ledger
  readonly #bandwidth: Bandwidth
  readonly #clock: Clock
  readonly #watchdog: LoopWatchdog
  readonly #startedMs: number
  readonly #parts: Parts
  #stopped: Promise<void> | undefined

  constructor(init: RunningNodeInit) {
    this.#host = init.host
    this.#options = init.options
    this.#paths = init.paths
    this.#shares = init.shares
    this.#inputs = init.inputs
    this.#fetches = init.fetches
    this.#lists = init.lists
    this.#reads = init.reads
    this.#verifies = init.verifies
    this.#scrubs = init.scrubs
    this.spaces = init.spaces
    this.#runs = init.runs
    this.#doctor = init.doctor
    this.#metrics = init.metrics
    this.#rates = init.rates
    this.#ledger = init.ledger
    this.#bandwidth = init.bandwidth
    this.#clock = init.clock
    this.#watchdog = init.watchdog
    this.#startedMs = init.clock.monotonic()
    this.#parts = init.parts
    void this.#runs.track(init.clearing)
  }

  get peerId(): string {
    return this.#host.peerId
  }

  addresses(): string[] {
    return this.#host.addresses()
  }

  status(): StatusEvent {
    return nodeStatus({
      host: this.#host,
      options: this.#options,
      paths: this.#paths,
      metrics: this.#metrics,
      limits: this.#rates.current,
      bandwidth: this.#bandwidth.status,
      loop: this.#watchdog.status,
      uptime: (this.#clock.monotonic() - this.#startedMs) / 1_000,
      api: this.#parts.control?.api ?? null,
      content: this.#parts.control?.content ?? null,
    })
  }

  setLimits(limits: Partial<Limits>): void {
    checkOptions(limits, LIMITS)
    this.#bandwidth.setLimits(limits)
  }

  setSchedule(schedule: readonly string[]): void {
    checkKind('schedule', schedule, 'texts')
    this.#bandwidth.setSchedule(parseSchedule(schedule))
  }

  async setQuota(bytes: number): Promise<boolean> {
    checkKind('quota', bytes, 'size')
    return this.#runs.track(this.#ledger.setQuota(bytes))
  }

  async storage(): Promise<StorageStatus> {
    this.#runs.stopping.throwIfAborted()
    return this.#runs.track(this.#ledger.status())
  }

  async setPinned(root: string, isPinned: boolean): Promise<KnownShare[]> {
    checkKind('root', root, 'text')
    checkKind('isPinned', isPinned, 'flag')
    this.#runs.stopping.throwIfAborted()
    return this.#runs.track(this.#shares.setPinned(root, isPinned))
  }

  async share(paths: string | readonly string[], options: ShareOptions = {}): Promise<Share> {
    checkKind('paths', paths, typeof paths === 'string' ? 'text' : 'texts')
    return this.#runs.run('share', options, (given) => this.#shares.share(paths, given))
  }

  async shareInput(source: AsyncIterable<Uint8Array>, options: ShareInputOptions = {}): Promise<Share> {
    checkKind('source', source, 'object')
    return this.#runs.run('shareInput', options, (given) => this.#inputs.share(source, given))
  }

  async serve(root: string, options: ServeOptions = {}): Promise<Share> {
    checkKind('root', root, 'text')
    return this.#runs.run('serve', options, (given) => this.#shares.serve(root, given), { root })
  }

  shares(options: ListSharesOptions = {}): AsyncIterableIterator<KnownShare> {
    return this.#shares.list(this.#runs.given('shares', options))
  }

  async unshare(root: string, options: UnshareOptions = {}): Promise<KnownShare[]> {
    checkKind('root', root, 'text')
    return this.#runs.run('unshare', options, (given) => this.#shares.unshare(root, given))
  }

  async fetch(link: string, options: FetchOptions = {}): Promise<FetchResult> {
    checkKind('link', link, 'text')
    return this.#runs.run('fetch', options, (given) => this.#fetches.fetch(link, given), { link })
  }

  sources(root?: string): SourcesEvent[] {
    if (root !== undefined) checkKind('root', root, 'text')
    return this.#fetches.sources(root)
  }

  list(link: string, options: ListOptions = {}): AsyncIterableIterator<ListEntry> {
    checkKind('link', link, 'text')
    return this.#runs.each('list', options, (given) => this.#lists.list(link, given), { link })
  }

  async stat(link: string, options: StatOptions = {}): Promise<ContentStat> {
    checkKind('link', link, 'text')
    return this.#runs.run('stat', options, (given) => this.#lists.stat(link, given), { link })
  }

  read(link: string, options: ReadOptions = {}): AsyncIterableIterator<Uint8Array> {
    checkKind('link', link, 'text')
    return this.#runs.each('read', options, (given) => this.#reads.read(link, given), { link })
  }

  async verify(path: string, link: string, options: VerifyOptions = {}): Promise<VerifyResult> {
    checkKind('path', path, 'text')
    checkKind('link', link, 'text')
    return this.#runs.run('verify', options, (given) => this.#verifies.verify(path, link, given), { link })
  }

  async scrub(options: ScrubOptions = {}): Promise<ScrubResult> {
    return this.#runs.run('scrub', options, (given) => this.#scrubs.scrub(given))
  }

  peers(): Promise<PeerEvent[]> {
    return this.#host.peers()
  }

  doctor(options: DoctorOptions = {}): AsyncIterableIterator<Finding> {
    return this.#doctor.examine(() => this.status(), this.#runs.given('doctor', options))
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #stop(): Promise<void> {
    await this.#runs.stop()
    await stopParts(this.#parts)
  }
}
