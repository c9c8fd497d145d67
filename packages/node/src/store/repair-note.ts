/**
 * Which share is being repaired, kept over a crash: of its files the time of last change is what it was, but not the time at which the
 * system noted a change, and without this they would look as if somebody had edited them.
 */
import type { Disk, FileFacts } from './disk.ts'

/** What is lost of a time when it is put back: less than a microsecond. */
const TIME_PRECISION_NS = 1_000n

export class RepairNote {
  readonly #file: string
  readonly #disk: Pick<Disk, 'readWhole' | 'replaceFile' | 'removeAll'>

  constructor(file: string, disk: Pick<Disk, 'readWhole' | 'replaceFile' | 'removeAll'>) {
    this.#file = file
    this.#disk = disk
  }

  /** The id of the share whose repair was begun last and has not ended. */
  async read(): Promise<string | undefined> {
    const bytes = await this.#disk.readWhole(this.#file)
    return bytes && Buffer.from(bytes).toString()
  }

  async begin(id: string): Promise<void> {
    await this.#disk.replaceFile(this.#file, Buffer.from(id))
  }

  async end(): Promise<void> {
    await this.#disk.removeAll(this.#file)
  }
}

/** Whether a file can be what a repair that broke off made of the one that was shared. */
export function isHalfRepaired(shared: FileFacts, now: FileFacts): boolean {
  const offNs = shared.mtimeNs - now.mtimeNs
  const isSameTime = offNs < TIME_PRECISION_NS && offNs > -TIME_PRECISION_NS
  return now.kind === shared.kind && now.size === shared.size && now.inode === shared.inode && isSameTime
}
