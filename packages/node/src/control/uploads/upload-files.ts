/**
 * The files of uploads: written piece by piece where a share then reads them, so that a piece that is there need not be sent
 * again. How far a file is, is its size: pieces are only ever appended.
 */
import { constants } from 'node:fs'
import { open, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PathJudge } from '../../content/safe-path.ts'
import { ShoalError, diskError, isShoalError } from '../../errors.ts'
import type { Disk } from '../../store/disk.ts'
import { Turns } from '../../util/turns.ts'
import { MAX_PIECE_BYTES, RESERVED_BYTES } from './limits.ts'

/** Creates what is not there and follows no link. */
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0)
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700
const MS_PER_SECOND = 1_000

export interface UploadFilesInit {
  readonly disk: Disk
  readonly platform: 'posix' | 'win32'
}

export interface Piece {
  /** Relative to the folder, names joined by `/`. */
  readonly path: string
  /** Where it begins: as many bytes of the file as are there. */
  readonly offset: number
  /** Last change of the file, in milliseconds since 1970. */
  readonly mtime?: number
}

export class UploadFiles {
  readonly #init: UploadFilesInit
  readonly #turns = new Turns()

  constructor(init: UploadFilesInit) {
    this.#init = init
  }

  /**
   * How many bytes of a file are there.
   *
   * @param folder that holds nothing but what is handed in
   * @throws ShoalError ERR_UNSAFE_NAME, ERR_LIMIT, ERR_PERMISSION, ERR_DISK
   */
  async offsetOf(folder: string, path: string): Promise<number> {
    const place = this.#placeOf(folder, path)
    try {
      return (await this.#init.disk.facts(place))?.size ?? 0
    } catch (error) {
      throw diskError(error, 'looking for what is here')
    }
  }

  /**
   * Appends a piece, and returns how many bytes of the file are there; these are on the disk. Where the source breaks off, what came
   * of it stays, unless there is no room for the rest.
   *
   * @param onAdded told at the end, however it ends, by how much the file grew
   * @throws ShoalError ERR_UPLOAD_OFFSET when another part is due, ERR_UNSAFE_NAME, ERR_LIMIT when it is too long,
   *   ERR_DISK_FULL, ERR_PERMISSION, ERR_DISK; what `source` throws
   */
  async append(
    folder: string,
    piece: Piece,
    source: AsyncIterable<Uint8Array>,
    onAdded: (bytes: number) => void = () => {},
  ): Promise<number> {
    const place = this.#placeOf(folder, piece.path)
    return await this.#turns.run(place, undefined, async () => {
      try {
        await this.#init.disk.makeFolder(dirname(place), FOLDER_MODE)
        await this.#refuseFullDisk(folder)
        return await append(place, piece, source, onAdded)
      } catch (error) {
        throw isShoalError(error) ? error : diskError(error, 'keeping what is handed in')
      }
    })
  }

  /** Makes a folder, which may stay empty. @throws ShoalError as `append` */
  async makeFolder(folder: string, path: string): Promise<void> {
    const place = this.#placeOf(folder, path)
    try {
      await this.#init.disk.makeFolder(place, FOLDER_MODE)
    } catch (error) {
      throw diskError(error, 'keeping what is handed in')
    }
  }

  async #refuseFullDisk(folder: string): Promise<void> {
    if ((await this.#init.disk.freeBytes(folder)) >= RESERVED_BYTES) return
    throw new ShoalError('ERR_DISK_FULL', 'keeping what is handed in: the disk is almost full')
  }

  #placeOf(folder: string, path: string): string {
    new PathJudge({ platform: this.#init.platform, folding: 'none' }).accept(path, 'file')
    return join(folder, ...path.split('/'))
  }
}

async function append(
  place: string,
  { offset, mtime }: Piece,
  source: AsyncIterable<Uint8Array>,
  onAdded: (bytes: number) => void,
): Promise<number> {
  const handle = await open(place, APPEND, FILE_MODE)
  try {
    const { size } = await handle.stat()
    if (size !== offset) {
      throw new ShoalError(
        'ERR_UPLOAD_OFFSET',
        `the next piece of this file begins at ${size}, not ${offset}`,
      )
    }
    let length = 0
    try {
      for await (const bytes of source) {
        if (length + bytes.byteLength > MAX_PIECE_BYTES) {
          throw new ShoalError('ERR_LIMIT', `a piece has at most ${MAX_PIECE_BYTES} bytes`)
        }
        await handle.writeFile(bytes)
        length += bytes.byteLength
      }
    } catch (error) {
      // Nothing of what is refused is to take room.
      if (isShoalError(error, 'ERR_QUOTA')) await handle.truncate(offset)
      throw error
    } finally {
      onAdded((await handle.stat().catch(() => ({ size: offset + length }))).size - offset)
      await handle.datasync()
    }
    return offset + length
  } finally {
    await handle.close()
    if (mtime !== undefined) await utimes(place, mtime / MS_PER_SECOND, mtime / MS_PER_SECOND)
  }
}
