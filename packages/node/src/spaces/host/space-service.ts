/**
 * What a node does with spaces: asks the thread that has them, adds what only the node knows, and keeps up what is in them.
 * Spaces are named by their ids.
 */
import { access } from 'node:fs/promises'
import { ShoalError } from '../../errors.ts'
import { DEFAULT_WAIT_MS } from '../../transfer/swarm/search-options.ts'
import { abortable } from '../../util/abortable.ts'
import type { JoinedEvent } from '../../events.ts'
import { JOIN_PROTOCOL } from '../join/limits.ts'
import type { InviteHints } from '../invites/invite-hints.ts'
import type { FoundEntry, SpaceEntry, SpaceInviteLink, SpaceMatches } from './answers.ts'
import type { CallName, SpaceCalls } from './calls.ts'
import type { Seams } from '../../util/seams.ts'
import { spaceIds, spacesFolder } from './space-folders.ts'
import { KeptContent, type KeptContentInit } from './kept-content.ts'
import { liveAnswers } from './live-query.ts'
import { SpaceFiles, type SpaceFilesInit } from './space-files.ts'
import { SpaceHost, type SpaceThread } from './space-host.ts'
import type { SpacePeers, SpacePeersInit } from './space-peers.ts'
import type {
  InviteToSpaceOptions,
  JoinSpaceOptions,
  ListSpaceOptions,
  SearchSpaceOptions,
} from './space-options.ts'

const DEFAULT_MATCHES = 100
/** What a search ranks. */
const ALL_MATCHES = 500
const WEEK_MS = 604_800_000
/** After these something may be in no space any more. */
const MAY_LET_GO: ReadonlySet<CallName> = new Set<CallName>(['remove', 'undo'])
/** After these something may be in a space again that was in none. */
const MAY_TAKE_UP: ReadonlySet<CallName> = new Set<CallName>(['restore', 'undo'])

export interface SpaceServiceInit
  extends
    Omit<KeptContentInit, 'host'>,
    Omit<SpaceFilesInit, 'host' | 'kept'>,
    Omit<SpacePeersInit, 'host' | 'hasSpaces'> {
  readonly home: string
  readonly thread: SpaceThread
  readonly seams: Seams
  /** Which of these roots this home shares or shared, and holds unchanged as far as is known. */
  readonly sound: (roots: readonly string[]) => Promise<ReadonlySet<string>>
  readonly whereFound: () => Pick<InviteHints, 'peerId' | 'addresses'>
  /** Told of each space in which something may have changed, or that is new. */
  readonly onChange: (space: string) => void
}

type Signalled<O> = Omit<O, 'signal'> & { readonly signal: AbortSignal }

export class SpaceService {
  readonly host: SpaceHost
  readonly files: SpaceFiles
  readonly #init: SpaceServiceInit
  readonly #kept: KeptContent
  #begun: Promise<void> = Promise.resolve()
  #loading: Promise<SpacePeers> | undefined
  #peers: SpacePeers | undefined

  constructor(init: SpaceServiceInit) {
    this.#init = init
    this.host = new SpaceHost(init.thread, (space, call, answer) => {
      void this.peers().then((peers) => peers.changed(space, call, answer))
      init.onChange(space)
    })
    this.#kept = new KeptContent({ ...init, host: this.host })
    this.files = new SpaceFiles({ ...init, host: this.host, kept: this.#kept })
  }

  /**
   * Answers other devices, keeps the spaces in step with them, and begins to keep up what is in them, if the home has any. That
   * is not waited for: it may be very much.
   */
  async start(): Promise<void> {
    const { net, home } = this.#init
    // Also without spaces, so that nobody is told whether there are any.
    const speaking = net.speak(
      JOIN_PROTOCOL,
      (channel) => void this.peers().then(({ joins }) => joins.answer(channel)),
    )
    this.#begun = this.#restore()
    try {
      const spaces = spaceIds(spacesFolder(home))
      if (spaces.length > 0) (await this.peers()).start(spaces)
    } catch {
      // A folder that cannot be read is told of by whoever asks for a space.
    }
    await speaking
  }

  /** What has to do with other devices. */
  peers(): Promise<SpacePeers> {
    this.#loading ??= import('./space-peers.ts').then((module) => {
      this.#peers = new module.SpacePeers({
        ...this.#init,
        host: this.host,
        hasSpaces: () => this.#hasSpaces(),
      })
      return this.#peers
    })
    return this.#loading
  }

  /** Whether a space of this home goes by this provider key. */
  isNamed(digest: Uint8Array): boolean {
    return this.#peers?.sync.isNamed(digest) === true
  }

  /** Makes one call; its caller waits no longer than `signal` lets. */
  async ask<Name extends CallName>(
    name: Name,
    given: SpaceCalls[Name]['given'],
    signal: AbortSignal,
  ): Promise<SpaceCalls[Name]['answer']> {
    signal.throwIfAborted()
    return await abortable(this.#ask(name, given), signal)
  }

  async *list(
    space: string,
    { query, under = '', limit = Infinity, signal }: Signalled<ListSpaceOptions>,
  ): AsyncGenerator<SpaceEntry> {
    if (!(limit === Infinity || (Number.isSafeInteger(limit) && limit >= 1)))
      throw new ShoalError('ERR_OPTIONS_INVALID', 'limit is a whole number from 1 on')
    let left = limit
    if (query !== undefined) {
      const found = await this.search(space, query, { under, limit: Math.min(limit, ALL_MATCHES), signal })
      yield* found.entries
      return
    }
    for (let after: string | undefined; ;) {
      // oxlint-disable-next-line no-await-in-loop -- Page by page.
      const page = await this.ask('entries', { space, under, after }, signal)
      // oxlint-disable-next-line no-await-in-loop -- As above.
      for (const entry of await this.#withHere(page.entries)) {
        if (left-- === 0) return
        yield entry
      }
      if (page.next === undefined) return
      after = page.next
    }
  }

  async search(
    space: string,
    query: string,
    { under = '', limit = DEFAULT_MATCHES, signal }: Signalled<SearchSpaceOptions>,
  ): Promise<SpaceMatches> {
    const { entries, ...facts } = await this.ask('search', { space, query, under, limit }, signal)
    return { ...facts, entries: await this.#withHere(entries) }
  }

  watch(space: string, query: string, options: Signalled<SearchSpaceOptions>): AsyncGenerator<SpaceMatches> {
    return liveAnswers({
      ask: () => this.search(space, query, options),
      onChange: (callback) => this.host.onChange(space, callback),
      signal: options.signal,
    })
  }

  async invite(
    space: string,
    { role = 'write', uses = 1, forMs = WEEK_MS, instant = false, signal }: Signalled<InviteToSpaceOptions>,
  ): Promise<SpaceInviteLink> {
    const whereFound = this.#init.whereFound()
    return await this.ask('invite', { space, role, uses, forMs, instant, whereFound }, signal)
  }

  async join(
    link: string,
    { name, waitMs = DEFAULT_WAIT_MS, onEvent, signal }: Signalled<JoinSpaceOptions>,
  ): Promise<Omit<JoinedEvent, 'type'>> {
    const peers = await this.peers()
    const joined = await peers.joins.join(link, { name, waitMs, onEvent, signal })
    if (joined.isNew) await peers.invited(link)
    return joined
  }

  /** Finishes what was begun and closes the spaces. */
  async stop(): Promise<void> {
    this.#kept.stop()
    await (await this.#loading)?.stop()
    await this.host.close()
    await this.#begun
  }

  async #ask<Name extends CallName>(
    name: Name,
    given: SpaceCalls[Name]['given'],
  ): Promise<SpaceCalls[Name]['answer']> {
    const answer = await this.host.call(name, given)
    // Where it cannot be said now what is in no space, it is the next time.
    if (MAY_LET_GO.has(name)) await this.#kept.review().catch(() => {})
    if (MAY_TAKE_UP.has(name)) await this.#kept.restore().catch(() => {})
    if (name === 'redeem') await (await this.peers()).invited((given as SpaceCalls['redeem']['given']).link)
    return answer
  }

  async #withHere(entries: readonly FoundEntry[]): Promise<SpaceEntry[]> {
    const here = await this.#init.sound([...new Set(entries.map(({ root }) => root))])
    return entries.map((entry) => ({ ...entry, here: here.has(entry.root) }))
  }

  async #hasSpaces(): Promise<boolean> {
    try {
      await access(spacesFolder(this.#init.home))
      return true
    } catch {
      return false
    }
  }

  async #restore(): Promise<void> {
    if (!(await this.#hasSpaces())) return
    try {
      await this.#kept.restore()
    } catch (error) {
      if (this.#kept.isStopped) return
      const message = error instanceof Error ? error.message : String(error)
      this.#init.onWarning({ type: 'warning', code: 'WARN_SHARE_NOT_KEPT', message })
    }
  }
}
