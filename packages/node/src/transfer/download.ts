/**
 * One fetch from the first connection to the renamed result: connect, open the plan, judge the destination, get
 * the blocks, finish. Connections that break are made anew and go on where the last one ended.
 */
import type { CID } from 'multiformats/cid'
import { DAG_CBOR } from '../content/cid.ts'
import type { Link } from '../content/link.ts'
import { PathJudge, type PathRules } from '../content/safe-path.ts'
import { ShoalError, diskError } from '../errors.ts'
import type { Channel } from '../network/channel.ts'
import type { BlockSink } from '../store/block-sink.ts'
import type { BlockWorkers } from '../store/block-workers.ts'
import type { Disk } from '../store/disk.ts'
import { findHeld } from '../store/held-blocks.ts'
import { Staging } from '../store/staging.ts'
import { escapeForDisplay } from '../util/display.ts'
import type { Seams } from '../util/seams.ts'
import type { FetchPlan } from './fetch-plan.ts'
import type { TransferLimits } from './limits.ts'
import type { PlanReader } from './plan-reader.ts'
import { openPublic } from './public-plan.ts'
import { ProviderSearch } from './provider-search.ts'
import type { Requester } from './requester.ts'
import { Scheduler } from './scheduler.ts'
import { openSealed } from './sealed-plan.ts'

export interface DownloadInit {
  readonly link: Link
  /** The folder that will hold the result. */
  readonly directory: string
  readonly disk: Disk
  readonly workers: BlockWorkers
  readonly seams: Seams
  readonly limits: TransferLimits
  readonly platform: PathRules['platform']
  /** Opens a channel to a provider. Rejects with ERR_NO_PROVIDER while there is none. */
  readonly connect: (signal: AbortSignal) => Promise<Channel>
  /** How long a first, or after a break another, provider is looked for, in milliseconds. 0 = for ever. */
  readonly waitMs: number
  readonly signal: AbortSignal
  readonly onEvent?: (event: DownloadEvent) => void
}

export type DownloadEvent =
  /** A provider answered and proved that it knows the share. */
  | { readonly type: 'connected'; readonly peer: string }
  /** The plan stands: what comes is known. */
  | { readonly type: 'plan'; readonly name: string; readonly bytes: number; readonly files: number }
  /** `bytes`: verified content bytes, on this disk. */
  | { readonly type: 'progress'; readonly bytes: number; readonly total: number; readonly peers: number }
  | { readonly type: 'warning'; readonly code: string; readonly message: string }

export interface DownloadResult {
  readonly path: string
  readonly name: string
  /** Content bytes. */
  readonly bytes: number
  /** Verified payload bytes that came over the network. */
  readonly bytesFetched: number
  /** Content bytes that an interrupted fetch had left here. */
  readonly bytesReused: number
}

export class Download {
  readonly #init: DownloadInit
  readonly #search: ProviderSearch
  #bytesFetched = 0
  /** Something verified lies in the staging folder. */
  #hasContent = false

  constructor(init: DownloadInit) {
    this.#init = init
    this.#search = new ProviderSearch({
      ...init,
      onConnected: (peer) => init.onEvent?.({ type: 'connected', peer }),
    })
  }

  /**
   * Runs to the end. On abort it rejects with the signal's reason. Whatever ends it before, verified parts stay in the
   * staging folder, and the next fetch of the same root into the same folder goes on with them.
   *
   * @throws ShoalError ERR_NO_PROVIDER, ERR_CONTENT_GONE, ERR_WRONG_KEY, ERR_CONTENT_INVALID, ERR_UNSAFE_NAME,
   *   ERR_LIMIT, ERR_DESTINATION_EXISTS, ERR_DISK_FULL, ERR_PERMISSION, ERR_DISK
   */
  async run(): Promise<DownloadResult> {
    try {
      const plan = await this.#search.run((requester) => this.#openPlan(requester))
      const name = this.#judge(plan, await this.#prepareDirectory(plan))
      const files = plan.entries.filter((entry) => entry.kind === 'file').length
      this.#init.onEvent?.({ type: 'plan', name, bytes: plan.bytes, files })
      const staging = await Staging.open({
        disk: this.#init.disk,
        workers: this.#init.workers,
        root: this.#init.link.root,
        directory: this.#init.directory,
        name,
        entries: plan.entries,
      })
      try {
        const bytesReused = await this.#getContent(plan, staging)
        await plan.verifyPadding()
        const path = await staging.finish()
        return { path, name, bytes: plan.bytes, bytesFetched: this.#bytesFetched, bytesReused }
      } catch (error) {
        if (this.#hasContent) staging.keep()
        else await staging.discard().catch(() => {})
        throw error
      }
    } finally {
      await this.#search.close()
    }
  }

  #openPlan(requester: Requester): Promise<FetchPlan> {
    const { link, workers } = this.#init
    const reader: PlanReader = {
      getNodes: (cids) => this.#count(requester.getNodes(cids)),
      getBlocks: (sink, blocks) => this.#getInto(requester, sink, blocks),
    }
    if (link.key !== undefined) return openSealed(link.root, link.key, reader, workers)
    if (link.root.code === DAG_CBOR) {
      throw new ShoalError('ERR_LINK_INCOMPLETE', 'this link is cut off: the key after # is missing')
    }
    return openPublic(link.root, reader, workers)
  }

  async #count(nodes: Promise<Uint8Array[]>): Promise<Uint8Array[]> {
    const got = await nodes
    for (const node of got) this.#bytesFetched += node.byteLength
    this.#search.progressed()
    return got
  }

  async #getInto(requester: Requester, sink: BlockSink, blocks: readonly number[]): Promise<void> {
    const scheduler = this.#scheduler(sink, blocks)
    void scheduler.addPeer(requester).then((error) => {
      scheduler.fail(error ?? new ShoalError('ERR_PROTOCOL', 'the other device ended the session'))
    })
    await scheduler.done
  }

  #scheduler(sink: BlockSink, needed: Iterable<number>, onVerified?: (block: number) => void): Scheduler {
    const { limits, seams } = this.#init
    return new Scheduler({
      sink,
      needed,
      limits,
      seams,
      onVerified: (block, bytes) => {
        this.#bytesFetched += bytes
        this.#search.progressed()
        onVerified?.(block)
      },
    })
  }

  /** Brings every block of the plan to the disk. Returns how many content bytes were there before. */
  async #getContent(plan: FetchPlan, staging: Staging): Promise<number> {
    const sink = plan.sinkFor(staging)
    let bytes = 0
    let peers = 0
    const report = (): void => this.#init.onEvent?.({ type: 'progress', bytes, total: plan.bytes, peers })
    const add = (block: number): void => {
      this.#hasContent = true
      bytes += plan.contentBytes(block)
      report()
    }
    const held = staging.isResumed ? await this.#findHeld(plan, sink, add) : new Set<number>()
    const bytesReused = bytes
    if (staging.isResumed) await this.#refuseTooLarge(plan.bytes - bytesReused)
    await this.#getBlocks(sink, without(plan.needed(), held), add, (connected) => {
      peers = connected
      report()
    })
    for (const [block, here] of plan.here) {
      if (held.has(block)) continue
      await sink.accept(block, here)
      add(block)
    }
    return bytesReused
  }

  async #findHeld(plan: FetchPlan, sink: BlockSink, onHeld: (block: number) => void): Promise<Set<number>> {
    const { signal, workers, directory } = this.#init
    try {
      const blocks = [...plan.here.keys(), ...plan.needed()]
      return await findHeld(sink, blocks, { concurrency: workers.concurrency, signal, onHeld })
    } catch (error) {
      throw diskError(error, `reading ${escapeForDisplay(directory)}`)
    }
  }

  async #getBlocks(
    sink: BlockSink,
    needed: Iterable<number>,
    onVerified: (block: number) => void,
    onPeers: (connected: number) => void,
  ): Promise<void> {
    const scheduler = this.#scheduler(sink, needed, onVerified)
    const report = (): void => onPeers(scheduler.peers)
    const onAbort = (): void => scheduler.fail(this.#init.signal.reason as Error)
    this.#init.signal.addEventListener('abort', onAbort, { once: true })
    try {
      report()
      const feed = this.#feed(scheduler, report)
      feed.catch((error: unknown) => scheduler.fail(error as Error))
      await scheduler.done
    } catch (error) {
      throw diskError(error, `writing to ${escapeForDisplay(this.#init.directory)}`)
    } finally {
      this.#init.signal.removeEventListener('abort', onAbort)
      // A staging folder must not be removed under a thread that still writes into it.
      await scheduler.settled()
    }
  }

  /** Gives the scheduler one provider after the other until it is done. */
  async #feed(scheduler: Scheduler, report: () => void): Promise<void> {
    while (!scheduler.isFinished) {
      await this.#search.run(async (requester) => {
        const left = scheduler.addPeer(requester)
        report()
        const error = await left
        report()
        if (error !== undefined) throw error
      })
    }
  }

  /** The name of the result, judged like every other name of the share before anything is created. */
  #judge(plan: FetchPlan, folding: PathRules['folding']): string {
    const name = plan.name ?? this.#init.link.hints.name ?? defaultName(this.#init.link.root)
    const rules: PathRules = { platform: this.#init.platform, folding }
    const roots = new PathJudge(rules)
    const inside = new PathJudge(rules)
    const warn = (warning: string | undefined): void => {
      if (warning !== undefined) {
        this.#init.onEvent?.({ type: 'warning', code: 'WARN_UNPORTABLE_NAME', message: warning })
      }
    }
    warn(roots.accept(name, plan.kind).warning)
    for (const entry of plan.entries) {
      if (entry.path !== '') warn(inside.accept(entry.path, entry.kind).warning)
    }
    return name
  }

  /** Compares what is still to come with what the disk has left. */
  async #refuseTooLarge(bytes: number): Promise<void> {
    const free = await this.#init.disk.freeBytes(this.#init.directory)
    if (bytes > free) {
      throw new ShoalError('ERR_DISK_FULL', `this needs ${bytes} bytes and the disk has ${free} left`)
    }
  }

  /** Makes the folder for the result, compares sizes, and finds out whether its file system tells names apart that differ in case. */
  async #prepareDirectory(plan: FetchPlan): Promise<PathRules['folding']> {
    const { disk, directory, link } = this.#init
    try {
      await disk.makeFolder(directory)
      // Before anything is made; where parts are here already, once it is known how much is still to come.
      if (!(await Staging.isLeft(disk, directory, link.root))) await this.#refuseTooLarge(plan.bytes)
      return (await disk.foldsNames(directory)) ? 'fold' : 'none'
    } catch (error) {
      throw diskError(error, `writing to ${escapeForDisplay(directory)}`)
    }
  }
}

function* without(blocks: Iterable<number>, held: ReadonlySet<number>): Generator<number> {
  for (const block of blocks) if (!held.has(block)) yield block
}

function defaultName(root: CID): string {
  return root.toString()
}
