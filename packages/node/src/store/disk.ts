/** The disk as the store's main thread uses it: a seam, so that faults can be put in its place. */
import { constants } from 'node:fs'
import {
  access,
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rename,
  rm,
  statfs,
  utimes,
} from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../errors.ts'
import { makeFolder } from '../util/make-folder.ts'

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
  /** Facts of the path itself, links not followed; undefined when nothing is there. */
  facts: (path: string) => Promise<FileFacts | undefined>
  /** Names in a folder as the disk holds them: not every name is text. */
  list: (path: string) => Promise<Buffer[]>
  isReadable: (path: string) => Promise<boolean>
  /** The first bytes of a file, at most `maxBytes`. Fails for a link and whatever else is no file. */
  readStart: (path: string, maxBytes: number) => Promise<Uint8Array>
  /** Is this a folder, no link to one, that belongs to this user and that nobody else may enter? */
  isPrivateFolder: (path: string) => Promise<boolean>
  /** Makes a folder with all its parents. */
  makeFolder: (path: string, mode?: number) => Promise<void>
  /** Makes one folder; fails when anything is there. */
  makeNewFolder: (path: string, mode: number) => Promise<void>
  /** Gives a folder its ordinary mode and its time, in milliseconds since 1970, and makes what it lists durable. */
  finishFolder: (path: string, mtimeMs: number | undefined) => Promise<void>
  rename: (from: string, to: string) => Promise<void>
  removeAll: (path: string) => Promise<void>
  /** Makes what was created, renamed or removed in a folder durable. */
  syncFolder: (path: string) => Promise<void>
  /** Does the file system below a folder take names that differ in case for the same? Leaves nothing behind. */
  foldsNames: (path: string) => Promise<boolean>
  /** Bytes that this user may still write below `path`. */
  freeBytes: (path: string) => Promise<number>
}

const ANY_EXECUTE = 0o111n
const FOLDER_MODE = 0o755
const GROUP_AND_OTHERS = 0o077
/** Follows no link, and waits for nobody at a pipe. Windows has neither flag. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

async function readStart(path: string, maxBytes: number): Promise<Uint8Array> {
  const handle = await open(path, READ_FLAGS)
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

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder for this; NTFS journals its metadata.
  if (process.platform === 'win32') return
  const handle = await open(path, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export const systemDisk: Disk = {
  facts: async (path) => {
    try {
      const stat = await lstat(path, { bigint: true })
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
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
      throw error
    }
  },
  list: (path) => readdir(path, { encoding: 'buffer' }),
  isReadable: async (path) => {
    try {
      await access(path, constants.R_OK)
      return true
    } catch {
      return false
    }
  },
  readStart,
  isPrivateFolder: async (path) => {
    const stat = await lstat(path)
    if (!stat.isDirectory()) return false
    // Windows has neither; there the folder of the user protects what lies in it.
    return (
      process.platform === 'win32' ||
      (stat.uid === process.geteuid?.() && (stat.mode & GROUP_AND_OTHERS) === 0)
    )
  },
  makeFolder: async (path, mode) => {
    await makeFolder(path, mode)
  },
  makeNewFolder: (path, mode) => mkdir(path, { mode }),
  finishFolder: async (path, mtimeMs) => {
    await chmod(path, FOLDER_MODE)
    if (mtimeMs !== undefined) await utimes(path, mtimeMs / 1_000, mtimeMs / 1_000)
    await syncFolder(path)
  },
  rename,
  removeAll: (path) => rm(path, { recursive: true, force: true }),
  syncFolder,
  foldsNames: async (path) => {
    const probe = await mkdtemp(join(path, '.shoal-probe-'))
    try {
      await mkdir(join(probe, 'a'))
      return (await lstat(join(probe, 'A')).catch(() => undefined)) !== undefined
    } finally {
      await rm(probe, { recursive: true, force: true })
    }
  },
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
