/** Calls that only look at what is in a space. */
import { CID } from 'multiformats/cid'
import { ShoalError } from '../../errors.ts'
import { escapeForDisplay } from '../../util/display.ts'
import { toHex } from '../auth/action-codec.ts'
import type { EntryContent, OperationRef } from '../catalogue/operations.ts'
import type { Space } from '../space.ts'
import type { HistoryItem } from '../storage/history.ts'
import { MAX_PAGE, MAX_RANKED } from '../storage/limits.ts'
import type { ShownEntry } from '../storage/shown-entry.ts'
import type { FoundEntry, SpaceEvent, SpaceMatches } from './answers.ts'
import type { EntrySource, SpaceCalls } from './calls.ts'
import { MAX_ENTRIES, PAGE_ENTRIES } from './limits.ts'

type Given<Name extends keyof SpaceCalls> = SpaceCalls[Name]['given']

export function entries(
  { reader }: Space,
  { under, after }: Pick<Given<'entries'>, 'under' | 'after'>,
): SpaceCalls['entries']['answer'] {
  const { entries: found, next } = reader.lookup.below(under, PAGE_ENTRIES, after)
  return { entries: found.map((entry) => foundEntry(entry)), next }
}

export function search(
  { reader }: Space,
  { query, under, limit }: Pick<Given<'search'>, 'query' | 'under' | 'limit'>,
): SpaceMatches<FoundEntry> {
  if (!(Number.isInteger(limit) && limit >= 1)) throw badLimit()
  const { entries: ranked, isCut } = reader.search(query, { limit: MAX_RANKED })
  const meant = ranked.filter(({ path }) => under === '' || path === under || path.startsWith(`${under}/`))
  const shown = meant.slice(0, limit).map((entry) => foundEntry(entry))
  return { entries: shown, total: meant.length, isCut }
}

/** What to fetch for some paths, of entries or of folders of them. @throws ShoalError ERR_NOT_IN_SPACE, ERR_LIMIT, ERR_NO_SPACE_KEY */
export function sources(space: Space, { paths }: Pick<Given<'sources'>, 'paths'>): EntrySource[] {
  return shownAt(space, paths).map(({ path, content }) => ({
    path,
    bytes: content.bytes,
    root: rootOf(content),
    inner: content.inner,
    key: space.keyOf(content),
  }))
}

/** What is shown at some paths and in the folders of these paths, each once. @throws ShoalError ERR_NOT_IN_SPACE, ERR_LIMIT */
export function shownAt({ reader }: Space, paths: readonly string[]): ShownEntry[] {
  const all = new Map<string, ShownEntry>()
  for (const path of paths) {
    let found = 0
    for (let after: string | undefined; ;) {
      const page = reader.lookup.below(path, MAX_PAGE, after)
      for (const entry of page.entries) all.set(entry.path, entry)
      found += page.entries.length
      if (all.size > MAX_ENTRIES) throw new ShoalError('ERR_LIMIT', `these are over ${MAX_ENTRIES} entries`)
      if (page.next === undefined) break
      after = page.next
    }
    if (found === 0) throw nothingAt(path)
  }
  return [...all.values()]
}

/** What was done, the last first: to the entries that are or were at a path, or all of it. @throws ShoalError ERR_NOT_IN_SPACE */
export function history(
  space: Space,
  { path, limit }: Pick<Given<'history'>, 'path' | 'limit'>,
): SpaceEvent[] {
  const { reader } = space
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE)) throw badLimit()
  if (path === undefined) {
    const items = reader.history({ limit }).flat()
    return items.slice(0, limit).map((item) => eventOf(space, item))
  }
  const entry =
    path === '' ? undefined : (reader.at(path)?.entry ?? reader.lookup.gone(path, MAX_PAGE)[0]?.entry)
  if (path !== '' && entry === undefined) throw nothingAt(path)
  return reader.entryHistory(entry, { limit }).map((item) => eventOf(space, item))
}

export function nothingAt(path: string): ShoalError {
  return new ShoalError('ERR_NOT_IN_SPACE', `the space has nothing under "${escapeForDisplay(path)}"`)
}

export function foundEntry({ path, author, content, title, note, tags }: ShownEntry): FoundEntry {
  const { bytes, type, modifiedMs } = content
  const root = rootOf(content)
  return { path, bytes, type, modifiedMs, title, note, tags, author: toHex(author), root }
}

export function rootOf({ root }: Pick<EntryContent, 'root'>): string {
  return CID.decode(root).toString()
}

function eventOf({ reader }: Space, { batch, author, operation, place, counts }: HistoryItem): SpaceEvent {
  const nameOf = (ref: OperationRef): Uint8Array =>
    typeof ref === 'number' ? Uint8Array.of(...batch, ref) : ref
  const entry = 'entry' in operation ? operation.entry : place
  const own = 'path' in operation ? operation.path : undefined
  const path = own ?? (entry === undefined ? '' : reader.lookup.pathOf(nameOf(entry))) ?? ''
  const text = 'text' in operation ? operation.text : 'tag' in operation ? operation.tag : null
  return { batch: toHex(batch), author: toHex(author), kind: operation.kind, path, text, counts }
}

function badLimit(): ShoalError {
  return new ShoalError('ERR_OPTIONS_INVALID', `limit is a whole number from 1 to ${MAX_PAGE}`)
}
