/** Which entries of a share a fetch is to bring, by patterns (docs/patterns.md). */
import type { Entry } from './entry.ts'
import { namesOf, type Glob } from './glob.ts'

export interface Selection {
  /** For each entry 1 or 0. Folders on the way to a selected entry are selected as well. */
  readonly isSelected: Uint8Array
  /** Patterns that selected nothing. */
  readonly unused: readonly Glob[]
}

/**
 * What matches a pattern, or lies below a folder that does.
 *
 * @param entries in the order of `comparePaths`
 * @param name of the share: what a share that is a single file is matched by
 */
export function select(entries: readonly Entry[], globs: readonly Glob[], name: string): Selection {
  const isSelected = new Uint8Array(entries.length)
  const used = new Set<Glob>()
  /** Folders that the current entry lies in, by index, with the prefix of what lies in them. */
  const above: { readonly index: number; readonly prefix: string }[] = []
  for (const [i, entry] of entries.entries()) {
    while (above.length > 0 && !entry.path.startsWith(above.at(-1)?.prefix ?? '')) above.pop()
    const names = namesOf(entry.path === '' ? name : entry.path)
    for (const glob of globs) {
      if (!glob.covers(names, entry.kind)) continue
      used.add(glob)
      isSelected[i] = 1
    }
    if (isSelected[i] === 1) for (const folder of above) isSelected[folder.index] = 1
    if (entry.kind === 'folder') above.push({ index: i, prefix: `${entry.path}/` })
  }
  return { isSelected, unused: globs.filter((glob) => !used.has(glob)) }
}
