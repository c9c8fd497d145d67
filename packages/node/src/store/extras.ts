/** What lies in the folders of a share besides its own files. */
import { join } from 'node:path'
import type { Entry } from '../content/entry.ts'
import { diskError } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import type { Disk, FileFacts } from './disk.ts'

export interface ExtrasInit {
  readonly disk: Disk
  /** What stands for the share itself. */
  readonly root: string
  readonly entries: readonly Entry[]
  /** Whether an entry, by its index, was found in its place. In other folders nothing is looked for. */
  readonly isHere: (index: number) => boolean
}

/**
 * Paths in the share; of a folder that is none of it only itself, with a slash behind it.
 *
 * @throws ShoalError ERR_PERMISSION, ERR_DISK
 */
export async function* findExtras({ disk, root, entries, isHere }: ExtrasInit): AsyncGenerator<string> {
  // A file may stand in the place of the share.
  if ((await factsOf(disk, root))?.kind !== 'folder') return
  const known = new Set(entries.map(({ path }) => path))
  const folders = entries.filter(({ kind }, i) => kind === 'folder' && isHere(i)).map(({ path }) => path)
  for (const folder of ['', ...folders]) {
    const names = await disk.list(join(root, folder)).catch(failing(join(root, folder)))
    for (const raw of names) {
      const path = folder === '' ? raw.toString() : `${folder}/${raw.toString()}`
      if (known.has(path)) continue
      yield (await factsOf(disk, join(root, path)))?.kind === 'folder' ? `${path}/` : path
    }
  }
}

function factsOf(disk: Disk, path: string): Promise<FileFacts | undefined> {
  return disk.facts(path).catch(failing(path))
}

function failing(path: string): (error: unknown) => never {
  return (error) => {
    throw diskError(error, `reading ${escapeForDisplay(path)}`)
  }
}
