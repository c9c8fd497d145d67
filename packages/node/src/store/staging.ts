/**
 * A fetch in the making: a private folder beside the destination in which every byte is written at its final
 * place, until the whole is synced and renamed. No file stands under its final name before that. A fetch that was
 * interrupted leaves the folder, and the next one of the same root into the same place goes on in it.
 */
import { join } from 'node:path'
import type { CID } from 'multiformats/cid'
import { sha256 } from '../content/cid.ts'
import type { Entry } from '../content/entry.ts'
import { ShoalError, diskError } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import type { FinishedFile } from './block-jobs.ts'
import type { BlockWorkers } from './block-workers.ts'
import type { Disk } from './disk.ts'
import { takeHome, type HomeLock } from './home-lock.ts'

const PRIVATE = 0o700
const ID_LABEL = Buffer.from('shoal/staging/1')
const ID_CHARACTERS = 16
const CONTENT = 'content'
/** Files that one job syncs. */
const FILES_PER_JOB = 64

export interface StagingInit {
  readonly disk: Disk
  readonly workers: BlockWorkers
  readonly root: CID
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
  #lock: HomeLock | undefined
  /** Where the result will stand. */
  readonly target: string
  /** There may be parts of an earlier fetch in it. */
  readonly isResumed: boolean

  private constructor(init: StagingInit, folder: string, isResumed: boolean) {
    this.#init = init
    this.#folder = folder
    this.target = join(init.directory, init.name)
    this.isResumed = isResumed
  }

  /** Did an earlier fetch of this root leave parts in this place? */
  static async isLeft(disk: Disk, directory: string, root: CID): Promise<boolean> {
    return (await disk.facts(join(directory, `.shoal-${idOf(root)}`, CONTENT))) !== undefined
  }

  /**
   * Makes the staging folder and the folders of the share in it, or takes up what an earlier fetch left.
   *
   * @throws ShoalError ERR_DESTINATION_EXISTS, also while another command fetches the same to the same place;
   *   ERR_PERMISSION, ERR_DISK_FULL, ERR_DISK
   */
  static async open(init: StagingInit): Promise<Staging> {
    const { disk, directory } = init
    const folder = join(directory, `.shoal-${idOf(init.root)}`)
    let staging: Staging | undefined
    try {
      await disk.makeFolder(directory)
      const isThere = (await disk.facts(folder)) !== undefined
      if (!isThere) await disk.makeNewFolder(folder, PRIVATE)
      else if (!(await disk.isPrivateFolder(folder)))
        throw taken(folder, 'is not a private folder of this user')
      const isResumed = (await disk.facts(join(folder, CONTENT))) !== undefined
      staging = new Staging(init, folder, isResumed)
      staging.#lock = takeHome(folder)
      if (staging.#lock === undefined) throw taken(staging.target, 'is being downloaded by another command')
      await staging.#refuseExisting()
      await staging.#makeFolders()
    } catch (error) {
      // Parts of an earlier fetch stay; a folder that was made for nothing goes.
      if (staging?.isResumed === false && staging.#lock !== undefined) await staging.discard()
      else staging?.keep()
      throw diskError(error, `writing to ${escapeForDisplay(directory)}`)
    }
    return staging
  }

  async #makeFolders(): Promise<void> {
    const { disk, entries } = this.#init
    if (this.#isFolder) await disk.makeFolder(join(this.#folder, CONTENT), PRIVATE)
    for (const entry of entries) {
      if (entry.kind === 'folder') await disk.makeFolder(this.pathOf(entry), PRIVATE)
    }
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
      await this.discard()
    } catch (error) {
      throw diskError(error, `writing to ${escapeForDisplay(directory)}`)
    }
    return this.target
  }

  /** Removes everything that was staged. */
  async discard(): Promise<void> {
    await this.#init.disk.removeAll(this.#folder)
    this.keep()
  }

  /** Leaves what was staged to a later fetch. */
  keep(): void {
    this.#lock?.release()
    this.#lock = undefined
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
    throw taken(this.target, 'is already there')
  }
}

/** The same for every fetch of a root, so that an interrupted one is found again; tells nothing of the root. */
function idOf(root: CID): string {
  return Buffer.from(sha256(ID_LABEL, root.bytes)).toString('hex').slice(0, ID_CHARACTERS)
}

function taken(path: string, how: string): ShoalError {
  return new ShoalError('ERR_DESTINATION_EXISTS', `${escapeForDisplay(path)} ${how}`)
}
