/** The disk as the store's main thread uses it: a seam, so that faults can be put in its place. */
import { constants, type BigIntStats } from 'node:fs'
import { access, lstat, open, readFile, readdir, rename, rm, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCode } from '../errors.ts'
import { makeFolder } from '../util/make-folder.ts'
import { syncFolder } from '../util/sync-folder.ts'

/** What identifies a version of a file. A change of any of these means that its bytes may have changed. */
export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  /** Bytes. */
  readonly size: number
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
  readonly inode: bigint
  readonly executable: boolean
}

export interface Disk {
  /**
   * Facts of the path itself, links not followed; undefined when nothing is there. Here and below, `at` is another path to the
   * same place: through a folder that is held open.
   */
  facts: (path: string, at?: string) => Promise<FileFacts | undefined>
  /** Names in a folder as the disk holds them: not every name is text. */
  list: (path: string, at?: string) => Promise<Buffer[]>
  isReadable: (path: string) => Promise<boolean>
  /** All bytes of a file of Shoal's own; undefined when there is none. */
  readWhole: (path: string) => Promise<Uint8Array | undefined>
  /** Puts a file of Shoal's own in place, whole or not at all, durably: through `<path>.new`, which is for the user alone. */
  replaceFile: (path: string, bytes: Uint8Array) => Promise<void>
  /** The first bytes of a file, at most `maxBytes`. Fails for a link and whatever else is no file. */
  readStart: (path: string, maxBytes: number, at?: string) => Promise<Uint8Array>
  /** Writes a file of Shoal's own that is not there yet, for the user alone, and syncs it. */
  writeNew: (path: string, chunks: AsyncIterable<Uint8Array>) => Promise<void>
  /** Makes a folder with all its parents. */
  makeFolder: (path: string, mode?: number) => Promise<void>
  rename: (from: string, to: string) => Promise<void>
  removeAll: (path: string) => Promise<void>
  /** Makes what was created, renamed or removed in a folder durable. */
  syncFolder: (path: string) => Promise<void>
  /** Bytes that this user may still write below `path`. */
  freeBytes: (path: string) => Promise<number>
}

const ANY_EXECUTE = 0o111n
const PRIVATE_FILE_MODE = 0o600
/** Follows no link, and waits for nobody at a pipe. Windows has neither flag. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

async function readStart(path: string, maxBytes: number, at = path): Promise<Uint8Array> {
  const handle = await open(at, READ_FLAGS)
  try {
    if (!(await handle.stat()).isFile()) throw new Error('it is not a file')
    const bytes = new Uint8Array(maxBytes)
    let length = 0
    for (;;) {
      const { bytesRead } = await handle.read(bytes, length, maxBytes - length)
      length += bytesRead
      if (bytesRead === 0 || length === maxBytes) return bytes.subarray(0, length)
    }
  } finally {
    await handle.close()
  }
}

async function readWhole(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.new`
  const handle = await open(beside, 'w', PRIVATE_FILE_MODE)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, path)
  await syncFolder(dirname(path))
}

async function writeNew(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(path, 'wx', PRIVATE_FILE_MODE)
  try {
    for await (const bytes of chunks) await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export function factsOf(stat: BigIntStats): FileFacts {
  const kind = stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'folder'
      : stat.isSymbolicLink()
        ? 'link'
        : 'other'
  return {
    kind,
    size: Number(stat.size),
    mtimeNs: stat.mtimeNs,
    ctimeNs: stat.ctimeNs,
    inode: stat.ino,
    executable: (stat.mode & ANY_EXECUTE) !== 0n,
  }
}

export const systemDisk: Disk = {
  facts: async (path, at = path) => {
    try {
      return factsOf(await lstat(at, { bigint: true }))
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
      throw error
    }
  },
  list: (path, at = path) => readdir(at, { encoding: 'buffer' }),
  isReadable: async (path) => {
    try {
      await access(path, constants.R_OK)
      return true
    } catch {
      return false
    }
  },
  readStart,
  readWhole,
  replaceFile,
  writeNew,
  makeFolder: async (path, mode) => {
    await makeFolder(path, mode)
  },
  rename,
  removeAll: (path) => rm(path, { recursive: true, force: true }),
  syncFolder,
  freeBytes: async (path) => {
    const stat = await statfs(path)
    return stat.bavail * stat.bsize
  },
}

export function sameVersion(a: FileFacts, b: FileFacts): boolean {
  return (
    a.kind === b.kind &&
    a.size === b.size &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs &&
    a.inode === b.inode
  )
}
