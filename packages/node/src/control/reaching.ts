/** Whether there is a node to talk to on a home, and by which token. */
import { readFile } from 'node:fs/promises'
import { ShoalError, systemCode } from '../errors.ts'
import type { HomePaths } from '../store/home.ts'

/** What the home's node asks for; undefined: none ever ran there. @throws ShoalError ERR_HOME_INVALID, ERR_PERMISSION */
export async function readToken(paths: HomePaths): Promise<string | undefined> {
  try {
    return (await readFile(paths.tokenFile, 'utf8')).trim()
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    if (systemCode(error) === 'ENOTDIR') {
      throw new ShoalError('ERR_HOME_INVALID', `${paths.home} is not a folder`, { cause: error })
    }
    throw new ShoalError('ERR_PERMISSION', `cannot read ${paths.tokenFile}`, { cause: error })
  }
}

export function isUnreachable(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE'
}
