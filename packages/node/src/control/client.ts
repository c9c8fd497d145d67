/**
 * The only client of the control API: the command line uses it for every command, also for the node in its own
 * process. It loads no network code, so that talking to a running node stays quick.
 */
import type {
  ChangeEvent,
  FetchStateEvent,
  FetchStreamEvent,
  FindingEvent,
  GapEvent,
  ListEvent,
  PeerEvent,
  ReceiversEvent,
  ScrubStreamEvent,
  ReadEvent,
  ShareEvent,
  SharedEvent,
  SharesEvent,
  SourcesEvent,
  StatEvent,
  StatusEvent,
  VerifyEvent,
} from '../events.ts'
import { ShoalError } from '../errors.ts'
import type { HomePaths } from '../store/home.ts'
import type { StorageStatus } from '../store/quota/parts.ts'
import { readContent } from './content-client.ts'
import type { ConfigChanges } from './config/change.ts'
import type { ConfigAnswer } from './config/settings.ts'
import type { ContentAddress } from './gateway/content-access.ts'
import type { LoginCodeAnswer } from './login/login.ts'
import type {
  ContentRequest,
  FetchJobRequest,
  FetchRequest,
  ListRequest,
  LoginCodeRequest,
  PriorityRequest,
  ReadRequest,
  ScrubRequest,
  ShareInputJobRequest,
  ShareInputRequest,
  ShareJobRequest,
  ShareRequest,
  StatRequest,
  VerifyRequest,
} from './schemas.ts'
import type { FolderList } from './folders/folder-list.ts'
import { queryOf } from './query.ts'
import { isUnreachable, readToken } from './reaching.ts'
import type { Spaces } from '../shoal-spaces.ts'
import { SocketTransport } from './socket-transport.ts'
import { SpacesClient } from './spaces/spaces-client.ts'
import { UploadClient } from './upload-client.ts'

export class ControlClient {
  /** What is handed in piece by piece. */
  readonly uploads: UploadClient
  /** The spaces of the home, as `ShoalNode.spaces`. Paths on the disk are relative to the folder of this process. */
  readonly spaces: Spaces
  readonly #transport: SocketTransport

  private constructor(transport: SocketTransport) {
    this.#transport = transport
    this.uploads = new UploadClient(transport)
    this.spaces = new SpacesClient(transport)
  }

  /** A client of the node that runs on a home, or undefined when none answers there. */
  static async connect(paths: HomePaths): Promise<ControlClient | undefined> {
    const token = await readToken(paths)
    if (token === undefined) return undefined
    const client = new ControlClient(new SocketTransport(paths.socket, token))
    try {
      await client.status()
    } catch (error) {
      if (isUnreachable(error)) return undefined
      throw error
    }
    return client
  }

  async status(): Promise<StatusEvent> {
    return await this.#transport.ask('GET', '/v1/status')
  }

  /** Who is connected now, in the order of the node's `peers`. */
  async peers(): Promise<readonly PeerEvent[]> {
    return await this.#transport.ask('GET', '/v1/peers')
  }

  /** What the node's `doctor` finds, as it comes, until the signal aborts. */
  doctor(signal: AbortSignal): AsyncGenerator<FindingEvent> {
    return this.#transport.tell<FindingEvent>('/v1/doctor', signal)
  }

  /**
   * What changes in the node, from an event on, until the signal aborts.
   *
   * @param lastId of the last event that is known; without it a gap comes first
   * @throws ShoalError ERR_NODE_STOPPED
   */
  events(lastId: string | undefined, signal: AbortSignal): AsyncGenerator<ChangeEvent | GapEvent> {
    return this.#transport.tell<ChangeEvent | GapEvent>('/v1/events', signal, lastId)
  }

  /** Who gets what is shared now, as far as anybody did. */
  async *receivers(): AsyncGenerator<ReceiversEvent> {
    yield* this.#transport.tell<ReceiversEvent>('/v1/receivers')
  }

  /** Asks the process that runs the node to end; it may still take a moment. @throws ShoalError ERR_NOT_DAEMON */
  async stop(): Promise<void> {
    await this.#transport.ask('POST', '/v1/stop')
  }

  /** All settings of the home. @throws ShoalError as `homeConfig` */
  async config(): Promise<ConfigAnswer> {
    return await this.#transport.ask('GET', '/v1/config')
  }

  /** Changes settings of the home; returns those. @throws ShoalError as `homeConfig` */
  async configure(changes: ConfigChanges): Promise<ConfigAnswer> {
    return await this.#transport.ask('PATCH', '/v1/config', changes)
  }

  /** Shares until the signal aborts. Yields what happens, to the last event, and then ends. */
  share(body: ShareRequest, signal: AbortSignal): AsyncGenerator<ShareEvent> {
    return this.#transport.operate<ShareEvent>('/v1/operations/share', body, signal)
  }

  /** Shares what `source` gives, as `share` does what lies at a path. */
  shareInput(
    options: ShareInputRequest,
    source: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): AsyncGenerator<ShareEvent> {
    return this.#transport.operate<ShareEvent>(
      `/v1/operations/share-input?${queryOf(options)}`,
      source,
      signal,
    )
  }

  /**
   * Shares, and has the node keep that up over restarts. Yields what happens until it is ready, and then ends.
   *
   * @param key a UUID: the same request with the same key is taken once
   * @throws ShoalError ERR_NOT_DAEMON, and as the node's `share`
   */
  keepShare(body: ShareJobRequest, key: string, signal: AbortSignal): AsyncGenerator<ShareEvent> {
    return this.#transport.operate<ShareEvent>('/v1/shares', body, signal, key)
  }

  /** As `keepShare`, of what `source` gives. */
  keepInput(
    options: ShareInputJobRequest,
    source: AsyncIterable<Uint8Array>,
    key: string,
    signal: AbortSignal,
  ): AsyncGenerator<ShareEvent> {
    return this.#transport.operate<ShareEvent>(`/v1/shares/input?${queryOf(options)}`, source, signal, key)
  }

  /** What is in a folder of the computer; without a path the user's own. @throws ShoalError as `listFolder` */
  async folder(path?: string): Promise<FolderList> {
    return await this.#transport.ask('GET', `/v1/folders?${queryOf({ path })}`)
  }

  /** What the node fetches by itself. */
  async *fetches(): AsyncGenerator<FetchStateEvent> {
    yield* this.#transport.tell<FetchStateEvent>('/v1/fetches')
  }

  /** Who gives such a fetch what it brings; of one that does not run nobody. @throws ShoalError ERR_NO_FETCH */
  async fetchSources(id: string): Promise<SourcesEvent> {
    return await this.#transport.ask('GET', `/v1/fetches/${encodeURIComponent(id)}/sources`)
  }

  /** The same of every fetch that runs, or of those of a root. */
  async *sources(root?: string): AsyncGenerator<SourcesEvent> {
    yield* this.#transport.tell<SourcesEvent>(`/v1/sources?${queryOf({ root })}`)
  }

  /**
   * Has the node fetch by itself, over restarts. When it resolves, that is kept.
   *
   * @param key as of `keepShare`
   * @throws ShoalError ERR_NOT_DAEMON, ERR_LINK_MALFORMED, ERR_LINK_CHECKSUM, ERR_LINK_INCOMPLETE, ERR_LIMIT
   */
  async keepFetch(body: FetchJobRequest, key: string): Promise<FetchStateEvent> {
    return await this.#transport.ask('POST', '/v1/fetches', body, key)
  }

  /** @throws ShoalError ERR_NO_FETCH, ERR_NOT_DAEMON */
  async changeFetch(
    id: string,
    change: 'pause' | 'resume' | 'cancel' | PriorityRequest,
  ): Promise<FetchStateEvent> {
    const path = `/v1/fetches/${encodeURIComponent(id)}`
    if (typeof change === 'object') return await this.#transport.ask('PATCH', path, change)
    if (change === 'cancel') return await this.#transport.ask('DELETE', path)
    return await this.#transport.ask('POST', `${path}/${change}`)
  }

  /** Fetches; the last event but of seeding is `done`, unless the signal aborts before. */
  fetch(body: FetchRequest, signal: AbortSignal): AsyncGenerator<FetchStreamEvent> {
    return this.#transport.operate<FetchStreamEvent>('/v1/operations/fetch', body, signal)
  }

  /** Lists what a link names; ends after the last entry, unless the signal aborts before. */
  list(body: ListRequest, signal: AbortSignal): AsyncGenerator<ListEvent> {
    return this.#transport.operate<ListEvent>('/v1/operations/list', body, signal)
  }

  /** What a link names, or what stands at one path of it. @throws ShoalError as the node's `stat` */
  async stat(body: StatRequest, signal: AbortSignal): Promise<StatEvent> {
    for await (const event of this.#transport.operate<StatEvent>('/v1/operations/stat', body, signal)) {
      return event
    }
    signal.throwIfAborted()
    throw new ShoalError('ERR_NODE_STOPPED', 'Shoal ended before it answered')
  }

  /** What the home shares or shared; with `activeOnly` what is served now or stale. */
  async *shares(options: { activeOnly?: boolean } = {}): AsyncGenerator<SharesEvent> {
    const query = options.activeOnly === true ? '?activeOnly=true' : ''
    yield* this.#transport.tell<SharesEvent>(`/v1/shares${query}`)
  }

  /** Ends all shares of a root and forgets them. Returns what they were. */
  async unshare(root: string): Promise<readonly Omit<SharedEvent, 'type'>[]> {
    return await this.#transport.ask('DELETE', `/v1/shares/${root}`)
  }

  /** How much of the disk the home uses, and may. @throws ShoalError as the node's `storage` */
  async storage(): Promise<StorageStatus> {
    return await this.#transport.ask('GET', '/v1/storage')
  }

  /** Says whether what lies in the home for shares of a root stays. @throws ShoalError as the node's `setPinned` */
  async setPinned(root: string, pinned: boolean): Promise<readonly Omit<SharedEvent, 'type'>[]> {
    return await this.#transport.ask('PATCH', `/v1/shares/${root}`, { pinned })
  }

  /**
   * Bytes of one file, verified, in order; when they ended without an error they are whole, unless the signal aborted.
   *
   * @param onEvent told what comes before the first bytes, and of the end after the last
   * @throws ShoalError as the node's `read`, ERR_NODE_STOPPED when the node ended before the last byte
   */
  async *read(
    body: ReadRequest,
    signal: AbortSignal,
    onEvent: (event: ReadEvent) => void = () => {},
  ): AsyncGenerator<Uint8Array> {
    yield* readContent(this.#transport, body, signal, onEvent)
  }

  /**
   * An address of the content port for what a link names, as a browser and a player take it (docs/content.md).
   *
   * @throws ShoalError ERR_LINK_MALFORMED, ERR_LINK_CHECKSUM, ERR_LINK_INCOMPLETE; ERR_OPTIONS_INVALID without such a port
   */
  async openContent(body: ContentRequest): Promise<ContentAddress> {
    return await this.#transport.ask('POST', '/v1/content', body)
  }

  /** Takes such an address back, by its id. False: there is none. */
  async closeContent(id: string): Promise<boolean> {
    const answer = await this.#transport.ask<{ revoked: boolean }>(
      'DELETE',
      `/v1/content/${encodeURIComponent(id)}`,
    )
    return answer.revoked
  }

  /**
   * A code by which a page of the node logs in, and a file that leads there if `file` is set.
   *
   * @throws ShoalError ERR_OPTIONS_INVALID where no browser reaches the node; ERR_DISK_FULL, ERR_PERMISSION, ERR_DISK
   */
  async loginCode(body: LoginCodeRequest = {}): Promise<LoginCodeAnswer> {
    return await this.#transport.ask('POST', '/v1/login/codes', body)
  }

  /** Reads back what the home shares; the last event is `scrubbed`, unless the signal aborts before. */
  scrub(body: ScrubRequest, signal: AbortSignal): AsyncGenerator<ScrubStreamEvent> {
    return this.#transport.operate<ScrubStreamEvent>('/v1/operations/scrub', body, signal)
  }

  /** Compares local files with what a link names; the last event is `done`, unless the signal aborts before. */
  verify(body: VerifyRequest, signal: AbortSignal): AsyncGenerator<VerifyEvent> {
    return this.#transport.operate<VerifyEvent>('/v1/operations/verify', body, signal)
  }
}
