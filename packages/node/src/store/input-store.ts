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
import type { Ledger } from './quota/ledger.ts'
import type { CountedPart, CountedUnit } from './quota/parts.ts'
import { inputOf, inputUnit } from './quota/unit.ts'
import type { Writing } from './quota/writing.ts'
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
  readonly ledger: Ledger
}

export class InputStore implements CountedPart {
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
   * @throws ShoalError ERR_QUOTA, ERR_DISK_FULL, ERR_DISK, ERR_PERMISSION; what `source` throws, and then nothing is left
   */
  async receive(source: AsyncIterable<Uint8Array>): Promise<string> {
    const { disk, folder, random, index, ledger } = this.#init
    const partName = Buffer.from(random.bytes(PART_NAME_BYTES)).toString('hex') + PART
    const part = join(folder, partName)
    const writing = ledger.write(inputUnit(partName))
    const hash = createHash('sha256')
    try {
      await disk.makeFolder(folder, FOLDER_MODE)
      await disk.writeNew(part, this.#checked(source, hash, writing))
      const name = hash.digest('hex')
      await this.#turns.run(name, undefined, async () => {
        await index.run({ type: 'inputBegun', input: name })
        this.#inUse.set(name, (this.#inUse.get(name) ?? 0) + 1)
        // The file of before keeps its times, by which the share knows it.
        if ((await disk.facts(join(folder, name))) === undefined) {
          await disk.rename(part, join(folder, name))
          writing.endAs(inputUnit(name), writing.granted)
        } else {
          await disk.removeAll(part)
          await writing.end(0)
        }
        await disk.syncFolder(folder)
      })
      return join(folder, name)
    } catch (error) {
      await this.#giveUp(part, writing)
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
    const { disk, folder, index, ledger } = this.#init
    if (this.#inUse.has(name)) return
    if (await index.run<boolean>({ type: 'inputEnded', input: name })) return
    await disk.removeAll(join(folder, name))
    ledger.removed(inputUnit(name))
  }

  /** Whether somebody is about to share it. */
  isInUse(name: string): boolean {
    return this.#inUse.has(name)
  }

  /** @throws ShoalError ERR_DISK, ERR_PERMISSION */
  async count(): Promise<readonly CountedUnit[]> {
    const units = (await this.#names()).map(async (name) => {
      const unit = inputUnit(name)
      return { unit, present: (await this.measure(unit)) ?? 0, promised: 0 }
    })
    return await Promise.all(units)
  }

  /** Throws as `count`. */
  async measure(unit: string): Promise<number | undefined> {
    const name = inputOf(unit)
    if (name === undefined) return undefined
    try {
      return (await this.#init.disk.facts(join(this.#init.folder, name)))?.size ?? 0
    } catch (error) {
      throw diskError(error, `reading ${this.#init.folder}`)
    }
  }

  /** Nothing is left of a part; where it cannot be removed, it counts until the next start removes it. */
  async #giveUp(part: string, writing: Writing): Promise<void> {
    const isGone = await this.#init.disk.removeAll(part).then(
      () => true,
      () => false,
    )
    if (!writing.hasEnded) await writing.end(isGone ? 0 : writing.granted)
  }

  async *#checked(
    source: AsyncIterable<Uint8Array>,
    hash: ReturnType<typeof createHash>,
    writing: Writing,
  ): AsyncGenerator<Uint8Array> {
    const { disk, folder } = this.#init
    let unchecked = CHECK_BYTES
    for await (const bytes of writing.guard(source)) {
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
