/**
 * The folder `spaces` of a home: a folder for each space. One that came along from another home has at first nothing in it but the
 * file `name`, which says what the space was called there; its log comes from other members.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { diskError, ShoalError } from '../../errors.ts'
import type { Disk } from '../../store/disk.ts'
import type { Hex } from '../auth/action.ts'
import { MAX_SPACE_NAME_BYTES } from '../auth/limits.ts'
import { readSpaceName } from '../storage/space-name.ts'
import { MAX_SPACES } from './limits.ts'
import { spaceIds, spacesFolder } from './space-folders.ts'

export interface KeptSpace {
  readonly id: Hex
  /** What it is called, or was where it came from; empty: not known. */
  readonly name: string
}

type SpacesDisk = Pick<Disk, 'list' | 'makeFolder' | 'replaceFile' | 'removeAll' | 'syncFolder'>

const FOLDER_MODE = 0o700
const NAME_FILE = 'name'

/** The spaces of a home, on which a node may run. @throws ShoalError ERR_DISK, ERR_PERMISSION */
export function keptSpaces(home: string): KeptSpace[] {
  const folder = spacesFolder(home)
  return spaceIds(folder).map((id) => {
    const name = readSpaceName(join(folder, id, 'auth.db'), id) ?? nameBefore(join(folder, id))
    return { id, name }
  })
}

/**
 * Begins to keep spaces in a home that nobody uses. What an import left there that ended in the middle goes.
 *
 * @throws ShoalError ERR_LIMIT when there are too many then; ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION
 */
export async function keepSpaces(
  home: string,
  spaces: readonly KeptSpace[],
  disk: SpacesDisk,
): Promise<void> {
  const folder = spacesFolder(home)
  const wanted = new Set(spaces.map(({ id }) => id))
  const others = spaceIds(folder).filter((id) => !wanted.has(id))
  try {
    const isLeft = await Promise.all(others.map((id) => isLeftOver(join(folder, id), disk)))
    const left = others.filter((_, i) => isLeft[i])
    if (others.length - left.length + spaces.length > MAX_SPACES) {
      throw new ShoalError('ERR_LIMIT', `a home has at most ${MAX_SPACES} spaces`)
    }
    // One after the other: what has failed is not written to any more.
    for (const id of left) await disk.removeAll(join(folder, id))
    if (spaces.length === 0) return
    await disk.makeFolder(folder, FOLDER_MODE)
    for (const space of spaces) await keepSpace(folder, space, disk)
    await disk.syncFolder(folder)
    await disk.syncFolder(home)
  } catch (error) {
    throw diskError(error, `writing ${folder}`)
  }
}

async function keepSpace(folder: string, { id, name }: KeptSpace, disk: SpacesDisk): Promise<void> {
  const own = join(folder, id)
  await disk.makeFolder(own, FOLDER_MODE)
  if (name !== '') await disk.replaceFile(join(own, NAME_FILE), Buffer.from(name))
}

/** Whether nobody ever opened it. */
async function isLeftOver(folder: string, disk: SpacesDisk): Promise<boolean> {
  return (await disk.list(folder)).every((name) => name.toString().startsWith(NAME_FILE))
}

/** What it was called where it came from. */
function nameBefore(folder: string): string {
  try {
    const name = readFileSync(join(folder, NAME_FILE), 'utf8')
    return Buffer.byteLength(name) > MAX_SPACE_NAME_BYTES ? '' : name
  } catch {
    return ''
  }
}
