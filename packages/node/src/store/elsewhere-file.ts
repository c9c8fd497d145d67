/**
 * The file `shares/elsewhere` of a home: the shares of which it has the link and not the files, so that they are known again when
 * the index is lost. `"shoal/elsewhere\n" || u32be version || shares || sha-256 of all before`.
 */
import { CborReader } from '../content/cbor.ts'
import { DIGEST_BYTES, digestsEqual, sha256 } from '../content/cid.ts'
import { diskError, ShoalError } from '../errors.ts'
import type { Disk } from './disk.ts'
import { readElsewhere } from './elsewhere-share.ts'
import type { HomePaths } from './home.ts'

const MAGIC = Buffer.from('shoal/elsewhere\n')
const VERSION = 1
const HEAD_BYTES = MAGIC.byteLength + 4
const FOLDER_MODE = 0o700

export interface LoadedList {
  /** As it was saved. */
  readonly list: Uint8Array
  /** How many there are in it. */
  readonly shares: number
}

export const NOTHING: LoadedList = { list: new Uint8Array(), shares: 0 }

export class ElsewhereFile {
  readonly #folder: string
  readonly #file: string
  readonly #disk: Disk

  constructor({ shares, elsewhereFile }: HomePaths, disk: Disk) {
    this.#folder = shares
    this.#file = elsewhereFile
    this.#disk = disk
  }

  /** Keeps these and no others, durably. @param list as `encodeElsewhere` gives each */
  async save(list: Uint8Array): Promise<void> {
    try {
      if (list.byteLength === 0) {
        if ((await this.#disk.facts(this.#file)) === undefined) return
        await this.#disk.removeAll(this.#file)
        await this.#disk.syncFolder(this.#folder)
        return
      }
      const head = Buffer.alloc(HEAD_BYTES)
      MAGIC.copy(head)
      head.writeUInt32BE(VERSION, MAGIC.byteLength)
      await this.#disk.makeFolder(this.#folder, FOLDER_MODE)
      await this.#disk.replaceFile(this.#file, Buffer.concat([head, list, sha256(head, list)]))
    } catch (error) {
      throw diskError(error, `writing ${this.#file}`)
    }
  }

  /**
   * What was kept, in the form that it was given in; nothing when there is no such file.
   *
   * @throws ShoalError ERR_HOME_INVALID when it is damaged or comes from a newer version; ERR_DISK, ERR_PERMISSION
   */
  async load(): Promise<LoadedList> {
    let bytes: Uint8Array | undefined
    try {
      bytes = await this.#disk.readWhole(this.#file)
    } catch (error) {
      throw diskError(error, `reading ${this.#file}`)
    }
    if (bytes === undefined) return NOTHING
    const end = bytes.byteLength - DIGEST_BYTES
    const isOurs = end >= HEAD_BYTES && digestsEqual(bytes.subarray(0, MAGIC.byteLength), MAGIC)
    if (!isOurs) throw damaged('it does not begin like it')
    const version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.byteLength)
    if (version !== VERSION) throw damaged('a newer version of Shoal wrote it')
    if (!digestsEqual(sha256(bytes.subarray(0, end)), bytes.subarray(end))) {
      throw damaged('it is not what was written')
    }
    const list = bytes.subarray(HEAD_BYTES, end)
    const { length } = readElsewhere(new CborReader(list, 'ERR_HOME_INVALID', 'the list of shares'))
    return { list, shares: length }
  }

  /** Keeps a damaged one for who wants to look at it. */
  async setAside(): Promise<void> {
    try {
      await this.#disk.rename(this.#file, `${this.#file}.damaged`)
    } catch (error) {
      throw diskError(error, `moving the damaged ${this.#file} aside`)
    }
  }
}

function damaged(why: string): ShoalError {
  return new ShoalError('ERR_HOME_INVALID', `this is no list of shares that Shoal can read: ${why}`)
}
