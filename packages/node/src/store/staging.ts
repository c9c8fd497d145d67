/**
 * The staging folder of a fetch, `.shoal-<id>` beside its destination: private, locked while a fetch uses it, held
 * open so that nobody can lead what is written elsewhere. It holds `content`, where every byte lies at its final
 * place until the whole is moved under its name; `bitmap`, which blocks of it are durable; and `edges`, what belongs to
 * such blocks and not to files that were asked for.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmdirSync,
} from 'node:fs'
import { join } from 'node:path'
import type { CID } from 'multiformats/cid'
import { sha256 } from '../content/cid.ts'
import { ShoalError, diskError, systemCode } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import { NO_FOLLOW, Within, closeAnchor, openAnchor, openFolder, type Anchor } from './anchor.ts'
import { Bitmap } from './bitmap.ts'
import type { BlockWorkers } from './block-workers.ts'
import type { Disk } from './disk.ts'
import { takeFolder, type FolderLock } from './home-lock.ts'
import type { StagingRecords } from './staging-log.ts'

const PRIVATE = 0o700
const GROUP_AND_OTHERS = 0o077
const ID_LABEL = Buffer.from('shoal/staging/1')
const ID_CHARACTERS = 16
const BITMAP = 'bitmap'

/** Names inside of a staging folder. */
export const CONTENT = 'content'
export const EDGES = 'edges'

export interface StagingInit {
  readonly disk: Disk
  readonly workers: BlockWorkers
  readonly root: CID
  /** The folder that will hold the result; made when it is not there. */
  readonly directory: string
  readonly records: StagingRecords
}

/** What was recorded of the blocks in a staging folder. */
export interface Recorded {
  readonly bitmap: Bitmap
  /** Nothing was written to the content afterwards. */
  readonly isClosed: boolean
  /** When it was recorded, by the clock of the file system. */
  readonly ctimeNs: bigint
}

export class Staging {
  /** The folder that will hold the result. */
  readonly destination: Anchor
  /** The staging folder itself. */
  readonly within: Anchor
  /** There may be parts of an earlier fetch in it. */
  readonly isResumed: boolean
  readonly #workers: BlockWorkers
  readonly #name: string
  #lock: FolderLock | undefined

  private constructor(init: {
    destination: Anchor
    within: Anchor
    name: string
    lock: FolderLock
    workers: BlockWorkers
  }) {
    this.destination = init.destination
    this.within = init.within
    this.#name = init.name
    this.#lock = init.lock
    this.#workers = init.workers
    using paths = new Within(this.within)
    this.isResumed = lstatSync(paths.at(CONTENT), { throwIfNoEntry: false }) !== undefined
  }

  /**
   * Makes the staging folder, or takes up what an earlier fetch left.
   *
   * @throws ShoalError ERR_DESTINATION_EXISTS while another command fetches the same to the same place, ERR_PERMISSION,
   *   ERR_DISK_FULL, ERR_DISK
   */
  static async open(init: StagingInit): Promise<Staging> {
    const { disk, directory, root, workers, records } = init
    const name = `.shoal-${idOf(root)}`
    try {
      await disk.makeFolder(directory)
      await records.begun(join(directory, name))
      const staging = Staging.#open(directory, name, workers, true)
      if (staging !== undefined) return staging
      throw taken(join(directory, name), 'is in use: another command downloads the same')
    } catch (error) {
      throw diskError(error, `writing to ${escapeForDisplay(directory)}`)
    }
  }

  /** Takes a staging folder that was left; undefined when it is gone. Throws when it is in use. */
  static async take(directory: string, name: string, workers: BlockWorkers): Promise<Staging | undefined> {
    try {
      const staging = Staging.#open(directory, name, workers, false)
      if (staging === undefined) throw taken(join(directory, name), 'is in use')
      return staging
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    }
  }

  /** Undefined when another has it. */
  static #open(
    directory: string,
    name: string,
    workers: BlockWorkers,
    mayMake: boolean,
  ): Staging | undefined {
    const anchors: Anchor[] = []
    let isOpen = false
    try {
      const destination = openAnchor(directory)
      anchors.push(destination)
      const within = openPrivate(destination, name, mayMake)
      anchors.push(within)
      const lock = takeFolder(within)
      if (lock === undefined) return undefined
      isOpen = true
      return new Staging({ destination, within, name, lock, workers })
    } finally {
      if (!isOpen) for (const anchor of anchors) closeAnchor(anchor)
    }
  }

  /** Nothing of any file is in it. */
  isEmpty(): boolean {
    if (!this.isResumed) return true
    using paths = new Within(this.within)
    try {
      return readdirSync(paths.at(`${CONTENT}/.`)).length === 0
    } catch (error) {
      // The content is a single file.
      if (systemCode(error) === 'ENOTDIR') return false
      throw error
    }
  }

  get path(): string {
    return join(this.destination.path, this.#name)
  }

  /** Does the file system take names that differ in case for the same? */
  foldsNames(): boolean {
    using paths = new Within(this.within)
    const probe = paths.at('probe')
    try {
      mkdirSync(probe, PRIVATE)
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error
    }
    const isFound = lstatSync(paths.at('PROBE'), { throwIfNoEntry: false }) !== undefined
    rmdirSync(probe)
    return isFound
  }

  /** What is recorded of `count` blocks; undefined when there is no record, or one that is damaged. */
  readRecord(count: number): Recorded | undefined {
    using paths = new Within(this.within)
    let fd: number
    try {
      fd = openSync(paths.at(BITMAP), constants.O_RDONLY | NO_FOLLOW)
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    }
    try {
      const stat = fstatSync(fd, { bigint: true })
      if (stat.size !== BigInt(Bitmap.recordBytes(count))) return undefined
      const decoded = Bitmap.decode(count, readFileSync(fd))
      return decoded === undefined ? undefined : { ...decoded, ctimeNs: stat.ctimeNs }
    } finally {
      closeSync(fd)
    }
  }

  /** Records which blocks are durable. They have to be. */
  async writeRecord(bitmap: Bitmap, isClosed: boolean): Promise<void> {
    // The descriptors are closed, and their numbers may stand for other folders by now.
    if (this.#lock === undefined) return
    const bytes = bitmap.encode(isClosed)
    await this.#workers.stage({ type: 'replace', within: this.within, path: BITMAP, bytes })
  }

  /** Removes everything that was staged. */
  async discard(): Promise<void> {
    if (this.#lock === undefined) return
    try {
      await this.#workers.stage({ type: 'remove', within: this.destination, path: this.#name })
    } finally {
      this.keep()
    }
  }

  /** Leaves what was staged to a later fetch. */
  keep(): void {
    if (this.#lock === undefined) return
    this.#lock.release()
    this.#lock = undefined
    closeAnchor(this.within)
    closeAnchor(this.destination)
  }
}

function openPrivate(destination: Anchor, name: string, mayMake: boolean): Anchor {
  using paths = new Within(destination)
  try {
    if (mayMake) mkdirSync(paths.at(name), PRIVATE)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  }
  const within = openFolder(destination, name)
  // Windows has neither owner nor mode; there the folder of the user protects what lies in it.
  if (process.platform !== 'win32') {
    const { uid, mode } = within.fd === undefined ? lstatSync(within.path) : fstatSync(within.fd)
    if (uid !== process.geteuid?.() || (mode & GROUP_AND_OTHERS) !== 0) {
      closeAnchor(within)
      throw taken(join(destination.path, name), 'is not a private folder of this user')
    }
  }
  return within
}

/** The same for every fetch of a root, so that an interrupted one is found again; tells nothing of the root. */
function idOf(root: CID): string {
  return Buffer.from(sha256(ID_LABEL, root.bytes)).toString('hex').slice(0, ID_CHARACTERS)
}

export function taken(path: string, how: string): ShoalError {
  return new ShoalError('ERR_DESTINATION_EXISTS', `${escapeForDisplay(path)} ${how}`)
}
