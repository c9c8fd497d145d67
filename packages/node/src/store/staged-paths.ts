/** Where the entries of a share lie while they are fetched, and afterwards. */
import type { Entry } from '../content/entry.ts'
import { CONTENT } from './staging.ts'

/** Files, folders or paths that one job takes. */
const PATHS_PER_JOB = 64

/** Where the bytes of an entry are written, in the staging folder. */
export function stagedPath(entry: Entry): string {
  return entry.path === '' ? CONTENT : `${CONTENT}/${entry.path}`
}

/** Where an entry will stand, in the folder that holds the result. */
export function placedPath(name: string, entry: Entry): string {
  return entry.path === '' ? name : `${name}/${entry.path}`
}

/** In pieces that one job takes. */
export function* parts<T>(items: readonly T[], size: number = PATHS_PER_JOB): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}
