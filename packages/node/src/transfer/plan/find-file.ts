/** Finds one file of a share, getting only what leads to it, and reads ranges of it. */
import type { Entry } from '../../content/entry.ts'
import type { Link } from '../../content/link.ts'
import type { Span } from '../../content/span.ts'
import { leafContent } from '../../content/unixfs/leaf-content.ts'
import { openPublicFile, type LeafPart } from '../../content/unixfs/file-parts.ts'
import { ShoalError } from '../../errors.ts'
import type { BlockWorkers } from '../../store/block-workers.ts'
import { escapeForDisplay } from '../../util/display.ts'
import { orderedMap } from '../../util/ordered-map.ts'
import type { TransferLimits } from '../limits.ts'
import { findPublic, notInShare, publicName } from './listing.ts'
import type { ProviderReader } from '../swarm/provider-reader.ts'
import { readSealed } from './sealed-content.ts'
import { readManifest, readManifestAt, type ManifestPart } from './sealed-manifest.ts'
import { openRoot } from './sealed-root.ts'

export interface FindFileInit {
  readonly link: Link
  /** As `joinPath` gives it; empty for a share that is a single file. */
  readonly path: string
  readonly reader: ProviderReader
  readonly workers: BlockWorkers
  readonly limits: TransferLimits
}

export interface FoundFile {
  /** As a listing names it. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /**
   * Pieces of at most 1 MiB, in order, each verified.
   *
   * @throws ShoalError ERR_CONTENT_INVALID, ERR_LIMIT, and what the reader throws
   */
  readonly read: (span: Span) => AsyncGenerator<Uint8Array>
}

/**
 * @throws ShoalError ERR_NOT_IN_SHARE, ERR_IS_FOLDER, ERR_WRONG_KEY, ERR_CONTENT_INVALID, ERR_LIMIT, ERR_UNSAFE_NAME,
 *   and what the reader throws
 */
export function findFile(init: FindFileInit): Promise<FoundFile> {
  return init.link.key === undefined ? findPublicFile(init) : findSealedFile(init, init.link.key)
}

async function findSealedFile(init: FindFileInit, shareKey: Uint8Array): Promise<FoundFile> {
  const { path, reader, workers, limits } = init
  const sealed = await openRoot({ root: init.link.root, shareKey, reader, workers, digests: 'manifest' })
  for await (const part of path === ''
    ? readManifest(sealed, reader)
    : readManifestAt(sealed, reader, path)) {
    const found = fileIn(part, path)
    if (found === undefined) continue
    const { offset, size } = found
    return {
      path: found.path,
      size,
      read: ({ from, to }) =>
        readSealed(sealed, reader, { from: offset + from, to: offset + to }, limits.readWindowBlocks),
    }
  }
  throw notInShare(path)
}

interface Place {
  readonly path: string
  readonly size: number
  /** Where it begins in the data part, in bytes. */
  readonly offset: number
}

function fileIn({ head, entries, offset }: ManifestPart, path: string): Place | undefined {
  if (path === '' && head.kind === 'folder') throw isFolder(head.name)
  let start = offset
  for (const entry of entries) {
    const whole = head.kind === 'file' ? head.name : entry.path
    if (whole === path || path === '') return placeOf(entry, whole, start)
    start += entry.size
  }
  return undefined
}

function placeOf(entry: Entry, path: string, offset: number): Place {
  if (entry.kind === 'folder') throw isFolder(path)
  return { path, size: entry.size, offset }
}

async function findPublicFile(init: FindFileInit): Promise<FoundFile> {
  const { link, reader, limits } = init
  const path = init.path === '' ? publicName(link) : init.path
  const file = await openPublicFile(await findPublic(init), reader.getNodes)
  if (file === undefined) throw isFolder(path)
  const get = async (part: LeafPart | Uint8Array): Promise<Uint8Array> => {
    if (part instanceof Uint8Array) return part
    const [block] = (await reader.getNodes([part.cid])) as [Uint8Array]
    return leafContent(part.cid, block, part.length).subarray(part.span.from, part.span.to)
  }
  return {
    path,
    size: file.size,
    async *read(span) {
      for await (const piece of orderedMap(file.parts(span), limits.readWindowBlocks, get)) {
        reader.taken()
        yield piece
      }
    },
  }
}

function isFolder(path: string): ShoalError {
  return new ShoalError('ERR_IS_FOLDER', `"${escapeForDisplay(path)}" is a folder`)
}
