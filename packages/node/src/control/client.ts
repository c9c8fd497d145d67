/**
 * The only client of the control API: the command line uses it for every command, also for the node in its own
 * process. It loads no network code, so that talking to a running node stays quick.
 */
import { readFile } from 'node:fs/promises'
import { ShoalError, systemCode } from '../errors.ts'
import type {
  ContentEvent,
  ErrorEvent,
  FetchStateEvent,
  FetchStreamEvent,
  FindingEvent,
  ListEvent,
  PeerEvent,
  ReadEndEvent,
  ReadEvent,
  ShareEvent,
  SharedEvent,
  SharesEvent,
  StatusEvent,
  VerifyEvent,
} from '../events.ts'
import type { HomePaths } from '../store/home.ts'
import type { ConfigChanges } from './config/change.ts'
import type { ConfigAnswer } from './config/settings.ts'
import { CONTENT_HEADER, END_TRAILER, fromHeader } from './headers.ts'
import type {
  FetchJobRequest,
  FetchRequest,
  ListRequest,
  PriorityRequest,
  ReadRequest,
  ShareInputJobRequest,
  ShareInputRequest,
  ShareJobRequest,
  ShareRequest,
  VerifyRequest,
} from './schemas.ts'
import { SocketTransport, ended } from './socket-transport.ts'

export class ControlClient {
  readonly #transport: SocketTransport

  private constructor(transport: SocketTransport) {
    this.#transport = transport
  }

  /**
   * A client of the node that runs on a home, or undefined when none answers there.
   */
  static async connect(paths: HomePaths): Promise<ControlClient | undefined> {
    let token: string
    try {
      token = (await readFile(paths.tokenFile, 'utf8')).trim()
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      if (systemCode(error) === 'ENOTDIR') {
        throw new ShoalError('ERR_HOME_INVALID', `${paths.home} is not a folder`, { cause: error })
      }
      throw new ShoalError('ERR_PERMISSION', `cannot read ${paths.tokenFile}`, { cause: error })
    }
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

  /** What the node fetches by itself. */
  async *fetches(): AsyncGenerator<FetchStateEvent> {
    yield* this.#transport.tell<FetchStateEvent>('/v1/fetches')
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

  /** What the home shares or shared; with `activeOnly` what is served now or stale. */
  async *shares(options: { activeOnly?: boolean } = {}): AsyncGenerator<SharesEvent> {
    const query = options.activeOnly === true ? '?activeOnly=true' : ''
    yield* this.#transport.tell<SharesEvent>(`/v1/shares${query}`)
  }

  /** Ends all shares of a root and forgets them. Returns what they were. */
  async unshare(root: string): Promise<readonly Omit<SharedEvent, 'type'>[]> {
    return await this.#transport.ask('DELETE', `/v1/shares/${root}`)
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
    await using operation = await this.#transport.begin('/v1/operations/read', body, signal)
    const { response } = operation
    const content = response.headers[CONTENT_HEADER]
    if (typeof content === 'string') onEvent(fromHeader(content) as ContentEvent)
    try {
      for await (const bytes of response) {
        if (signal.aborted) return
        yield bytes as Uint8Array
      }
    } catch (error) {
      if (!signal.aborted) throw ended(error)
    }
    if (signal.aborted) return
    const end = response.trailers[END_TRAILER]
    if (end === undefined) throw ended()
    const event = fromHeader(end) as ReadEndEvent | ErrorEvent
    if (event.type === 'error') throw ShoalError.fromJSON(event)
    onEvent(event)
  }

  /** Compares local files with what a link names; the last event is `done`, unless the signal aborts before. */
  verify(body: VerifyRequest, signal: AbortSignal): AsyncGenerator<VerifyEvent> {
    return this.#transport.operate<VerifyEvent>('/v1/operations/verify', body, signal)
  }
}

function queryOf(options: object): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(options)) if (value !== undefined) query.set(key, String(value))
  return query.toString()
}

function isUnreachable(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE'
}
