/** A file that was not there before, written line by line; what is not finished is removed again. */
import { open, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ShoalError, diskError } from '@shoal/node/control'
import { SPACE_FAILURES } from '../../strings/space-errors.ts'

/** Names and notes of a space are for its members. */
const MODE = 0o600
/** Characters that are written at once. */
const BATCH_LENGTH = 65_536

export class NewFile implements AsyncDisposable {
  readonly #path: string
  readonly #handle: FileHandle
  #waiting = ''
  #isFinished = false

  private constructor(path: string, handle: FileHandle) {
    this.#path = path
    this.#handle = handle
  }

  /** @throws ShoalError ERR_DESTINATION_EXISTS, ERR_SOURCE_MISSING for a folder that is not there, ERR_PERMISSION, ERR_DISK */
  static async make(path: string): Promise<NewFile> {
    try {
      return new NewFile(path, await open(path, 'wx', MODE))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') {
        throw new ShoalError('ERR_DESTINATION_EXISTS', SPACE_FAILURES.exists(path), {
          hint: SPACE_FAILURES.existsHint,
          cause: error,
        })
      }
      if (code === 'ENOENT' || code === 'ENOTDIR') {
        throw new ShoalError('ERR_SOURCE_MISSING', SPACE_FAILURES.noFolder(dirname(path)), { cause: error })
      }
      throw diskError(error, SPACE_FAILURES.writing(path))
    }
  }

  /** @throws ShoalError ERR_DISK, ERR_DISK_FULL */
  async add(line: string): Promise<void> {
    this.#waiting += `${line}\n`
    if (this.#waiting.length >= BATCH_LENGTH) await this.#write()
  }

  /** Makes it last. @throws ShoalError ERR_DISK, ERR_DISK_FULL */
  async finish(): Promise<void> {
    await this.#write()
    await this.#onDisk(() => this.#handle.sync())
    this.#isFinished = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close()
    if (!this.#isFinished) await rm(this.#path, { force: true })
  }

  async #write(): Promise<void> {
    const text = this.#waiting
    this.#waiting = ''
    await this.#onDisk(() => this.#handle.appendFile(text))
  }

  async #onDisk(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      throw diskError(error, SPACE_FAILURES.writing(this.#path))
    }
  }
}
