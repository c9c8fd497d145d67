/**
 * Reads the list of files of a sealed share from a peer: all of it, page after page, or only what lies at and below
 * one path. Nothing in it is trusted before it was checked; names are judged by the caller.
 */
import { comparePaths, type Entry } from '../../content/entry.ts'
import { ManifestChecker, type ManifestHead, type ManifestPage } from '../../content/sealed/manifest.ts'
import { ManifestPages, PAGES_AT_ONCE, malformedList } from './manifest-pages.ts'
import type { PlanReader } from '../swarm/plan-reader.ts'
import { isPadding, range, verifyPadding, type Sealed } from './sealed-root.ts'

export interface ManifestPart {
  readonly head: ManifestHead
  /** Where the first of its files begins in the data part, in bytes. */
  readonly offset: number
  /** In order, each checked. */
  readonly entries: readonly Entry[]
}

/**
 * The whole list in order, a page at a time; when it ended without an error it was complete.
 *
 * @param onPage told of the bytes of each page, padded
 * @throws ShoalError ERR_CONTENT_INVALID, ERR_LIMIT, and what the reader throws
 */
export async function* readManifest(
  sealed: Sealed,
  reader: PlanReader,
  onPage?: (block: number, plain: Uint8Array) => void,
): AsyncGenerator<ManifestPart> {
  const { shape } = sealed
  const pages = new ManifestPages(sealed, reader, onPage)
  let head: ManifestHead | undefined
  let checker: ManifestChecker | undefined
  let next = pages.first
  // Pages that hold something for certain are asked for together, the others one by one until the list is
  // complete: a key holder never asks for padding.
  while (next < shape.blocks && (checker === undefined || !checker.isComplete)) {
    const until = Math.max(next + 1, Math.min(pages.certain, next + PAGES_AT_ONCE))
    for (const page of await pages.read(next, until)) {
      head ??= page.head as ManifestHead
      checker ??= new ManifestChecker(head, shape.plainBytes.data)
      yield { head, offset: page.offset, entries: checkedEntries(page, checker) }
    }
    next = until
  }
  if (checker === undefined) throw malformedList()
  checker.finish()
  await verifyPadding(sealed, range(next, shape.blocks))
}

/**
 * The part of the list in which `path` and what lies below it stand, with some that stand around it: finds its first
 * page by bisection, so that of a long list a few pages are got. Only what is read is checked.
 *
 * @throws ShoalError ERR_CONTENT_INVALID, ERR_LIMIT, and what the reader throws
 */
export async function* readManifestAt(
  sealed: Sealed,
  reader: PlanReader,
  path: string,
): AsyncGenerator<ManifestPart> {
  const { shape } = sealed
  const pages = new ManifestPages(sealed, reader)
  const [firstPage] = (await pages.read(pages.first, pages.first + 1)) as [ManifestPage]
  const head = firstPage.head as ManifestHead
  const { block, page, after } = await bisect(pages, firstPage, path)
  const checker = new ManifestChecker(head, shape.plainBytes.data, page.offset)
  const part = (each: ManifestPage): ManifestPart => {
    return { head, offset: each.offset, entries: checkedEntries(each, checker) }
  }
  let last = part(page)
  yield last
  if (after !== undefined && !endsAfter(last, path)) {
    last = part(after)
    yield last
  }
  let atOnce = 1
  for (let next = block + (after === undefined ? 1 : 2); next < shape.blocks && !endsAfter(last, path);) {
    if (next >= pages.certain && (await isPadding(sealed, next))) return
    const until = Math.max(next + 1, Math.min(pages.certain, next + atOnce))
    for (const each of await pages.read(next, until)) {
      last = part(each)
      yield last
    }
    next = until
    // The longer it goes on, the likelier it is that more is needed.
    atOnce = Math.min(PAGES_AT_ONCE, atOnce * 2)
  }
}

/**
 * Finds the last page whose first entry does not stand after `path`, among those that are no padding for certain, and
 * the page after it if it was got on the way.
 */
async function bisect(
  pages: ManifestPages,
  firstPage: ManifestPage,
  path: string,
): Promise<{ block: number; page: ManifestPage; after: ManifestPage | undefined }> {
  let low = { block: pages.first, page: firstPage, path: firstPath(firstPage) }
  let high: { block: number; page?: ManifestPage; path?: string } = { block: pages.certain }
  while (high.block - low.block > 1) {
    const block = Math.floor((low.block + high.block) / 2)
    const [page] = (await pages.read(block, block + 1)) as [ManifestPage]
    const probed = firstPath(page)
    const isInOrder =
      low.path !== undefined &&
      probed !== undefined &&
      comparePaths(low.path, probed) < 0 &&
      (high.path === undefined || comparePaths(probed, high.path) < 0)
    if (!isInOrder) throw malformedList()
    if (comparePaths(probed, path) <= 0) low = { block, page, path: probed }
    else high = { block, page, path: probed }
  }
  return { block: low.block, page: low.page, after: high.page }
}

/** Where the first entry of a page stands; undefined for a page without one. */
function firstPath(page: ManifestPage): string | undefined {
  for (const { path } of page.entries) return path
  return undefined
}

/** Whether nothing after these entries can be `path` or lie below it. */
function endsAfter({ entries }: ManifestPart, path: string): boolean {
  const last = entries.at(-1)?.path
  return last === undefined || (comparePaths(last, path) > 0 && !last.startsWith(`${path}/`))
}

function checkedEntries(page: ManifestPage, checker: ManifestChecker): Entry[] {
  if (page.offset !== checker.offset) throw malformedList()
  const entries: Entry[] = []
  for (const entry of page.entries) {
    checker.accept(entry)
    entries.push(entry)
  }
  return entries
}
