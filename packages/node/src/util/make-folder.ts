/** Makes folders without the recursive form of mkdir, which in Node never ends where a parent refuses children. */
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes a folder with all its parents. Returns the topmost one that was made; undefined when all were there. */
export async function makeFolder(path: string, mode?: number): Promise<string | undefined> {
  let error = await tryToMake(path, mode)
  if (error === undefined) return path
  let made: string | undefined
  if (error.code === 'ENOENT' && dirname(path) !== path) {
    made = await makeFolder(dirname(path), mode)
    error = await tryToMake(path, mode)
    if (error === undefined) return made ?? path
  }
  const isThere = await stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  )
  if (isThere) return made
  throw error
}

async function tryToMake(path: string, mode: number | undefined): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path, mode)
    return undefined
  } catch (error) {
    return error as NodeJS.ErrnoException
  }
}
