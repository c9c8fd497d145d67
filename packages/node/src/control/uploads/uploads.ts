/**
 * Content that clients hand in because they have no path to it, such as pages in a browser: kept in the home, piece by piece over
 * restarts, and once it is shared for as long as the share is there.
 */
import { join } from 'node:path'
import { ShoalError } from '../../errors.ts'
import type { Disk } from '../../store/disk.ts'
import type { Ledger } from '../../store/quota/ledger.ts'
import type { CountedPart, CountedUnit, Evictable, Evictor } from '../../store/quota/parts.ts'
import { uploadOf, uploadUnit } from '../../store/quota/unit.ts'
import type { Seams } from '../../util/seams.ts'
import { Turns } from '../../util/turns.ts'
import { Holds } from './holds.ts'
import { MAX_PIECE_BYTES, MAX_UPLOADS } from './limits.ts'
import { UnneededUploads } from './unneeded-uploads.ts'
import { UploadFiles, type Piece } from './upload-files.ts'
import { UploadPaths } from './upload-paths.ts'
import { UploadRecords, type UploadRecord } from './upload-records.ts'

/** An upload, as clients are told of it. */
export interface Upload {
  readonly id: string
  /** What the share is to be called. */
  readonly name: string
  readonly kind: 'file' | 'folder'
}

/** What is handed in, as a client says it. */
export interface BegunUpload extends Omit<Upload, 'id'> {
  /** Of everything that is to come: room is kept for it. Without it there is room or not when it comes. */
  readonly bytes?: number | undefined
}

export interface UploadsInit {
  /** Folder in the home. */
  readonly folder: string
  readonly disk: Disk
  readonly seams: Pick<Seams, 'clock'>
  readonly platform: 'posix' | 'win32'
  readonly ledger: Ledger
  /** Whether the home knows a share of that root. */
  readonly isShared: (root: string) => Promise<boolean>
  /** Whether it knows a share of what was handed in, by `uploadUnit`. */
  readonly hasShares: (unit: string) => Promise<boolean>
}

export class Uploads implements CountedPart, Evictor {
  readonly #init: UploadsInit
  readonly #files: UploadFiles
  readonly #records: UploadRecords
  readonly #paths: UploadPaths
  readonly #holds = new Holds()
  readonly #turns = new Turns()
  readonly #unneeded: UnneededUploads
  /** Ids of those that are not shared yet, once somebody asked. */
  #open: Promise<Set<string>> | undefined

  constructor(init: UploadsInit) {
    this.#init = init
    this.#files = new UploadFiles(init)
    this.#records = new UploadRecords(init.folder, init.disk)
    this.#paths = new UploadPaths(init.platform)
    this.#unneeded = new UnneededUploads({
      ...init,
      records: this.#records,
      holds: this.#holds,
      openIds: () => this.#openIds(),
      remove: (id) => this.remove(id),
    })
  }

  /**
   * Begins one, or goes on with the one that has that id.
   *
   * @param id a UUID of the client's making
   * @throws ShoalError ERR_UNSAFE_NAME, ERR_LIMIT, ERR_QUOTA, ERR_DISK_FULL, ERR_PERMISSION, ERR_DISK
   */
  async begin(id: string, { name, kind, bytes }: BegunUpload): Promise<Upload> {
    this.#paths.acceptName({ name, kind })
    return await this.#turns.run(id, undefined, () =>
      this.#using(id, async () => {
        const known = await this.#records.find(id)
        if (known !== undefined) return { id, name: known.name, kind: known.kind }
        await this.#add(id, { name, kind, ...(bytes === undefined ? {} : { bytes }) })
        return { id, name, kind }
      }),
    )
  }

  async #add(id: string, record: UploadRecord): Promise<void> {
    const { ledger } = this.#init
    const open = await this.#openIds()
    if (open.size >= MAX_UPLOADS && !open.has(id)) {
      throw new ShoalError('ERR_LIMIT', `there are ${MAX_UPLOADS} uploads already that are not shared yet`)
    }
    open.add(id)
    try {
      if (record.bytes !== undefined) await ledger.promise(uploadUnit(id), record.bytes)
      await this.#records.begin(id, record)
    } catch (error) {
      open.delete(id)
      ledger.fulfil(uploadUnit(id))
      throw error
    }
  }

  /**
   * How many bytes of a file are there.
   *
   * @param path of a single file: empty
   * @throws ShoalError ERR_NO_UPLOAD, and as `UploadFiles.append`
   */
  async offsetOf(id: string, path: string): Promise<number> {
    const upload = await this.#notShared(id)
    return await this.#files.offsetOf(this.#records.contentOf(id), this.#paths.within(upload, path))
  }

  /**
   * @param bytes of the piece, where its client says so: what does not fit is refused before it comes
   * @throws ShoalError ERR_NO_UPLOAD, ERR_QUOTA, and as `UploadFiles.append`
   */
  async append(id: string, piece: Piece, source: AsyncIterable<Uint8Array>, bytes?: number): Promise<number> {
    return await this.#using(id, async () => {
      const path = this.#paths.within(await this.#notShared(id), piece.path)
      const writing = this.#init.ledger.write(uploadUnit(id))
      let added = 0
      try {
        // Of more than a piece may have, nothing is kept.
        await writing.expect(Math.min(bytes ?? 0, MAX_PIECE_BYTES))
        const place = { ...piece, path }
        const content = this.#records.contentOf(id)
        return await this.#files.append(content, place, writing.guard(source), (length) => (added = length))
      } finally {
        await writing.end(added)
        await this.#records.touch(id, this.#init.seams.clock.now()).catch(() => {})
      }
    })
  }

  /** @throws ShoalError ERR_NO_UPLOAD, and as `UploadFiles.makeFolder` */
  async makeFolder(id: string, path: string): Promise<void> {
    await this.#using(id, async () => {
      const upload = await this.#notShared(id)
      await this.#files.makeFolder(this.#records.contentOf(id), this.#paths.within(upload, path))
    })
  }

  /**
   * Shares what was handed in.
   *
   * @param share of what lies at a path; gives the root
   * @throws ShoalError ERR_NO_UPLOAD, as `begin`; what `share` throws
   */
  async share<T extends { readonly root: string }>(
    id: string,
    share: (path: string) => Promise<T>,
  ): Promise<T> {
    return await this.#using(id, async () => {
      const result = await share(await this.pathOf(id))
      // Before it goes on by itself: what is not noted as shared is removed one day.
      await this.shared(id, result.root)
      return result
    })
  }

  /** Where what was handed in lies, to be shared. @throws ShoalError ERR_NO_UPLOAD */
  async pathOf(id: string): Promise<string> {
    const { name } = await this.#known(id)
    return join(this.#records.contentOf(id), name)
  }

  /** It is shared: from now on it is there for as long as that share. @throws ShoalError as `begin` */
  async shared(id: string, root: string): Promise<void> {
    const { name, kind } = await this.#known(id)
    await this.#records.save(id, { name, kind, root })
    await this.#isOpenNoMore(id)
    this.#init.ledger.fulfil(uploadUnit(id))
  }

  /** Removes one that is not shared. @throws ShoalError ERR_NO_UPLOAD, as `begin` */
  async drop(id: string): Promise<void> {
    await this.#notShared(id)
    await this.remove(id)
  }

  /** Shares of a root were removed: so is what was handed in for them. @throws ShoalError as `begin` */
  async dropOf(root: string): Promise<void> {
    for (const { id, record } of await this.#records.all()) {
      if (record?.root === root && !(await this.#init.hasShares(uploadUnit(id)))) await this.remove(id)
    }
  }

  /** Removes what is not needed any more, or was given up. What cannot be removed is left for the next time. */
  async clear(): Promise<void> {
    await this.#unneeded.clear()
  }

  /** Keeps one for who removes it; undefined: somebody uses it. */
  claim(id: string): (() => void) | undefined {
    return this.#holds.claim(id)
  }

  /** Whatever becomes of its shares. @throws ShoalError as `begin` */
  async remove(id: string): Promise<void> {
    await this.#records.remove(id)
    this.#init.ledger.removed(uploadUnit(id))
    await this.#isOpenNoMore(id)
  }

  /** Throws as `begin`. */
  async count(): Promise<readonly CountedUnit[]> {
    const units: CountedUnit[] = []
    for (const { id, record } of await this.#records.all()) {
      const promised = record?.root === undefined ? (record?.bytes ?? 0) : 0
      units.push({ unit: uploadUnit(id), present: await this.#records.measure(id), promised })
    }
    return units
  }

  /** Throws as `begin`. */
  async measure(unit: string): Promise<number | undefined> {
    const id = uploadOf(unit)
    return id === undefined ? undefined : await this.#records.measure(id)
  }

  /** Those that nobody goes on with, left longest ago first. */
  evictable(): AsyncIterable<Evictable> {
    return this.#unneeded.evictable()
  }

  async #using<T>(id: string, work: () => Promise<T>): Promise<T> {
    const release = this.#holds.hold(id)
    if (release === undefined) throw noUpload()
    try {
      return await work()
    } finally {
      release()
    }
  }

  async #openIds(): Promise<Set<string>> {
    this.#open ??= this.#records
      .all()
      .then((all) => new Set(all.filter(({ record }) => record?.root === undefined).map(({ id }) => id)))
    try {
      return await this.#open
    } catch (error) {
      this.#open = undefined
      throw error
    }
  }

  async #isOpenNoMore(id: string): Promise<void> {
    await this.#open?.then(
      (open) => open.delete(id),
      () => false,
    )
  }

  async #known(id: string): Promise<UploadRecord> {
    const known = await this.#records.find(id)
    if (known === undefined) throw noUpload()
    return known
  }

  /** One that is still to be added to. */
  async #notShared(id: string): Promise<UploadRecord> {
    const known = await this.#known(id)
    if (known.root === undefined) return known
    throw new ShoalError('ERR_NO_UPLOAD', 'the upload with that id is shared already')
  }
}

function noUpload(): ShoalError {
  return new ShoalError('ERR_NO_UPLOAD', 'there is no upload with that id')
}
