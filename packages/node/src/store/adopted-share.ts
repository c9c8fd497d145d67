/** A share of what was fetched, under the root and key that it was fetched by: nothing is read or sealed again. */
import { LEFT_OUT, WANTED } from './fate.ts'
import type { Disk, FileFacts } from './disk.ts'
import type { HeldPlacesInit } from './held-places.ts'
import type { KnownContent } from './known-content.ts'
import type { ShareSpec } from './share-lookup.ts'
import type { MadeShare } from './share-maker.ts'
import { locate } from './shared-paths.ts'
import { orderedMap } from '../util/ordered-map.ts'
import type { WalkedEntry } from './walk-facts.ts'
import { LOOKS_AT_ONCE } from './walk-folder.ts'

const NO_FACTS = { size: 0, mtimeNs: 0n, ctimeNs: 0n, inode: 0n } as const
const NS_PER_MS = 1_000_000n

export interface AdoptInit {
  readonly known: KnownContent
  readonly places: Pick<HeldPlacesInit, 'entries' | 'fates' | 'name'>
  readonly kind: 'file' | 'folder'
  /** Where it stands, absolute. */
  readonly path: string
  readonly disk: Disk
}

/** Undefined when it is not all of the share, or when the share was made in a way that no record can tell. */
export async function adoptShare(init: AdoptInit): Promise<MadeShare | undefined> {
  const { known, places, kind } = init
  const { fates, name } = places
  if (fates.of.includes(LEFT_OUT)) return undefined
  const entries: WalkedEntry[] = []
  const numbers = places.entries.keys()
  for await (const entry of orderedMap(numbers, LOOKS_AT_ONCE, (i) => walked(init, i))) entries.push(entry)
  const plan = known.planOf(entries)
  if (plan === undefined) return undefined
  const { root, key } = known
  const bytes = entries.reduce((sum, { size }) => sum + size, 0)
  const files = entries.reduce((count, entry) => count + (entry.kind === 'file' ? 1 : 0), 0)
  return { plan, entries, root, name, kind, bytes, files, ...(key === undefined ? {} : { key }) }
}

/** What has to be asked for, so that the same share is found again. */
export function specOfAdopted({ known, places, path }: AdoptInit): ShareSpec {
  const isPublic = known.key === undefined
  return { paths: [path], name: places.name, isPublic, preserve: known.preserve, exclude: [] }
}

async function walked({ places, path, disk }: AdoptInit, i: number): Promise<WalkedEntry> {
  const entry = places.entries[i] as HeldPlacesInit['entries'][number]
  const location = locate(path, entry.path)
  const { kind, size } = entry
  const now = kind === 'file' ? await disk.facts(location.source) : undefined
  const mtimeMs = entry.mtimeMs ?? Number((now?.mtimeNs ?? 0n) / NS_PER_MS)
  const executable = entry.executable ?? now?.executable ?? false
  // What was there before was compared a while ago: facts that no file has make the next share of it read it.
  const isWritten = places.fates.of[i] === WANTED && now !== undefined
  const facts: FileFacts = isWritten ? now : { ...NO_FACTS, kind, executable }
  return { ...entry, ...location, size, mtimeMs, executable, facts }
}
