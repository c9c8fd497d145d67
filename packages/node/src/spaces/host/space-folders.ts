/** Where the spaces of a home are: a folder for each, by its id. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { diskError, systemCode } from '../../errors.ts'
import type { Hex } from '../auth/action.ts'

const ID = /^[0-9a-f]{64}$/

/** The folder of all spaces of a home. */
export function spacesFolder(home: string): string {
  return join(home, 'spaces')
}

/** Ids of all spaces that are kept in a folder, in order. @throws ShoalError ERR_DISK, ERR_PERMISSION */
export function spaceIds(folder: string): Hex[] {
  try {
    return readdirSync(folder)
      .filter((name) => ID.test(name))
      .toSorted()
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw diskError(error, `reading ${folder}`)
  }
}
