/** Puts files into spaces and fetches what is in them. */
import { join } from 'node:path'
import { CID } from 'multiformats/cid'
import { literalGlob } from '../../content/glob.ts'
import { encodeLink } from '../../content/link.ts'
import { isShoalError, ShoalError } from '../../errors.ts'
import type { MadeShare } from '../../store/share-maker.ts'
import { sharedPaths } from '../../store/shared-paths.ts'
import type { FetchOptions, FetchResult } from '../../transfer/fetch-service.ts'
import type { ContentStat, StatOptions } from '../../transfer/list-service.ts'
import type { Share, ShareOptions } from '../../transfer/share-options.ts'
import type { SpaceChange } from './answers.ts'
import type { AddedFile, EntrySource } from './calls.ts'
import type { KeptContent } from './kept-content.ts'
import { ADD_FILES, FETCH_PATTERN_UNITS, FETCH_PATTERNS } from './limits.ts'
import { mediaTypeOf } from './media-type.ts'
import type { SpaceHost } from './space-host.ts'
import type { AddToSpaceOptions, GetFromSpaceOptions } from './space-options.ts'

const NS_PER_MS = 1_000_000n

/** A file of a space that was fetched. */
export interface GotEntry {
  /** In the space. */
  readonly path: string
  /** On this device, absolute. */
  readonly file: string
  /** Size, as whoever added it says. */
  readonly bytes: number
}

export interface SpaceFilesInit {
  readonly host: SpaceHost
  readonly kept: KeptContent
  readonly share: (paths: string | readonly string[], options: ShareOptions) => Promise<Share>
  /** What a share of a root is made of. */
  readonly madeOf: (root: string) => Promise<MadeShare | undefined>
  readonly fetch: (link: string, options: FetchOptions) => Promise<FetchResult>
  readonly stat: (link: string, options: StatOptions) => Promise<Pick<ContentStat, 'entries'>>
}

export class SpaceFiles {
  readonly #init: SpaceFilesInit

  constructor(init: SpaceFilesInit) {
    this.#init = init
  }

  /** Shares files and folders as one share, and enters each file of it. */
  async add(
    space: string,
    paths: string | readonly string[],
    { at = '', tags = [], onEvent, signal }: AddToSpaceOptions,
  ): Promise<SpaceChange> {
    const { host, kept } = this.#init
    // Before all of them are read.
    await host.call('mayWrite', { space })
    const isSeveral = sharedPaths(paths).length > 1
    const name = isSeveral ? at.split('/').at(-1) : undefined
    const share = await this.#init.share(paths, {
      ...(onEvent === undefined ? {} : { onEvent }),
      ...(signal === undefined ? {} : { signal }),
      ...(name ? { name } : {}),
    })
    try {
      const { root } = share
      return await kept.keeping(root, async () => {
        const made = await this.#init.madeOf(root)
        if (made === undefined) throw new ShoalError('ERR_NOT_SHARED', 'it was unshared while it was added')
        return await this.#enter(space, made, filesOf(made, isSeveral, at), { tags, signal })
      })
    } finally {
      await share.stop()
    }
  }

  /** Fetches what is at some paths, and all that is in folders of these paths: of each share in as few fetches as may be. */
  async get(
    space: string,
    paths: readonly string[],
    options: GetFromSpaceOptions & { signal: AbortSignal },
  ): Promise<GotEntry[]> {
    const sources = await this.#init.host.call('sources', { space, paths })
    options.signal.throwIfAborted()
    const got: GotEntry[] = []
    for (const ofShare of byShare(sources)) {
      const link = linkOf(ofShare)
      // oxlint-disable-next-line no-await-in-loop -- One share has the whole line for itself.
      const isAll = await this.#isAll(link, ofShare, options)
      for (const part of isAll ? [ofShare] : partsOf(ofShare)) {
        // oxlint-disable-next-line no-await-in-loop -- As above.
        const path = await this.#fetch(link, part, isAll ? undefined : patternsOf(part), options)
        for (const { path: inSpace, inner, bytes } of part) {
          got.push({ path: inSpace, file: inner === '' ? path : join(path, ...inner.split('/')), bytes })
        }
      }
    }
    return got
  }

  /** Whether these are all of a share: then it can be fetched as a whole, and be shared on as that. */
  async #isAll(
    link: string,
    ofShare: readonly EntrySource[],
    { seed, onEvent: _onEvent, directory: _directory, overwrite: _overwrite, ...search }: GetFromSpaceOptions,
  ): Promise<boolean> {
    if (ofShare.some(({ inner }) => inner === '')) return true
    // Only then it makes a difference, for which somebody has to be found who has it.
    if (seed !== true) return false
    const inners = new Set(ofShare.map(({ inner }) => inner))
    const folders = new Set([...inners].flatMap((inner) => foldersAbove(inner)))
    return (await this.#init.stat(link, search)).entries === inners.size + folders.size
  }

  async #enter(
    space: string,
    { root, key }: MadeShare,
    files: readonly AddedFile[],
    { tags, signal }: { tags: readonly string[]; signal: AbortSignal | undefined },
  ): Promise<SpaceChange> {
    const batches: string[] = []
    let entries = 0
    for (let from = 0; from < files.length; from += ADD_FILES) {
      signal?.throwIfAborted()
      const page = files.slice(from, from + ADD_FILES)
      const given = { space, root: root.toString(), key, tags, files: page }
      // oxlint-disable-next-line no-await-in-loop -- In order, and no more in memory than needs be.
      const change = await this.#init.host.call('add', given)
      batches.push(...change.batches)
      entries += change.entries
    }
    return { batches, entries }
  }

  async #fetch(
    link: string,
    [first]: readonly EntrySource[],
    only: readonly string[] | undefined,
    { directory, overwrite, seed: isSeed, onEvent, ...search }: GetFromSpaceOptions,
  ): Promise<string> {
    const wanted: FetchOptions = {
      ...(directory === undefined ? {} : { directory }),
      ...(onEvent === undefined ? {} : { onEvent }),
      ...(only === undefined ? {} : { only }),
      overwrite: overwrite ?? false,
      seed: isSeed ?? false,
    }
    const { path, seed } = await this.#init.fetch(link, { ...search, ...wanted })
    if (seed === undefined) return path
    try {
      await this.#init.kept.keep(first?.root ?? '')
      await seed.stop()
    } catch (error) {
      // A part of a share is none that could be served again after a restart.
      if (!isShoalError(error, 'ERR_NOT_SHARED')) throw error
    }
    return path
  }
}

/** Where the files of a share come to lie in a space. */
function filesOf({ entries, kind, name }: MadeShare, isSeveral: boolean, at: string): AddedFile[] {
  // Several have their own names in the folder that the share is.
  const base = [at, isSeveral ? '' : name].filter((part) => part !== '').join('/')
  const isFolder = kind === 'folder'
  return entries.flatMap((entry): AddedFile[] => {
    if (entry.kind !== 'file') return []
    const inner = isFolder ? entry.path : ''
    const path = [base, inner].filter((part) => part !== '').join('/')
    const modifiedMs = Math.max(0, Number(entry.facts.mtimeNs / NS_PER_MS))
    return [{ path, inner, bytes: entry.size, type: mediaTypeOf(path), modifiedMs }]
  })
}

function byShare(sources: readonly EntrySource[]): EntrySource[][] {
  return [...Map.groupBy(sources, ({ root }) => root).values()]
}

/** No more of a share together than a fetch takes patterns. */
function partsOf(ofShare: readonly EntrySource[]): EntrySource[][] {
  const parts: EntrySource[][] = []
  let left = 0
  for (const source of ofShare) {
    // Each of its characters may need another before it.
    const units = source.inner.length * 2 + 1
    if ((parts.at(-1)?.length ?? FETCH_PATTERNS) >= FETCH_PATTERNS || units > left) {
      parts.push([])
      left = FETCH_PATTERN_UNITS
    }
    parts.at(-1)?.push(source)
    left -= units
  }
  return parts
}

function patternsOf(part: readonly EntrySource[]): string[] {
  return part.map(({ inner }) => literalGlob(inner).pattern)
}

function linkOf([first]: readonly EntrySource[]): string {
  const { root, key } = first as EntrySource
  return encodeLink({ root: CID.parse(root), ...(key === undefined ? {} : { key }), hints: {} })
}

/** `a/b/c` -> `a`, `a/b`. */
function foldersAbove(path: string): string[] {
  const names = path.split('/').slice(0, -1)
  return names.map((_, i) => names.slice(0, i + 1).join('/'))
}
