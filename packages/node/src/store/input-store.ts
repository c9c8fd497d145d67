/**
 * Content that was handed in instead of lying somewhere: kept in the home, under the digest of its bytes, as long as a
 * share needs it. A file of the same bytes again is the same file, and so the same share.
 */
import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { ShoalError, diskError, isShoalError, systemCode } from '../errors.ts'
import type { Random } from '../util/seams.ts'
import { Turns } from '../util/turns.ts'
import type { Disk } from './disk.ts'
import type { ShareIndex } from './share-index.ts'

const FOLDER_MODE = 0o700
const PART = '.part'
const PART_NAME_BYTES = 16
/** Room on the disk is looked at each time so many bytes were written. */
const CHECK_BYTES = 67_108_864
/** Room that is left to everybody else, in bytes. */
const RESERVED_BYTES = 134_217_728

export interface InputStoreInit {
  /** Folder in the home. */
  readonly folder: string
  readonly disk: Disk
  readonly random: Random
  readonly index: ShareIndex
}

export class InputStore {
  readonly #init: InputStoreInit
  readonly #turns = new Turns()
  /** How many are about to share each file. */
  readonly #inUse = new Map<string, number>()

  constructor(init: InputStoreInit) {
    this.#init = init
  }

  /** Removes what a process that died left half written, or never came to share. */
  async open(): Promise<void> {
    const { disk, folder, index } = this.#init
    for (const name of await index.run<readonly string[]>({ type: 'unusedInputs' })) {
      await disk.removeAll(join(folder, name))
      await index.run({ type: 'inputEnded', input: name })
    }
    for (const name of await this.#names()) {
      if (name.endsWith(PART)) await disk.removeAll(join(folder, name))
    }
  }

  /**
   * Writes what comes to a file and returns its path. Until `release` it stays, whether a share needs it or not.
   *
   * @throws ShoalError ERR_DISK_FULL, ERR_DISK, ERR_PERMISSION; what `source` throws, and then nothing is left
   */
  async receive(source: AsyncIterable<Uint8Array>): Promise<string> {
    const { disk, folder, random, index } = this.#init
    const part = join(folder, Buffer.from(random.bytes(PART_NAME_BYTES)).toString('hex') + PART)
    const hash = createHash('sha256')
    try {
      await disk.makeFolder(folder, FOLDER_MODE)
      await disk.writeNew(part, this.#checked(source, hash))
      const name = hash.digest('hex')
      await this.#turns.run(name, undefined, async () => {
        await index.run({ type: 'inputBegun', input: name })
        this.#inUse.set(name, (this.#inUse.get(name) ?? 0) + 1)
        // The file of before keeps its times, by which the share knows it.
        if ((await disk.facts(join(folder, name))) === undefined) await disk.rename(part, join(folder, name))
        else await disk.removeAll(part)
        await disk.syncFolder(folder)
      })
      return join(folder, name)
    } catch (error) {
      await disk.removeAll(part).catch(() => {})
      throw isShoalError(error) ? error : diskError(error, `keeping standard input in ${folder}`)
    }
  }

  /** Whoever received a file has shared it, or gave up. */
  async release(path: string): Promise<void> {
    const name = basename(path)
    await this.#turns.run(name, undefined, async () => {
      const left = (this.#inUse.get(name) ?? 1) - 1
      if (left > 0) this.#inUse.set(name, left)
      else this.#inUse.delete(name)
      await this.#removeUnused(name)
    })
  }

  /** A share of a file is being removed: the file, too, if no other needs it. */
  async drop(name: string): Promise<void> {
    await this.#turns.run(name, undefined, () => this.#removeUnused(name))
  }

  async #removeUnused(name: string): Promise<void> {
    const { disk, folder, index } = this.#init
    if (this.#inUse.has(name)) return
    if (await index.run<boolean>({ type: 'inputEnded', input: name })) return
    await disk.removeAll(join(folder, name))
  }

  async *#checked(
    source: AsyncIterable<Uint8Array>,
    hash: ReturnType<typeof createHash>,
  ): AsyncGenerator<Uint8Array> {
    const { disk, folder } = this.#init
    let unchecked = CHECK_BYTES
    for await (const bytes of source) {
      unchecked += bytes.byteLength
      if (unchecked >= CHECK_BYTES) {
        unchecked = 0
        if ((await disk.freeBytes(folder)) < RESERVED_BYTES) {
          throw new ShoalError(
            'ERR_DISK_FULL',
            `keeping standard input in ${folder}: the disk is almost full`,
          )
        }
      }
      hash.update(bytes)
      yield bytes
    }
  }

  async #names(): Promise<string[]> {
    try {
      return (await this.#init.disk.list(this.#init.folder)).map(String)
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return []
      throw diskError(error, `reading ${this.#init.folder}`)
    }
  }
}
