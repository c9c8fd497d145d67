/**
 * The content of one fetch on its way to the disk: takes verified blocks, knows where each byte belongs, and records
 * which blocks are durable. Order of durability: bytes, then the record that they are there, then the final names.
 */
import type { Entry } from '../content/entry.ts'
import type { Timers } from '../util/seams.ts'
import { orderedMap } from '../util/ordered-map.ts'
import { Bitmap } from './bitmap.ts'
import type { BlockSink } from './block-sink.ts'
import type { BlockWorkers } from './block-workers.ts'
import { CommitLoop } from './commit-loop.ts'
import type { BlockPiece, ContentBlocks } from './content-blocks.ts'
import { KEPT, LEFT_OUT, WANTED, type Fates } from './fate.ts'
import { recordedBlocks } from './recorded-blocks.ts'
import { parts, placedPath, stagedPath } from './staged-paths.ts'
import { CONTENT, EDGES, type Staging } from './staging.ts'
import type { FinishedFile, FinishedFolder, StagingJob } from './staging-jobs.ts'
import type { Place } from './write-block.ts'

export interface StagedContentInit {
  readonly staging: Staging
  readonly workers: BlockWorkers
  readonly timers: Timers
  /** In the order of `comparePaths`; paths were judged before. */
  readonly entries: readonly Entry[]
  readonly blocks: ContentBlocks
  readonly fates: Fates
  /** The name of the result in its folder; judged before. */
  readonly name: string
  /** Told of a kept file that holds other bytes after all; throws unless it may be replaced. */
  readonly onDiffering: (entry: number) => void
  /** What was written could not be made durable: nothing more may be acknowledged. */
  readonly onFault: (error: Error) => void
  /** Told of each block that lies on the disk from now on, durable or not, or no longer. */
  readonly onHeld?: (block: number, isHere: boolean) => void
}

export class StagedContent implements BlockSink {
  readonly #init: StagedContentInit
  /** Blocks that are on the disk, durable or not. */
  readonly #here: Bitmap
  /** Blocks that are durable. */
  readonly #durable: Bitmap
  /** For each wanted file the blocks that are not here. */
  readonly #missing: Uint32Array
  readonly #isFinished: Uint8Array
  /** Blocks that come a second time. A round may be under way that knows nothing of it: they are never recorded. */
  readonly #again = new Set<number>()
  readonly #commits: CommitLoop

  constructor(init: StagedContentInit) {
    this.#init = init
    const { entries, blocks, fates } = init
    this.#here = new Bitmap(blocks.count)
    this.#durable = new Bitmap(blocks.count)
    this.#missing = new Uint32Array(entries.length)
    this.#isFinished = new Uint8Array(entries.length)
    for (let entry = 0; entry < entries.length; entry++) if (fates.of[entry] === WANTED) this.#want(entry)
    this.#commits = new CommitLoop({
      timers: init.timers,
      commit: (written, isLast) => this.#commit(written, isLast),
      onFault: init.onFault,
    })
  }

  /** Something verified lies in the staging folder. */
  get hasContent(): boolean {
    return this.#here.size > 0
  }

  /** Makes the folders that files will be written to. */
  async prepare(): Promise<void> {
    const { entries, fates, staging, blocks } = this.#init
    const folders: string[] = []
    if (entries[0]?.path !== '') folders.push(CONTENT)
    const leavesOut = entries.some((entry, i) => entry.kind === 'file' && fates.of[i] === LEFT_OUT)
    if (leavesOut && blocks.count > 0) folders.push(EDGES)
    for (const [i, entry] of entries.entries()) {
      if (entry.kind === 'folder' && fates.of[i] !== LEFT_OUT) folders.push(stagedPath(entry))
    }
    if (folders.length > 0) {
      await this.#init.workers.stage({ type: 'folders', within: staging.within, paths: folders })
    }
  }

  /** The blocks that hold bytes of wanted files and are not here, in order. */
  *needed(): Generator<number> {
    const { blocks, fates } = this.#init
    for (let block = 0; block < blocks.count; block++) {
      if (this.#here.has(block)) continue
      if (blocks.piecesOf(block).some(({ entry }) => fates.of[entry] === WANTED)) yield block
    }
  }

  /** Blocks that are on the disk. */
  get here(): Pick<Bitmap, 'bytes'> {
    return this.#here
  }

  isHere(block: number): boolean {
    return this.#here.has(block)
  }

  /** Bytes of wanted files in a block. */
  bytesOf(block: number): number {
    const { blocks, fates } = this.#init
    let bytes = 0
    for (const { entry, length } of blocks.piecesOf(block)) if (fates.of[entry] === WANTED) bytes += length
    return bytes
  }

  /**
   * Finds what an earlier fetch left of some blocks. What is recorded as durable is believed while nobody touched its
   * files since; the rest is read back, hashed, and written again. `onHeld` is told of each block as it is found.
   */
  async findHeld(
    candidates: Iterable<number>,
    signal: AbortSignal,
    onHeld: (block: number) => void,
  ): Promise<void> {
    const { staging, blocks, workers } = this.#init
    if (!staging.isResumed) return
    const isBelieved = await recordedBlocks(this.#init)
    const looked = orderedMap(candidates, workers.concurrency, async (block) => {
      signal.throwIfAborted()
      if (isBelieved(block)) return { block, how: 'durable' as const }
      const length = blocks.plainLengthOf(block)
      const isHeld =
        length !== undefined &&
        (await workers.reclaim({ ...blocks.checkOf(block), length, places: this.#placesOf(block) }))
      return { block, how: isHeld ? ('written' as const) : ('missing' as const) }
    })
    for await (const { block, how } of looked) {
      if (how === 'missing') continue
      this.#arrived(block)
      if (how === 'durable') this.#durable.add(block)
      else this.#commits.add(block, 0)
      onHeld(block)
    }
  }

  lengthOf(block: number): number | undefined {
    return this.#init.blocks.lengthOf(block)
  }

  sizeOf(block: number): number {
    return this.#init.blocks.sizeOf(block)
  }

  async accept(block: number, bytes: Uint8Array): Promise<boolean> {
    const { workers, blocks, fates, onDiffering } = this.#init
    const pieces = blocks.piecesOf(block)
    for (;;) {
      const places = this.#placesOf(block)
      const result = await workers.write({ bytes, ...blocks.checkOf(block), places })
      if (!result.isVerified) return false
      for (const at of result.differing) {
        const { entry } = pieces[at] as BlockPiece
        if (fates.of[entry] !== KEPT) continue
        onDiffering(entry)
        this.#replace(entry)
      }
      // A file that was only compared and is wanted now gets its bytes from the same block.
      if (!places.some((place, i) => place.isKept && fates.of[(pieces[i] as BlockPiece).entry] !== KEPT))
        break
    }
    this.#arrived(block)
    this.#commits.add(block, bytes.byteLength)
    return true
  }

  /** Makes everything durable, as it will stand under its final name. */
  async finish(): Promise<void> {
    const { entries, fates, staging } = this.#init
    await this.#commits.end()
    const files: FinishedFile[] = []
    const folders: FinishedFolder[] = []
    for (const [i, entry] of entries.entries()) {
      if (fates.of[i] !== WANTED) continue
      if (entry.kind === 'folder') folders.push({ path: stagedPath(entry), ...timeOf(entry) })
      else if (this.#isFinished[i] === 0) files.push(finished(entry))
    }
    await this.#stage(files, (part) => ({ type: 'finish', within: staging.within, files: part }))
    // Inner ones first, so that the times of a folder are set after what it holds was made.
    folders.reverse()
    if (entries[0]?.path !== '') folders.push({ path: CONTENT })
    await this.#init.workers.stage({ type: 'finish-folders', within: staging.within, folders })
  }

  /** Records what is here for a later fetch. The blocks that were being written must have settled. */
  async close(): Promise<void> {
    await this.#commits.end().catch(() => {})
    if (this.#commits.hasFailed) return
    // Whatever ended the fetch is told; without this record what is here is read back.
    await this.#init.staging.writeRecord(this.#durable, true).catch(() => {})
  }

  #want(entry: number): void {
    if (this.#init.entries[entry]?.kind === 'file') {
      this.#missing[entry] = this.#init.blocks.blocksOf(entry).count
    }
  }

  /** A file that was to be kept is to be written after all: what of it went by has to come again. */
  #replace(entry: number): void {
    const { fates, blocks } = this.#init
    fates.of[entry] = WANTED
    fates.replacing.add(entry)
    this.#want(entry)
    const { first, count } = blocks.blocksOf(entry)
    for (let block = first; block < first + count; block++) {
      if (!this.#here.has(block)) continue
      this.#here.delete(block)
      this.#init.onHeld?.(block, false)
      this.#durable.delete(block)
      this.#again.add(block)
      for (const piece of blocks.piecesOf(block)) {
        if (piece.entry !== entry && fates.of[piece.entry] === WANTED) {
          this.#missing[piece.entry] = (this.#missing[piece.entry] as number) + 1
        }
      }
    }
  }

  #arrived(block: number): void {
    if (this.#here.has(block)) return
    this.#here.add(block)
    for (const { entry } of this.#init.blocks.piecesOf(block)) {
      if (this.#init.fates.of[entry] === WANTED) this.#missing[entry] = (this.#missing[entry] as number) - 1
    }
    this.#init.onHeld?.(block, true)
  }

  #placesOf(block: number): Place[] {
    const { entries, fates, blocks, staging, name } = this.#init
    let at = 0
    return blocks.piecesOf(block).map(({ entry: index, offset, length }): Place => {
      const entry = entries[index] as Entry
      const from = at
      at += length
      switch (fates.of[index]) {
        case WANTED:
          return { within: staging.within, path: stagedPath(entry), offset, length }
        case KEPT:
          return { within: staging.destination, path: placedPath(name, entry), offset, length, isKept: true }
        default:
          return { within: staging.within, path: `${EDGES}/${block}`, offset: from, length }
      }
    })
  }

  /** Makes some blocks durable, then says so. Files that are whole get their final form on the way. */
  async #commit(written: readonly number[], isLast: boolean): Promise<void> {
    const { staging, blocks, fates, entries } = this.#init
    const { within } = staging
    const whole = new Set<number>()
    const dirty = new Set<string>()
    for (const block of written) {
      for (const { entry } of blocks.piecesOf(block)) {
        if (fates.of[entry] === LEFT_OUT) dirty.add(`${EDGES}/${block}`)
        if (fates.of[entry] !== WANTED) continue
        if (this.#missing[entry] !== 0) dirty.add(stagedPath(entries[entry] as Entry))
        else if (this.#isFinished[entry] === 0) whole.add(entry)
      }
    }
    const files = [...whole].map((entry) => finished(entries[entry] as Entry))
    await Promise.all([
      this.#stage([...dirty], (paths) => ({ type: 'sync', within, paths })),
      this.#stage(files, (part) => ({ type: 'finish', within, files: part })),
    ])
    for (const entry of whole) this.#isFinished[entry] = 1
    for (const block of written) if (!this.#again.has(block)) this.#durable.add(block)
    if (!isLast) await staging.writeRecord(this.#durable, false)
  }

  async #stage<T>(
    items: readonly T[],
    job: (part: readonly T[]) => Exclude<StagingJob, { type: 'survey' }>,
  ): Promise<void> {
    const running: Promise<void>[] = []
    for (const part of parts(items)) running.push(this.#init.workers.stage(job(part)))
    // All of them: a folder must not be closed or removed under a thread that still works in it.
    const failed = (await Promise.allSettled(running)).find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
}

function finished(entry: Entry): FinishedFile {
  return {
    path: stagedPath(entry),
    size: entry.size,
    ...timeOf(entry),
    ...(entry.executable === undefined ? {} : { executable: entry.executable }),
  }
}

function timeOf(entry: Entry): { mtimeMs?: number } {
  return entry.mtimeMs === undefined ? {} : { mtimeMs: entry.mtimeMs }
}
