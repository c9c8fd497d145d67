/**
 * A fetch in the making: a private folder beside the destination in which every byte is written at its final
 * place, until the whole is synced and renamed. No file stands under its final name before that.
 */
import { join } from 'node:path'
import type { Entry } from '../content/entry.ts'
import { ShoalError, diskError } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import type { Random } from '../util/seams.ts'
import type { FinishedFile } from './block-jobs.ts'
import type { BlockWorkers } from './block-workers.ts'
import type { Disk } from './disk.ts'

const PRIVATE = 0o700
const ID_BYTES = 8
const CONTENT = 'content'
/** Files that one job syncs. */
const FILES_PER_JOB = 64

export interface StagingInit {
  readonly disk: Disk
  readonly workers: BlockWorkers
  readonly random: Random
  /** The folder that will hold the result. */
  readonly directory: string
  /** The name that the result will have in it; judged before. */
  readonly name: string
  /** In the order of `comparePaths`; paths were judged before. */
  readonly entries: readonly Entry[]
}

export class Staging {
  readonly #init: StagingInit
  readonly #folder: string
  /** Where the result will stand. */
  readonly target: string

  private constructor(init: StagingInit, folder: string) {
    this.#init = init
    this.#folder = folder
    this.target = join(init.directory, init.name)
  }

  /**
   * Makes the staging folder and the folders of the share in it.
   *
   * @throws ShoalError ERR_DESTINATION_EXISTS, ERR_PERMISSION, ERR_DISK_FULL, ERR_DISK
   */
  static async create(init: StagingInit): Promise<Staging> {
    const { disk, directory, random } = init
    const id = Buffer.from(random.bytes(ID_BYTES)).toString('hex')
    const staging = new Staging(init, join(directory, `.shoal-${id}`))
    try {
      await disk.makeFolder(directory)
      await staging.#refuseExisting()
      await disk.makeNewFolder(staging.#folder, PRIVATE)
      if (staging.#isFolder) await disk.makeNewFolder(join(staging.#folder, CONTENT), PRIVATE)
      for (const entry of init.entries) {
        if (entry.kind === 'folder') await disk.makeNewFolder(staging.pathOf(entry), PRIVATE)
      }
    } catch (error) {
      throw diskError(error, `writing to ${escapeForDisplay(directory)}`)
    }
    return staging
  }

  get #isFolder(): boolean {
    return this.#init.entries[0]?.path !== ''
  }

  /** Where the bytes of an entry are written. */
  pathOf(entry: Entry): string {
    const content = join(this.#folder, CONTENT)
    return entry.path === '' ? content : join(content, entry.path)
  }

  /**
   * Makes what was written durable and puts it under its final name. Returns the path of the result.
   *
   * @throws ShoalError ERR_DESTINATION_EXISTS when something took the name meanwhile, or the disk's errors
   */
  async finish(): Promise<string> {
    const { disk, directory, workers, entries } = this.#init
    try {
      const files = entries.filter((entry) => entry.kind === 'file')
      const jobs: Promise<void>[] = []
      for (let at = 0; at < files.length; at += FILES_PER_JOB) {
        jobs.push(
          workers.finish({ files: files.slice(at, at + FILES_PER_JOB).map((f) => this.#finished(f)) }),
        )
      }
      await Promise.all(jobs)
      await this.#finishFolders()
      await this.#refuseExisting()
      await disk.rename(join(this.#folder, CONTENT), this.target)
      await disk.syncFolder(directory)
      await disk.removeAll(this.#folder)
    } catch (error) {
      throw diskError(error, `writing to ${escapeForDisplay(directory)}`)
    }
    return this.target
  }

  /** Removes everything that was staged. */
  async discard(): Promise<void> {
    await this.#init.disk.removeAll(this.#folder)
  }

  #finished(entry: Entry): FinishedFile {
    return {
      path: this.pathOf(entry),
      size: entry.size,
      ...(entry.mtimeMs === undefined ? {} : { mtimeMs: entry.mtimeMs }),
      ...(entry.executable === undefined ? {} : { executable: entry.executable }),
    }
  }

  /** Inner folders first, so that the times of a folder are set after what it holds was made. */
  async #finishFolders(): Promise<void> {
    const { disk, entries } = this.#init
    if (!this.#isFolder) return
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries[i] as Entry
      if (entry.kind === 'folder') await disk.finishFolder(this.pathOf(entry), entry.mtimeMs)
    }
    await disk.finishFolder(join(this.#folder, CONTENT), undefined)
  }

  async #refuseExisting(): Promise<void> {
    if ((await this.#init.disk.facts(this.target)) === undefined) return
    const shown = escapeForDisplay(this.target)
    throw new ShoalError('ERR_DESTINATION_EXISTS', `${shown} is already there`)
  }
}
