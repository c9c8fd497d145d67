/** The disk as the store's main thread uses it: a seam, so that faults can be put in its place. */
import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises'
import { systemCode } from '../errors.ts'

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

export interface DirectoryItem {
  /** The name as the disk holds it: not every name is text. */
  readonly name: Buffer
}

export interface Disk {
  /** Facts of the path itself, links not followed; undefined when nothing is there. */
  facts: (path: string) => Promise<FileFacts | undefined>
  list: (path: string) => Promise<Buffer[]>
  /** Makes a folder with all its parents. */
  makeFolder: (path: string, mode?: number) => Promise<void>
  /** Makes one folder; fails when anything is there. */
  makeNewFolder: (path: string, mode: number) => Promise<void>
  rename: (from: string, to: string) => Promise<void>
  removeAll: (path: string) => Promise<void>
  /** Makes what was created, renamed or removed in a folder durable. */
  syncFolder: (path: string) => Promise<void>
  /** Bytes that this user may still write below `path`. */
  freeBytes: (path: string) => Promise<number>
}

const ANY_EXECUTE = 0o111n

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
  makeFolder: async (path, mode) => {
    await mkdir(path, { recursive: true, ...(mode === undefined ? {} : { mode }) })
  },
  makeNewFolder: (path, mode) => mkdir(path, { mode }),
  rename,
  removeAll: (path) => rm(path, { recursive: true, force: true }),
  syncFolder: async (path) => {
    // Windows cannot open a folder for this; NTFS journals its metadata.
    if (process.platform === 'win32') return
    const handle = await open(path, constants.O_RDONLY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
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
