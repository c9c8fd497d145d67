/**
 * The log of the node in the background: a file of bounded size, and the one before it. Lines are written at once and in order,
 * so that the last of them is there whatever the process dies of; there are few, for the node bounds them.
 */
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Most bytes of the file; then it becomes the older one. */
const MAX_BYTES = 10_485_760
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

export class LogFile {
  readonly #path: string
  readonly #older: string
  readonly #maxBytes: number
  #fd: number | undefined
  #bytes = 0

  constructor(path: string, maxBytes = MAX_BYTES) {
    this.#path = path
    this.#older = path.replace(/(\.log)?$/, '.1$1')
    this.#maxBytes = maxBytes
  }

  /** Makes the file with the first line: who finds the home taken leaves it alone. Throws as the system says. */
  write(line: string): void {
    const bytes = Buffer.from(line)
    if (this.#fd !== undefined && this.#bytes + bytes.byteLength > this.#maxBytes) this.#turnOver()
    const fd = (this.#fd ??= this.#open())
    writeSync(fd, bytes)
    this.#bytes += bytes.byteLength
    if (this.#bytes > this.#maxBytes) this.#turnOver()
  }

  #open(): number {
    const folder = dirname(this.#path)
    // The home is there: the recursive form never ends where a parent refuses children.
    if (!existsSync(folder)) mkdirSync(folder, FOLDER_MODE)
    const fd = openSync(this.#path, 'a', FILE_MODE)
    this.#bytes = fstatSync(fd).size
    return fd
  }

  #turnOver(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
    renameSync(this.#path, this.#older)
  }
}
