/** Compares a list of files and folders with what stands on the disk, by kind and size, and finds what is there besides. */
import { join } from 'node:path'
import type { Entry } from '../content/entry.ts'
import { judgePath } from '../content/name-verdict.ts'
import { diskError } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import type { Disk, FileFacts } from './disk.ts'

export class LocalTree {
  readonly #disk: Disk
  readonly #root: string
  /** Whether a folder of the share is one here, no link to one, and everything above it too. */
  readonly #folders = new Map<string, Promise<boolean>>()

  /** @param root what stands for the share itself */
  constructor(disk: Disk, root: string) {
    this.#disk = disk
    this.#root = root
  }

  pathOf(path: string): string {
    return path === '' ? this.#root : join(this.#root, path)
  }

  /**
   * Whether something of this kind and size stands at the path of an entry. Links are not followed.
   *
   * @throws ShoalError ERR_PERMISSION, ERR_DISK
   */
  async hasLike({ path, kind, size }: Entry): Promise<boolean> {
    // A name that no fetch would take cannot be here, and must not lead elsewhere.
    if (path !== '' && judgePath(path).verdict === 'unsafe') return false
    if (kind === 'folder') return this.isFolder(path)
    if (path !== '' && !(await this.isFolder(parentOf(path)))) return false
    const facts = await this.#facts(path)
    return facts?.kind === 'file' && facts.size === size
  }

  /** @param path of a folder of the share; empty for the share itself */
  isFolder(path: string): Promise<boolean> {
    let known = this.#folders.get(path)
    if (known === undefined) {
      known = this.#findFolder(path)
      this.#folders.set(path, known)
    }
    return known
  }

  /**
   * What is here and not among `entries`; of a folder that is not, only itself, with a slash behind it.
   *
   * @throws ShoalError ERR_PERMISSION, ERR_DISK
   */
  async *extras(entries: readonly Entry[]): AsyncGenerator<string> {
    const known = new Set(entries.map(({ path }) => path))
    const folders = entries.filter(({ kind }) => kind === 'folder').map(({ path }) => path)
    for (const folder of ['', ...folders]) {
      if (!(await this.isFolder(folder))) continue
      for (const raw of await this.#list(folder)) {
        const path = folder === '' ? raw.toString() : `${folder}/${raw.toString()}`
        if (known.has(path)) continue
        yield (await this.#facts(path))?.kind === 'folder' ? `${path}/` : path
      }
    }
  }

  async #findFolder(path: string): Promise<boolean> {
    if (path !== '' && !(await this.isFolder(parentOf(path)))) return false
    return (await this.#facts(path))?.kind === 'folder'
  }

  async #facts(path: string): Promise<FileFacts | undefined> {
    try {
      return await this.#disk.facts(this.pathOf(path))
    } catch (error) {
      throw this.#fault(error, path)
    }
  }

  async #list(path: string): Promise<Buffer[]> {
    try {
      return await this.#disk.list(this.pathOf(path))
    } catch (error) {
      throw this.#fault(error, path)
    }
  }

  #fault(error: unknown, path: string): unknown {
    return diskError(error, `reading ${escapeForDisplay(this.pathOf(path))}`)
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
