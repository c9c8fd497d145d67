/** What lies under the home, one name each: as it is counted, and as it goes. */
import { basename, dirname, relative, sep } from 'node:path'
import type { HomePaths } from '../home.ts'

const INPUTS = 'inputs/'
const UPLOADS = 'uploads/'

/** What came over standard input, by the name of its file. */
export function inputUnit(name: string): string {
  return INPUTS + name
}

/** What a client hands in, by its id. */
export function uploadUnit(id: string): string {
  return UPLOADS + id
}

/** The name of the file of `inputUnit`; undefined for another kind. */
export function inputOf(unit: string): string | undefined {
  return unit.startsWith(INPUTS) ? unit.slice(INPUTS.length) : undefined
}

/** The id of `uploadUnit`; undefined for another kind. */
export function uploadOf(unit: string): string | undefined {
  return unit.startsWith(UPLOADS) ? unit.slice(UPLOADS.length) : undefined
}

/** Where what is shared by these paths lies under the home; null for files of the user. */
export function unitOfPaths(shared: readonly string[], paths: HomePaths): string | null {
  const [path = ''] = shared
  // What was handed in is shared by itself.
  if (dirname(path) === paths.inputs) return inputUnit(basename(path))
  if (shared.length !== 1 || !path.startsWith(paths.uploads + sep)) return null
  return uploadUnit(relative(paths.uploads, path).split(sep)[0] ?? '')
}
