/**
 * One fetch from the first connection to the renamed result: connect, open the plan, judge the destination, get
 * the blocks, finish. Connections that break are made anew and go on where the last one ended.
 */
import { join } from 'node:path'
import { ShoalError, diskError } from '../errors.ts'
import type { BlockSink } from '../store/block-sink.ts'
import { differs, judgeDestination } from '../store/destination.ts'
import type { Fates } from '../store/fate.ts'
import { keptBytes, place as moveIntoPlace } from '../store/placement.ts'
import { StagedContent } from '../store/staged-content.ts'
import { Staging } from '../store/staging.ts'
import { escapeForDisplay } from '../util/display.ts'
import { formatBytes } from '../util/sizes.ts'
import { judgeNames, selectEntries } from './plan/fetch-names.ts'
import type { FetchPlan } from './plan/fetch-plan.ts'
import type { FetchedFiles, FilesFacts } from './fetched-files.ts'
import { FileReport } from './file-report.ts'
import type { DownloadResult } from './download-events.ts'
import { lackingOf, type Lacking } from './swarm/lacking.ts'
import { openPlan } from './plan/open-plan.ts'
import { ProviderReader } from './swarm/provider-reader.ts'
import { ProviderSearch } from './swarm/provider-search.ts'
import { ServedFetch } from './serving/served-fetch.ts'
import type { DownloadInit } from './download-init.ts'

export class Download {
  readonly #init: DownloadInit
  readonly #search: ProviderSearch
  readonly #reader: ProviderReader
  /** What an earlier fetch left has been looked at. */
  #hasLooked = false
  /** What is still to come, once that is known. */
  #lacking: (() => Lacking | undefined) | undefined
  /** Ends the blocks that are being got. */
  #fail: ((error: Error) => void) | undefined

  constructor(init: DownloadInit) {
    this.#init = init
    this.#search = new ProviderSearch({
      ...init,
      lacking: () => this.#lacking?.(),
      onConnected: (peer, source) => init.onEvent?.({ type: 'connected', peer, source }),
      onAsking: (sources, lastSeen) =>
        init.onEvent?.({ type: 'asking', sources, lastSeen: lastSeen ?? null }),
    })
    init.watch?.follow(this.#search)
    const allowance = init.rates?.allowance(init.link.root.toString(), init.weight)
    this.#reader = new ProviderReader({ ...init, search: this.#search, allowance })
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
      const plan = await openPlan({ ...this.#init, path: '', reader: this.#reader })
      // Before anything is made; again if the file system turns out to take different names for one.
      judgeNames(plan, { platform: this.#init.platform, folding: 'none' }, this.#init.onEvent)
      const isSelected = selectEntries(plan, this.#init.only, this.#init.onEvent)
      const { stagings: records, link } = this.#init
      const staging = await Staging.open({ ...this.#init, records, root: link.root })
      return await this.#runIn(staging, plan, isSelected)
    } finally {
      await this.#search.close()
    }
  }

  async #runIn(staging: Staging, plan: FetchPlan, isSelected: Uint8Array): Promise<DownloadResult> {
    const { workers, directory, platform, signal } = this.#init
    const { name, entries, blocks } = plan
    let content: StagedContent | undefined
    const { clock } = this.#init.seams
    const { serving, seed, watch } = this.#init
    const served = new ServedFetch(serving, workers, seed === undefined ? undefined : clock)
    try {
      if (staging.foldsNames()) judgeNames(plan, { platform, folding: 'fold' })
      const sizes = entries.flatMap(({ kind, size }, i) =>
        kind === 'file' && isSelected[i] === 1 ? [size] : [],
      )
      const bytes = sizes.reduce((sum, size) => sum + size, 0)
      this.#init.onEvent?.({ type: 'plan', name, kind: plan.kind, bytes, files: sizes.length })
      watch?.enter('comparing')
      const place = { destination: staging.destination, workers, name, entries, isSelected, blocks, signal }
      const { overwrite } = this.#init
      const { fates, unclear } = await judgeDestination({ ...place, overwrite })
      const kept = keptBytes(entries, fates)
      // Before anything is counted by blocks: a few nodes can claim more of them than memory holds.
      if (!staging.isResumed) await this.#refuseTooLarge(bytes - kept)
      const places = { staging, entries, blocks, fates, name }
      const report = new FileReport({ ...this.#init, plan, fates, clock, onFile: this.#init.onFile })
      const { files } = report
      content = new StagedContent({
        ...places,
        workers,
        timers: this.#init.seams.timers,
        onDiffering: (entry) => {
          if (!overwrite) throw differs(place, [entry])
          files.replaced(entry)
        },
        onFault: (error) => this.#fail?.(error),
        onHeld: (block, isHere) => {
          files.note(block, isHere)
          served.note(block, isHere)
        },
      })
      const bytesReused = await this.#getContent(plan, content, {
        bytes,
        files,
        unclear,
        isSelected,
        fates,
        onLooked: (isHere) => served.begin(plan, places, isHere),
        onClear: report.clear,
      })
      await plan.verifyPadding()
      watch?.enter('ending')
      this.#init.onEvent?.({ type: 'verified' })
      await content.finish()
      await report.end()
      // Who aborts is waited for no more, and what he was told of last is not followed by its final name.
      signal.throwIfAborted()
      if (seed === undefined) await served.end()
      else await served.pause()
      await moveIntoPlace({ staging, workers, entries, fates, name })
      await this.#init.stagings.placed(staging.path)
      const path = join(directory, name)
      const next = seed?.({ plan, path, places, watch: served.watch })
      // The result stands, whatever becomes of serving it.
      await Promise.allSettled([next])
      await this.#discard(staging)
      await served.end(await next)
      const { bytesFetched } = this.#reader
      return { path, name, bytes, bytesFetched, bytesReused }
    } catch (error) {
      await served.end()
      await content?.close()
      // What was verified has been paid for.
      const isWorthKeeping = this.#hasLooked ? content?.hasContent === true : staging.isResumed
      if (isWorthKeeping) staging.keep()
      else await this.#discard(staging).catch(() => {})
      // The reason of an abort is whatever its owner took for one, with the code of a system call or not.
      if (signal.aborted && error === signal.reason) throw error
      throw diskError(error, `writing to ${escapeForDisplay(directory)}`)
    }
  }

  async #discard(staging: Staging): Promise<void> {
    await staging.discard()
    await this.#init.stagings.ended(staging.path)
  }

  /** Brings every block that is needed to the disk. Returns how many content bytes were there before. */
  async #getContent(
    plan: FetchPlan,
    content: StagedContent,
    {
      bytes: total,
      files,
      unclear,
      isSelected,
      fates,
      onLooked,
      onClear,
    }: {
      bytes: number
      files: FetchedFiles
      unclear: readonly number[]
      isSelected: Uint8Array
      fates: Fates
      /** What was there before is known, and what comes is yet to come. */
      onLooked: (isHere: (block: number) => boolean) => void
      /** All that was to be compared is: what is kept is as it should be. */
      onClear: () => void
    },
  ): Promise<number> {
    let peers = 0
    /** Known once the disk was looked at; what is found until then was here before. */
    let bytesReused = Number.POSITIVE_INFINITY
    const facts = (): FilesFacts => files.facts()
    const report = (): void => {
      const { bytes } = files
      const bytesNew = Math.max(0, bytes - bytesReused)
      this.#init.onEvent?.({ type: 'progress', bytes, bytesNew, total, peers, files: facts })
    }
    const connected = (count: number): void => {
      peers = count
      report()
    }
    const { watch } = this.#init
    const missing = (): number => total - files.bytes
    watch?.gets({ entries: plan.entries, blocks: plan.blocks, fates, here: content.here, missing })
    this.#lacking = () => lackingOf({ plan, isSelected, needed: content.needed(), bytes: files.bytes, total })
    await content.prepare()
    await content.findHeld([...unclear, ...content.needed()], this.#init.signal, report)
    this.#hasLooked = true
    onLooked((block) => content.isHere(block))
    watch?.enter('getting')
    bytesReused = files.bytes
    await this.#refuseTooLarge(total - bytesReused)
    for (const [block, received] of plan.here) {
      if (content.isHere(block)) continue
      await content.accept(block, received)
      report()
    }
    // What differs ends the fetch: it is found before the rest is asked for.
    await this.#getBlocks(
      plan,
      content,
      unclear.filter((block) => !content.isHere(block)),
      report,
      connected,
    )
    onClear()
    await this.#getBlocks(plan, content, content.needed(), report, connected)
    return bytesReused
  }

  async #getBlocks(
    { total }: FetchPlan,
    sink: BlockSink,
    needed: Iterable<number>,
    onVerified: () => void,
    onPeers: (connected: number) => void,
  ): Promise<void> {
    onPeers(0)
    const scheduler = this.#reader.start({ sink, needed, total, order: 'rarest', onVerified, onPeers })
    this.#init.watch?.asks(scheduler)
    const onAbort = (): void => scheduler.fail(this.#init.signal.reason as Error)
    this.#init.signal.addEventListener('abort', onAbort, { once: true })
    this.#fail = (error) => scheduler.fail(error)
    try {
      await scheduler.done
    } finally {
      this.#init.signal.removeEventListener('abort', onAbort)
      this.#fail = undefined
      this.#init.watch?.asks(undefined)
      // A staging folder must not be removed under a thread that still writes into it.
      await scheduler.settled()
    }
  }

  /** Compares what is still to come with what the disk has left. */
  async #refuseTooLarge(bytes: number): Promise<void> {
    const free = await this.#init.disk.freeBytes(this.#init.directory)
    if (bytes > free) {
      throw new ShoalError(
        'ERR_DISK_FULL',
        `this needs ${formatBytes(bytes)} and the disk has ${formatBytes(free)} left`,
      )
    }
  }
}
