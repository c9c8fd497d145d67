/** The folder with the records of shares: the truth that the index is made from. */
import { join } from 'node:path'
import { ShoalError, diskError, isShoalError, systemCode } from '../errors.ts'
import type { Disk } from './disk.ts'
import { decodeRecord, encodeRecord, type ShareRecord } from './share-record.ts'

const FOLDER_MODE = 0o700
/** Ids are 16 random bytes in hex: nothing else in the folder is a record. */
const ID = /^[0-9a-f]{32}$/

export class ShareRecords {
  readonly #folder: string
  readonly #disk: Disk

  constructor(folder: string, disk: Disk) {
    this.#folder = folder
    this.#disk = disk
  }

  /** Writes a record durably, in place of an older one of the same id. */
  async save(id: string, record: ShareRecord): Promise<void> {
    try {
      await this.#disk.makeFolder(this.#folder, FOLDER_MODE)
      await this.#disk.replaceFile(this.#pathOf(id), encodeRecord(record))
    } catch (error) {
      throw diskError(error, `writing ${this.#pathOf(id)}`)
    }
  }

  /**
   * The bytes of a record; undefined when there is none.
   *
   * @throws ShoalError ERR_DISK, ERR_PERMISSION
   */
  async read(id: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#disk.readWhole(this.#pathOf(id))
    } catch (error) {
      throw diskError(error, `reading ${this.#pathOf(id)}`)
    }
  }

  /** A record; undefined when it is lost. One that is damaged is moved aside. */
  async load(id: string): Promise<ShareRecord | undefined> {
    const bytes = await this.read(id)
    if (bytes === undefined) return undefined
    try {
      return decodeRecord(bytes)
    } catch (error) {
      if (!isShoalError(error)) throw error
      await this.setAside(id)
      return undefined
    }
  }

  /** Keeps a damaged record for who wants to look at it, where it is not taken for one. */
  async setAside(id: string): Promise<void> {
    try {
      await this.#disk.rename(this.#pathOf(id), `${this.#pathOf(id)}.damaged`)
    } catch (error) {
      throw diskError(error, `moving the damaged ${this.#pathOf(id)} aside`)
    }
  }

  /** Removes records durably, and what a crash may have left beside them. */
  async remove(ids: readonly string[]): Promise<void> {
    try {
      for (const id of ids) {
        await this.#disk.removeAll(this.#pathOf(id))
        await this.#disk.removeAll(`${this.#pathOf(id)}.new`)
      }
      await this.#disk.syncFolder(this.#folder)
    } catch (error) {
      // A crash may have come before the folder was made.
      if (systemCode(error) !== 'ENOENT') throw diskError(error, `removing from ${this.#folder}`)
    }
  }

  /** Ids of all records. */
  async ids(): Promise<string[]> {
    try {
      const names = (await this.#disk.list(this.#folder)).map(String)
      return names.filter((name) => ID.test(name))
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return []
      throw diskError(error, `reading ${this.#folder}`)
    }
  }

  #pathOf(id: string): string {
    if (!ID.test(id)) throw new ShoalError('ERR_INTERNAL', 'this is no id of a share')
    return join(this.#folder, id)
  }
}
