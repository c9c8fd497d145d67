/** What a share, or what stands at one path of it, is and holds: read from peers without its content. */
import { basename } from 'node:path'
import type { Entry } from '../../content/entry.ts'
import type { ManifestHead, ManifestPage } from '../../content/sealed/manifest.ts'
import { walkUnixfs } from '../../content/unixfs/walk.ts'
import { findPublic, listEntries, publicName, type ListingInit } from './listing.ts'
import { ManifestPages } from './manifest-pages.ts'
import { openRoot } from './sealed-root.ts'

export interface ContentFacts {
  readonly name: string
  readonly kind: 'file' | 'folder'
  readonly bytes: number
  readonly entries: number
  readonly mtime: number | null
}

/**
 * Of a whole sealed share as its first page says, which a fetch holds to the rest; of all else what its entries add up to.
 *
 * @throws ShoalError as `listEntries`
 */
export async function factsOfContent(init: ListingInit): Promise<ContentFacts> {
  const { link, path } = init
  if (link.key === undefined) return await factsOfPublic(init)
  if (path === '') return await factsOfSealed(init, link.key)
  const all: Entry[] = []
  for await (const entry of listEntries(init)) all.push(entry)
  // Nothing below a folder has its path.
  return sumOf(basename(path), all, (entry) => entry.path === path)
}

async function factsOfPublic(init: ListingInit): Promise<ContentFacts> {
  const { link, path, reader } = init
  const { entries } = await walkUnixfs(await findPublic(init), reader.getNodes)
  const name = path === '' ? publicName(link) : basename(path)
  return sumOf(name, entries, (entry) => entry.path === '')
}

async function factsOfSealed(
  { link, reader, workers }: ListingInit,
  shareKey: Uint8Array,
): Promise<ContentFacts> {
  const sealed = await openRoot({ root: link.root, shareKey, reader, workers, digests: 'manifest' })
  const pages = new ManifestPages(sealed, reader)
  const [page] = (await pages.read(pages.first, pages.first + 1)) as [ManifestPage]
  const { name, kind, entries, bytes } = page.head as ManifestHead
  const [file] = page.entries
  return { name, kind, bytes, entries, mtime: kind === 'file' ? (file?.mtimeMs ?? null) : null }
}

function sumOf(name: string, all: readonly Entry[], isItself: (entry: Entry) => boolean): ContentFacts {
  const [first] = all
  const isFile = first !== undefined && isItself(first)
  let bytes = 0
  for (const { size } of all) bytes += size
  return {
    name,
    kind: isFile ? 'file' : 'folder',
    bytes,
    entries: all.length,
    mtime: isFile ? (first.mtimeMs ?? null) : null,
  }
}
