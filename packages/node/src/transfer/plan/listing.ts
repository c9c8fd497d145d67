/** What a share holds, or what stands at and below one path of it, read from peers without its content. */
import type { CID } from 'multiformats/cid'
import type { Entry } from '../../content/entry.ts'
import type { Link } from '../../content/link.ts'
import { isFileRoot, resolvePath } from '../../content/unixfs/resolve.ts'
import { walkUnixfs } from '../../content/unixfs/walk.ts'
import { ShoalError } from '../../errors.ts'
import type { BlockWorkers } from '../../store/block-workers.ts'
import { escapeForDisplay } from '../../util/display.ts'
import type { PlanReader } from '../swarm/plan-reader.ts'
import { readManifest, readManifestAt } from './sealed-manifest.ts'
import { openRoot } from './sealed-root.ts'

export interface ListingInit {
  readonly link: Link
  /** What is listed, as `joinPath` gives it; empty for all. */
  readonly path: string
  readonly reader: PlanReader
  readonly workers: BlockWorkers
}

/**
 * The entries in the order of `comparePaths`, with their paths in the whole share. Of a path that is a folder what lies
 * below it, at any depth. A share that is a single file has one entry with the name under which a fetch would save it.
 *
 * @throws ShoalError ERR_NOT_IN_SHARE when nothing stands at `path`, ERR_WRONG_KEY, ERR_CONTENT_INVALID, ERR_LIMIT,
 *   ERR_UNSAFE_NAME, and what the reader throws
 */
export async function* listEntries(init: ListingInit): AsyncGenerator<Entry> {
  const { path } = init
  if (init.link.key !== undefined) {
    yield* listSealed(init, init.link.key)
    return
  }
  const name = publicName(init.link)
  const at = await findPublic(init)
  const { entries } = await walkUnixfs(at, init.reader.getNodes)
  for (const entry of entries) {
    if (entry.path === '') yield { ...entry, path: path === '' ? name : path }
    else yield path === '' ? entry : { ...entry, path: `${path}/${entry.path}` }
  }
}

/**
 * The path in a whole share that a link and a path besides it name, without what changes nothing: `./photos/` is
 * `photos`, `.` is everything.
 */
export function joinPath(link: Link, path = ''): string {
  return `${link.path ?? ''}/${path}`
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .join('/')
}

/** What a public share that is a single file is called: it has no name of its own. */
export function publicName(link: Link): string {
  return link.hints.name ?? link.root.toString()
}

/**
 * What stands at a path of a public share.
 *
 * @throws ShoalError ERR_NOT_IN_SHARE, ERR_CONTENT_INVALID, ERR_LIMIT, ERR_UNSAFE_NAME, and what the reader throws
 */
export async function findPublic({ link, path, reader }: Omit<ListingInit, 'workers'>): Promise<CID> {
  if (path === '') return link.root
  const found = await resolvePath(link.root, path, reader.getNodes)
  if (found !== undefined) return found
  if (path === publicName(link) && (await isFileRoot(link.root, reader.getNodes))) return link.root
  throw notInShare(path)
}

async function* listSealed(init: ListingInit, shareKey: Uint8Array): AsyncGenerator<Entry> {
  const { path, reader, workers } = init
  const sealed = await openRoot({ root: init.link.root, shareKey, reader, workers, digests: 'manifest' })
  const parts = path === '' ? readManifest(sealed, reader) : readManifestAt(sealed, reader, path)
  const prefix = `${path}/`
  let isFound = path === ''
  for await (const { head, entries } of parts) {
    for (const entry of entries) {
      const whole = head.kind === 'file' ? head.name : entry.path
      const isItself = whole === path
      isFound ||= isItself || whole.startsWith(prefix)
      if (path !== '' && !(isItself && entry.kind === 'file') && !whole.startsWith(prefix)) continue
      yield whole === entry.path ? entry : { ...entry, path: whole }
    }
  }
  if (!isFound) throw notInShare(path)
}

export function notInShare(path: string): ShoalError {
  return new ShoalError('ERR_NOT_IN_SHARE', `this share holds no "${escapeForDisplay(path)}"`)
}
