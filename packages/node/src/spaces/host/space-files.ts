/** Puts files into spaces and fetches what is in them. */
import { join } from 'node:path'
import { CID } from 'multiformats/cid'
import { literalGlob } from '../../content/glob.ts'
import { encodeLink } from '../../content/link.ts'
import { isShoalError, ShoalError } from '../../errors.ts'
import type { MadeShare } from '../../store/share-maker.ts'
import { sharedPaths } from '../../store/shared-paths.ts'
import type { FetchOptions, FetchResult } from '../../transfer/fetch-service.ts'
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
    for (const together of oneFetchEach(sources)) {
      // oxlint-disable-next-line no-await-in-loop -- One has the whole line for itself.
      const path = await this.#fetch(together, options)
      for (const { path: inSpace, inner, bytes } of together) {
        got.push({ path: inSpace, file: inner === '' ? path : join(path, ...inner.split('/')), bytes })
      }
    }
    return got
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
    together: readonly EntrySource[],
    { directory, overwrite, seed: isSeed, onEvent, ...search }: GetFromSpaceOptions,
  ): Promise<string> {
    const { kept } = this.#init
    const wanted: FetchOptions = {
      ...(directory === undefined ? {} : { directory }),
      ...(onEvent === undefined ? {} : { onEvent }),
      overwrite: overwrite ?? false,
      seed: isSeed ?? false,
    }
    const { root, key } = together[0] as EntrySource
    const link = encodeLink({ root: CID.parse(root), ...(key === undefined ? {} : { key }), hints: {} })
    const isWhole = together.some(({ inner }) => inner === '')
    const only = isWhole ? {} : { only: together.map(({ inner }) => literalGlob(inner).pattern) }
    const { path, seed } = await this.#init.fetch(link, { ...search, ...wanted, ...only })
    if (seed === undefined) return path
    try {
      await kept.keep(root)
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

/** By share, and no more of one together than a fetch takes patterns. */
function oneFetchEach(sources: readonly EntrySource[]): EntrySource[][] {
  const open = new Map<string, { readonly list: EntrySource[]; units: number }>()
  const all: EntrySource[][] = []
  for (const source of sources) {
    const units = source.inner.length * 2 + 1
    let current = open.get(source.root)
    const isFull =
      current !== undefined &&
      (current.list.length >= FETCH_PATTERNS || current.units + units > FETCH_PATTERN_UNITS)
    if (current === undefined || isFull) {
      current = { list: [], units: 0 }
      open.set(source.root, current)
      all.push(current.list)
    }
    current.list.push(source)
    current.units += units
  }
  return all
}
