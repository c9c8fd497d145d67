/** What is in a folder of this computer, for who chooses one: a page in a browser is told no path by the system. */
import { isUtf8 } from 'node:buffer'
import { lstat, readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { ShoalError, diskError, systemCode } from '../../errors.ts'
import { MAX_FOLDER_ENTRIES } from '../limits.ts'

/** Something in a folder. */
export interface FolderEntry {
  readonly name: string
  /** Of a link, what it leads to. */
  readonly kind: 'file' | 'folder'
  /** 0 for a folder. */
  readonly bytes: number
  /** Last change in milliseconds since 1970. */
  readonly mtime: number
  /** Whether others do not show it unasked. */
  readonly hidden: boolean
}

export interface FolderList {
  /** Absolute. */
  readonly path: string
  /** Absolute path of the folder that it is in; null: of the highest one. */
  readonly parent: string | null
  /** Folders first, each kind by name. What cannot be shared, such as sockets, is not there. */
  readonly entries: readonly FolderEntry[]
  /** Whether there is more than is told. */
  readonly more: boolean
}

/**
 * Lists a folder; without a path the user's own.
 *
 * @param path absolute
 * @param most how many entries are told
 * @throws ShoalError ERR_SOURCE_MISSING, ERR_PERMISSION, ERR_DISK
 */
export async function listFolder(path = homedir(), most = MAX_FOLDER_ENTRIES): Promise<FolderList> {
  try {
    const names = await readdir(path, { encoding: 'buffer' })
    // A name that is no text can be asked for by no client.
    const texts = names.filter((name) => isUtf8(name)).map(String)
    const chosen = texts.toSorted(byName.compare).slice(0, most)
    const entries = await Promise.all(chosen.map((name) => entryOf(path, name)))
    const parent = dirname(path)
    return {
      path,
      parent: parent === path ? null : parent,
      entries: entries
        .filter((entry) => entry !== undefined)
        .toSorted((a, b) => Number(b.kind === 'folder') - Number(a.kind === 'folder')),
      more: texts.length > chosen.length,
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') {
      throw new ShoalError('ERR_SOURCE_MISSING', `there is no folder ${path}`, { cause: error })
    }
    throw diskError(error, `listing ${path}`)
  }
}

const byName = new Intl.Collator('en', { numeric: true })

async function entryOf(folder: string, name: string): Promise<FolderEntry | undefined> {
  const place = join(folder, name)
  try {
    const own = await lstat(place)
    const facts = own.isSymbolicLink() ? await stat(place) : own
    if (!facts.isFile() && !facts.isDirectory()) return undefined
    const kind = facts.isFile() ? 'file' : 'folder'
    return {
      name,
      kind,
      bytes: facts.isFile() ? facts.size : 0,
      mtime: Math.floor(facts.mtimeMs),
      hidden: name.startsWith('.'),
    }
  } catch {
    // A link that leads nowhere, or what was removed meanwhile.
    return undefined
  }
}
