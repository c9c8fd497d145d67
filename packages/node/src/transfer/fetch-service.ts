/** Fetches: finds a provider of what a link names and brings the content to this disk. */
import { resolve } from 'node:path'
import { compileGlobs, literalGlob, unitsOf, type Glob } from '../content/glob.ts'
import { parseLink, type Link } from '../content/link.ts'
import type { PathRules } from '../content/safe-path.ts'
import { ShoalError } from '../errors.ts'
import type { DoneEvent, FetchEvent, FileEvent, FoundBy, SourcesEvent } from '../events.ts'
import type { ContentSource } from '../store/content-source.ts'
import type { Disk } from '../store/disk.ts'
import type { StagingRecords } from '../store/staging-log.ts'
import type { Priority } from '../util/priority.ts'
import { Paced, RateMeter } from '../util/rate.ts'
import { Download } from './download.ts'
import type { Fetched } from './download-events.ts'
import type { FilesFacts } from './fetched-files.ts'
import { offlineWarning } from './offline.ts'
import { weightOf } from './rates/priority.ts'
import type { BegunSeed, Seed } from './serving/begun-seed.ts'
import {
  DEFAULT_WAIT_MS,
  limitWork,
  lookingFor,
  type SearchOptions,
  type SearchParts,
} from './swarm/search-options.ts'
import type { SeedService } from './seed-service.ts'
import type { FetchTrace, TraceFetch } from './fetch-trace.ts'
import type { FetchServing } from './serving/served-fetch.ts'
import { HindranceWatch } from './watching/hindrance-watch.ts'
import { RunningFetch } from './watching/running-fetch.ts'
import { RunningFetches } from './watching/running-fetches.ts'

/** Between two `progress` events, in milliseconds. */
const PROGRESS_INTERVAL_MS = 250
/** Between two `files` events, in milliseconds. */
const FILES_INTERVAL_MS = 1_000

/** Nothing keeps a fetch. */
const NOTHING = { reason: null, detail: null } as const

/** What is fetched, from whom and to where. */
export interface FetchOptions extends SearchOptions {
  /** The folder that will hold the result. @defaultValue the current one */
  directory?: string
  /**
   * Patterns of what to bring, relative to the share's own folder (docs/patterns.md), bounded as those of
   * `ShareOptions.exclude`. @defaultValue everything
   */
  only?: readonly string[]
  /** Replace files of the destination that differ. Nothing is removed. @defaultValue false */
  overwrite?: boolean
  /**
   * Go on serving when done, as a share under the same link, until that is stopped or `signal` aborts. What others ask
   * for while the fetch runs they get in any case. @defaultValue false
   */
  seed?: boolean
  /**
   * What it gets beside other fetches while there is not enough for all (docs/limits.md). A function is asked again and
   * again, so that it may change. @defaultValue 'normal'
   */
  priority?: Priority | (() => Priority)
  /** Told of everything that happens; `done` is the last, but for `served` and `receivers` with `seed`. */
  onEvent?: (event: FetchEvent) => void
  /**
   * Told of each file once, when all of its bytes are verified (see `FileEvent`). When what it returns resolves, it is told
   * of the next, and of the last before the result gets its name: who is slow makes nothing pile up. When it throws or
   * rejects, the fetch ends with that.
   */
  onFile?: (event: FileEvent) => void | Promise<void>
}

/** What a fetch brought. */
export interface FetchResult extends Omit<DoneEvent, 'type'> {
  /** What goes on being served; only with `seed`. */
  readonly seed?: Seed
}

export interface FetchServiceInit extends SearchParts {
  readonly disk: Disk
  readonly stagings: StagingRecords
  readonly hasNetwork: () => boolean
  /** Serves what a fetch has while it runs. @defaultValue nobody is served */
  readonly serving?: FetchServing
  /** Serves what was fetched; has to be here for `seed`. */
  readonly seeds?: Pick<SeedService, 'begin' | 'sent'>
  readonly platform: PathRules['platform']
  /** @defaultValue nobody traces */
  readonly trace?: TraceFetch
}

export class FetchService {
  readonly #init: FetchServiceInit
  readonly #running = new RunningFetches()

  constructor(init: FetchServiceInit) {
    this.#init = init
  }

  /** Who gives each fetch that runs what it brings. @param root only those of this one */
  sources(root?: string): SourcesEvent[] {
    return this.#running.sources(root)
  }

  /** @throws ShoalError as `parseLink` and `Download.run`; rejects with the signal's reason on abort */
  async fetch(text: string, options: FetchOptions = {}): Promise<FetchResult> {
    const link = parseLink(text)
    const trace = await this.#init.trace?.(link.root.toString())
    try {
      const result = await this.#fetch(link, options, trace)
      trace?.done(result)
      return result
    } catch (error) {
      trace?.failed(error)
      throw error
    }
  }

  async #fetch(link: Link, options: FetchOptions, trace: FetchTrace | undefined): Promise<FetchResult> {
    const { seams } = this.#init
    const startedMs = seams.clock.monotonic()
    const elapsed = (): number => (seams.clock.monotonic() - startedMs) / 1_000
    const only = selectionOf(link, options.only ?? [])
    unitsOf(only, 0, 'only')
    const root = link.root.toString()
    const meter = new RateMeter(seams.clock)
    const progress = new Paced<{ bytes: number; bytesNew: number; total: number; peers: number }>(
      seams,
      PROGRESS_INTERVAL_MS,
      ({ bytesNew, ...facts }) => {
        options.onEvent?.({ type: 'progress', root, ...facts, rate: meter.rate(bytesNew) })
      },
    )
    const files = new Paced<() => FilesFacts>(seams, FILES_INTERVAL_MS, (facts) => {
      options.onEvent?.({ type: 'files', root, ...facts() })
    })
    const offline = offlineWarning(this.#init)
    if (offline !== undefined) options.onEvent?.(offline)
    let connectedSeconds: number | undefined
    let source: FoundBy = 'link'
    let hasFiles = false
    const failed = new AbortController()
    const signal = AbortSignal.any([failed.signal, ...(options.signal === undefined ? [] : [options.signal])])
    let seed: BegunSeed | undefined
    const { onEvent } = options
    const { seeds } = this.#init
    const sentBefore = seeds?.sent(root) ?? 0
    const begin = async (fetched: Fetched): Promise<ContentSource> => {
      if (seeds === undefined) throw new ShoalError('ERR_INTERNAL', 'nothing here can seed')
      const limits = { up: options.up ?? 0, down: options.down }
      seed = await seeds.begin(fetched, {
        sentBefore,
        signal,
        limits,
        ...(onEvent === undefined ? {} : { onEvent }),
      })
      return seed.source
    }
    const directory = resolve(options.directory ?? '.')
    const isOffline = (): boolean => offlineWarning(this.#init) !== undefined
    const running = new RunningFetch({ root, directory, clock: seams.clock, isOffline })
    const hindrances = new HindranceWatch({
      seams,
      look: () => running.hindrance(),
      onChange: (hindrance) => onEvent?.({ type: 'waiting', root, ...(hindrance ?? NOTHING) }),
    })
    const weight = weightOf(options.priority ?? 'normal')
    const download = new Download({
      ...this.#init,
      link,
      weight,
      directory,
      watch: running,
      only,
      overwrite: options.overwrite ?? false,
      ...lookingFor(traced(this.#init, trace), link, options.peers ?? []),
      waitMs: options.waitMs ?? DEFAULT_WAIT_MS,
      signal,
      ...(options.seed === true ? { seed: begin } : {}),
      onFile: guarded(options.onFile, failed),
      onEvent: (event) => {
        switch (event.type) {
          case 'connected':
            trace?.connected(event.source)
            if (connectedSeconds === undefined) source = event.source
            connectedSeconds ??= elapsed()
            return
          case 'asking':
            trace?.asking(event.sources)
            options.onEvent?.({ ...event, root })
            return
          case 'plan': {
            const { type: _type, kind, ...content } = event
            hasFiles = kind === 'folder'
            trace?.planned(content)
            const connected = { source, connectedSeconds: connectedSeconds ?? 0 }
            options.onEvent?.({ type: 'plan', root, ...content, ...connected })
            return
          }
          case 'progress': {
            const { type: _type, files: listFiles, ...facts } = event
            progress.tell(facts)
            if (hasFiles) files.tell(listFiles)
            return
          }
          case 'verified':
            trace?.verified()
            return
          case 'warning':
            options.onEvent?.(event)
        }
      },
    })
    const unlimit = limitWork(this.#init, link, options, weight)
    const leave = this.#running.add(running)
    hindrances.begin()
    try {
      const { path, bytes, bytesFetched, bytesReused } = await download.run()
      progress.flush()
      files.flush()
      hindrances.end()
      const seconds = elapsed()
      const transferSeconds = seconds - (connectedSeconds ?? 0)
      const result = { root, path, bytes, seconds, transferSeconds, bytesFetched, bytesReused }
      options.onEvent?.({ type: 'done', ...result })
      if (seed === undefined) return result
      const { stop, ended } = seed
      seed.begin()
      return { ...result, seed: { stop, ended } }
    } finally {
      unlimit()
      leave()
      hindrances.end()
      progress.cancel()
      files.cancel()
    }
  }
}

function traced(init: FetchServiceInit, trace: FetchTrace | undefined): FetchServiceInit {
  return trace === undefined ? init : { ...init, dial: trace.dials(init.dial) }
}

/** What it throws ends the fetch, as itself and not as a fault of the disk that is written to. */
function guarded(onFile: FetchOptions['onFile'], failed: AbortController): FetchOptions['onFile'] {
  if (onFile === undefined) return undefined
  const fail = (error: unknown): void => failed.abort(error)
  return (event) => {
    try {
      return onFile(event)?.catch(fail)
    } catch (error) {
      return fail(error)
    }
  }
}

/** What to bring: what a pattern names, or what a path in the link does. */
function selectionOf({ path }: Link, only: readonly string[]): Glob[] {
  if (path === undefined || path === '') return compileGlobs(only, 'only')
  if (only.length > 0) {
    throw new ShoalError('ERR_OPTIONS_INVALID', 'a link with a path in it is not narrowed down further', {
      hint: 'Leave the path out of the link, or the patterns out of the command.',
    })
  }
  return [literalGlob(path)]
}
