/** What a worker thread does in a staging folder and beside it, apart from the blocks themselves. All of it by open folders. */
import {
  closeSync,
  constants,
  fchmodSync,
  fdatasync,
  fsync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { promisify } from 'node:util'
import { systemCode } from '../errors.ts'
import { NO_FOLLOW, Within, type Anchor } from './anchor.ts'

export interface FinishedFile {
  readonly path: string
  readonly size: number
  readonly mtimeMs?: number
  readonly executable?: boolean
}

export interface FinishedFolder {
  readonly path: string
  readonly mtimeMs?: number
}

/** How something comes to its final place: a file where none may be, a file that takes another's place, a folder. */
export type MoveKind = 'new-file' | 'replacing-file' | 'folder'

export interface Move {
  readonly from: string
  readonly to: string
  readonly kind: MoveKind
}

/** What a survey tells of a path: `blocked` where a folder on the way is none. */
export type Surveyed = 'none' | 'file' | 'folder' | 'other' | 'blocked'

export interface SurveyResult {
  readonly kinds: readonly Surveyed[]
  /** Bytes. */
  readonly sizes: Float64Array
  readonly ctimesNs: BigInt64Array
}

interface InAnchor {
  readonly within: Anchor
}

export type StagingJob =
  /** Makes folders, outer ones first, for this user alone. Those that are there stay. */
  | ({ readonly type: 'folders'; readonly paths: readonly string[] } & InAnchor)
  /** Looks at paths, links not followed. */
  | ({ readonly type: 'survey'; readonly paths: readonly string[] } & InAnchor)
  /** Makes what was written to files durable. */
  | ({ readonly type: 'sync'; readonly paths: readonly string[] } & InAnchor)
  /** Gives whole files their size, times and mode and makes them durable. */
  | ({ readonly type: 'finish'; readonly files: readonly FinishedFile[] } & InAnchor)
  /** Gives folders their ordinary mode and their times and makes what they list durable. */
  | ({ readonly type: 'finish-folders'; readonly folders: readonly FinishedFolder[] } & InAnchor)
  /** Puts whole files and folders into their places and makes the folders that hold them durable. */
  | { readonly type: 'move'; readonly from: Anchor; readonly to: Anchor; readonly moves: readonly Move[] }
  /** Puts a small file in the place of an older one: after a crash there is one of the two. */
  | ({ readonly type: 'replace'; readonly path: string; readonly bytes: Uint8Array } & InAnchor)
  /** Removes a path with all that lies below it. */
  | ({ readonly type: 'remove'; readonly path: string } & InAnchor)

const PRIVATE_FOLDER_MODE = 0o700
const FOLDER_MODE = 0o755
const FILE_MODE = 0o644
const EXECUTABLE_MODE = 0o755
const PRIVATE_FILE_MODE = 0o600
/** Files that one job holds open to sync them. */
const SYNCS_AT_ONCE = 16

const synced = promisify(fsync)
const dataSynced = promisify(fdatasync)

const OPEN_FOLDER = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | NO_FOLLOW
// Windows cannot open a folder to sync it; NTFS journals its metadata.
const SYNCS_FOLDERS = process.platform !== 'win32'

/** A promise from the jobs that wait for the disk: meanwhile the thread may run others. */
export function runStagingJob(job: StagingJob): SurveyResult | Promise<void> | undefined {
  switch (job.type) {
    case 'folders':
      return makeFolders(job.within, job.paths)
    case 'survey':
      return survey(job.within, job.paths)
    case 'sync':
      return syncFiles(job.within, job.paths)
    case 'finish':
      return finishFiles(job.within, job.files)
    case 'finish-folders':
      return finishFolders(job.within, job.folders)
    case 'move':
      return move(job.from, job.to, job.moves)
    case 'replace':
      return replace(job.within, job.path, job.bytes)
    case 'remove': {
      using within = new Within(job.within)
      return remove(within, job.path)
    }
  }
}

function makeFolders(anchor: Anchor, paths: readonly string[]): undefined {
  using within = new Within(anchor)
  for (const path of paths) {
    const at = within.at(path)
    try {
      mkdirSync(at, PRIVATE_FOLDER_MODE)
    } catch (error) {
      if (systemCode(error) !== 'EEXIST' || !lstatSync(at).isDirectory()) throw error
    }
  }
}

function survey(anchor: Anchor, paths: readonly string[]): SurveyResult {
  using within = new Within(anchor)
  const sizes = new Float64Array(paths.length)
  const ctimesNs = new BigInt64Array(paths.length)
  const kinds = paths.map((path, i): Surveyed => {
    try {
      const stat = lstatSync(within.at(path), { bigint: true })
      sizes[i] = Number(stat.size)
      ctimesNs[i] = stat.ctimeNs
      return stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other'
    } catch (error) {
      const code = systemCode(error)
      if (code === 'ENOENT') return 'none'
      if (code === 'ENOTDIR' || code === 'ELOOP') return 'blocked'
      throw error
    }
  })
  return { kinds, sizes, ctimesNs }
}

function syncFiles(anchor: Anchor, paths: readonly string[]): Promise<void> {
  return eachFile(anchor, paths, { flags: constants.O_RDWR, sync: dataSynced, prepare: () => {} })
}

function finishFiles(anchor: Anchor, files: readonly FinishedFile[]): Promise<void> {
  return eachFile(
    anchor,
    files.map((file) => file.path),
    {
      flags: constants.O_RDWR | constants.O_CREAT,
      sync: synced,
      prepare: (fd, i) => {
        const { size, executable, mtimeMs } = files[i] as FinishedFile
        // An empty file has no block that would have created it; parts of another version may be longer.
        ftruncateSync(fd, size)
        fchmodSync(fd, executable === true ? EXECUTABLE_MODE : FILE_MODE)
        if (mtimeMs !== undefined) futimesSync(fd, mtimeMs / 1_000, mtimeMs / 1_000)
      },
    },
  )
}

/** Syncs files, several at a time: each waits for the disk's journal, and those that wait together go by together. */
async function eachFile(
  anchor: Anchor,
  paths: readonly string[],
  how: {
    readonly flags: number
    readonly prepare: (fd: number, index: number) => void
    readonly sync: (fd: number) => Promise<void>
  },
): Promise<void> {
  using within = new Within(anchor)
  for (let from = 0; from < paths.length; from += SYNCS_AT_ONCE) {
    const open: number[] = []
    try {
      for (const [i, path] of paths.slice(from, from + SYNCS_AT_ONCE).entries()) {
        const fd = openSync(within.at(path), how.flags | NO_FOLLOW, FILE_MODE)
        open.push(fd)
        how.prepare(fd, from + i)
      }
      const results = await Promise.allSettled(open.map((fd) => how.sync(fd)))
      const failed = results.find((result) => result.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    } finally {
      for (const fd of open) closeSync(fd)
    }
  }
}

function finishFolders(anchor: Anchor, folders: readonly FinishedFolder[]): undefined {
  using within = new Within(anchor)
  for (const { path, mtimeMs } of folders) {
    const fd = openSync(within.at(path), OPEN_FOLDER)
    try {
      if (process.platform !== 'win32') fchmodSync(fd, FOLDER_MODE)
      if (mtimeMs !== undefined) futimesSync(fd, mtimeMs / 1_000, mtimeMs / 1_000)
      if (SYNCS_FOLDERS) fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  }
}

function move(from: Anchor, to: Anchor, moves: readonly Move[]): undefined {
  using source = new Within(from)
  using target = new Within(to)
  const changed = new Set<string>()
  for (const each of moves) {
    const [here, there] = [source.at(each.from), target.at(each.to)]
    if (each.kind === 'new-file') moveNew(here, there)
    else renameSync(here, there)
    changed.add(each.to.slice(0, Math.max(0, each.to.lastIndexOf('/'))))
  }
  if (!SYNCS_FOLDERS) return
  for (const folder of changed) {
    if (folder === '' && to.fd !== undefined) {
      fsyncSync(to.fd)
      continue
    }
    const fd = openSync(folder === '' ? to.path : target.at(folder), OPEN_FOLDER)
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  }
}

/** A rename that fails where something is: by a second name, where the file system has such. */
function moveNew(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (error) {
    if (systemCode(error) === 'EEXIST' || systemCode(error) === 'ENOSPC') throw error
    if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) {
      throw Object.assign(new Error('EEXIST: file already exists, link'), { code: 'EEXIST' })
    }
    renameSync(from, to)
    return
  }
  unlinkSync(from)
}

function replace(anchor: Anchor, path: string, bytes: Uint8Array): undefined {
  using within = new Within(anchor)
  const fresh = within.at(`${path}.new`)
  const fd = openSync(
    fresh,
    constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | NO_FOLLOW,
    PRIVATE_FILE_MODE,
  )
  try {
    let done = 0
    while (done < bytes.byteLength) done += writeSync(fd, bytes, done, bytes.byteLength - done, done)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(fresh, within.at(path))
}

function remove(within: Within, path: string): undefined {
  const at = within.at(path)
  const stat = lstatSync(at, { throwIfNoEntry: false })
  if (stat === undefined) return
  if (!stat.isDirectory()) {
    unlinkSync(at)
    return
  }
  // Listed through a path of its own, so that a folder which was made a link meanwhile fails here.
  for (const name of readdirSync(within.at(`${path}/.`))) remove(within, `${path}/${name}`)
  within[Symbol.dispose]()
  rmdirSync(within.at(path))
}
