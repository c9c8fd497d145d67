/**
 * A folder that is held open, and access to what lies in it such that nobody can lead it elsewhere by putting a link
 * in the place of a folder. On Linux each folder on the way is opened without following links and the next step is
 * taken through its descriptor (`/proc/self/fd`, proc(5)), which stays the same folder whatever its name becomes. Other systems give
 * a program no such way: there every folder is looked at before it is used, which leaves a moment in between.
 *
 * Synchronous, because it is used on worker threads; descriptors are common to all threads of a process.
 */
import { closeSync, constants, existsSync, lstatSync, openSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

/** Most folders that one `Within` holds open between two paths. */
const MAX_OPEN_FOLDERS = 64
const DESCRIPTORS = '/proc/self/fd'
const FOLDER_FLAGS = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0)
/** Windows has no such flag; there links are found by looking. */
export const NO_FOLLOW = constants.O_NOFOLLOW ?? 0

export interface Anchor {
  /** Descriptor of the open folder; undefined where files cannot be reached through one. */
  readonly fd: number | undefined
  readonly path: string
}

let hasDescriptors: boolean | undefined

/**
 * Opens a folder that the user named: links on the way to it are meant, and one in its place too unless `isItself`. The caller
 * closes it.
 */
export function openAnchor(path: string, isItself = false): Anchor {
  hasDescriptors ??= existsSync(`${DESCRIPTORS}/0`) || existsSync(DESCRIPTORS)
  if (!hasDescriptors) {
    if (isItself) refuseLink(path)
    return { fd: undefined, path: realpathSync(path) }
  }
  return { fd: openSync(path, FOLDER_FLAGS | (isItself ? NO_FOLLOW : 0)), path }
}

/** Opens a folder in an anchor, and no link to one. The caller closes it. */
export function openFolder(anchor: Anchor, path: string): Anchor {
  using within = new Within(anchor)
  const at = within.at(path)
  if (anchor.fd === undefined) {
    refuseLink(at)
    return { fd: undefined, path: at }
  }
  return { fd: openSync(at, FOLDER_FLAGS | NO_FOLLOW), path: join(anchor.path, path) }
}

/** A path to the folder itself for system calls, good while it is open. */
export function addressOf({ fd, path }: Anchor): string {
  return fd === undefined ? path : `${DESCRIPTORS}/${fd}`
}

export function closeAnchor(anchor: Anchor): void {
  if (anchor.fd !== undefined) closeSync(anchor.fd)
}

/** Reaches paths in one anchor, holding open the folders that several of them share. */
export class Within {
  readonly #anchor: Anchor
  readonly #open = new Map<string, number>()

  constructor(anchor: Anchor) {
    this.#anchor = anchor
  }

  /**
   * A path for one system call: what it names lies in the anchor at `path`, names joined by `/`. Its last name may be a link,
   * which the call must not follow. Good until the next call of this.
   *
   * @throws the system's error when a folder on the way is missing, a file or a link
   */
  at(path: string): string {
    const { fd, path: anchored } = this.#anchor
    const end = path.lastIndexOf('/')
    if (fd === undefined) {
      for (let to = path.indexOf('/'); to >= 0; to = path.indexOf('/', to + 1)) {
        refuseLink(join(anchored, path.slice(0, to)))
      }
      return join(anchored, path)
    }
    if (end < 0) return `${DESCRIPTORS}/${fd}/${path}`
    if (this.#open.size >= MAX_OPEN_FOLDERS) this[Symbol.dispose]()
    return `${DESCRIPTORS}/${this.#folder(fd, path.slice(0, end))}/${path.slice(end + 1)}`
  }

  [Symbol.dispose](): void {
    for (const fd of this.#open.values()) closeSync(fd)
    this.#open.clear()
  }

  #folder(root: number, path: string): number {
    const known = this.#open.get(path)
    if (known !== undefined) return known
    const end = path.lastIndexOf('/')
    const parent = end < 0 ? root : this.#folder(root, path.slice(0, end))
    const fd = openSync(`${DESCRIPTORS}/${parent}/${path.slice(end + 1)}`, FOLDER_FLAGS | NO_FOLLOW)
    this.#open.set(path, fd)
    return fd
  }
}

function refuseLink(path: string): void {
  if (lstatSync(path).isDirectory()) return
  throw Object.assign(new Error(`ENOTDIR: not a directory, open '${path}'`), { code: 'ENOTDIR', path })
}
