/** What is noted of each upload, beside what was handed in: a file of its own, which is as old as the last piece. */
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { diskError, isShoalError, systemCode } from '../../errors.ts'
import type { Disk } from '../../store/disk.ts'

const RECORD = 'upload.json'
const CONTENT = 'content'
const FOLDER_MODE = 0o700
const NS_PER_MS = 1_000_000n

const schema = z.object({
  name: z.string(),
  kind: z.enum(['file', 'folder']),
  /** Bytes of everything that is to come, if that was said. */
  bytes: z.int().min(0).optional(),
  /** CID of what it was shared as, as text. */
  root: z.string().optional(),
})

export type UploadRecord = Readonly<z.infer<typeof schema>>

/** What lies under the id of an upload. */
export interface FoundUpload {
  readonly id: string
  /** undefined: there is none that this Shoal wrote. */
  readonly record: UploadRecord | undefined
  /** When somebody went on with it last, in milliseconds since 1970. */
  readonly changedMs: number
}

export class UploadRecords {
  readonly #folder: string
  readonly #disk: Disk

  /** @param folder in the home */
  constructor(folder: string, disk: Disk) {
    this.#folder = folder
    this.#disk = disk
  }

  /** Where what is handed in lies. */
  contentOf(id: string): string {
    return join(this.#folder, id, CONTENT)
  }

  /** @throws ShoalError ERR_PERMISSION, ERR_DISK */
  async ids(): Promise<string[]> {
    try {
      return (await this.#disk.list(this.#folder)).map(String)
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return []
      throw diskError(error, `reading ${this.#folder}`)
    }
  }

  /** Throws as `ids`. */
  async all(): Promise<FoundUpload[]> {
    return await Promise.all((await this.ids()).map((id) => this.look(id)))
  }

  /** Throws as `ids`. */
  async look(id: string): Promise<FoundUpload> {
    return await this.#onDisk(async () => {
      const facts = await this.#disk.facts(this.#fileOf(id))
      const changedMs = facts === undefined ? 0 : Number(facts.mtimeNs / NS_PER_MS)
      return { id, record: await this.find(id), changedMs }
    })
  }

  /** Throws as `ids`. */
  async find(id: string): Promise<UploadRecord | undefined> {
    return await this.#onDisk(async () => {
      const bytes = await this.#disk.readWhole(this.#fileOf(id))
      if (bytes === undefined) return undefined
      const { success, data } = schema.safeParse(json(bytes))
      return success ? data : undefined
    })
  }

  /** A folder for its content, and what is noted. @throws ShoalError ERR_DISK_FULL, ERR_PERMISSION, ERR_DISK */
  async begin(id: string, record: UploadRecord): Promise<void> {
    const content = this.contentOf(id)
    await this.#onDisk(async () => {
      await this.#disk.makeFolder(record.kind === 'file' ? content : join(content, record.name), FOLDER_MODE)
      await this.#write(id, record)
    })
  }

  /** Throws as `begin`. */
  async save(id: string, record: UploadRecord): Promise<void> {
    await this.#onDisk(() => this.#write(id, record))
  }

  /** Somebody went on with it. Throws as `begin`. */
  async touch(id: string, nowMs: number): Promise<void> {
    const now = new Date(nowMs)
    await this.#onDisk(() => utimes(this.#fileOf(id), now, now))
  }

  /** With everything that was handed in. Throws as `begin`. */
  async remove(id: string): Promise<void> {
    await this.#onDisk(() => this.#disk.removeAll(join(this.#folder, id)))
  }

  /** Bytes of content on the disk. Throws as `ids`. */
  async measure(id: string): Promise<number> {
    return await this.#onDisk(() => this.#bytesBelow(this.contentOf(id)))
  }

  async #bytesBelow(path: string): Promise<number> {
    const facts = await this.#disk.facts(path)
    if (facts?.kind === 'file') return facts.size
    if (facts?.kind !== 'folder') return 0
    let bytes = 0
    // One after the other: there may be very many.
    for (const name of await this.#disk.list(path))
      bytes += await this.#bytesBelow(join(path, name.toString()))
    return bytes
  }

  async #write(id: string, record: UploadRecord): Promise<void> {
    await this.#disk.replaceFile(this.#fileOf(id), Buffer.from(JSON.stringify(record)))
  }

  #fileOf(id: string): string {
    return join(this.#folder, id, RECORD)
  }

  async #onDisk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw isShoalError(error) ? error : diskError(error, `keeping what is handed in in ${this.#folder}`)
    }
  }
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
}
