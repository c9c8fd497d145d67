/**
 * The only client of the control API: the command line uses it for every command, also for the node in its own
 * process. It loads no network code, so that talking to a running node stays quick.
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { ShoalError, systemCode } from '../errors.ts'
import type {
  ContentEvent,
  ErrorEvent,
  FetchStateEvent,
  FetchStreamEvent,
  ListEvent,
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
import { CONTENT_HEADER, END_TRAILER, KEY_HEADER, fromHeader } from './headers.ts'
import { OPERATION_HEADER } from './operations.ts'
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

/** How long an operation that was asked to end may take to say its last, in milliseconds. */
const STOP_TIMEOUT_MS = 3_000

/** Host name that the socket answers to; there is no name to resolve behind it. */
const HOST = 'localhost'

export class ControlClient {
  readonly #socket: string
  readonly #token: string

  private constructor(socket: string, token: string) {
    this.#socket = socket
    this.#token = token
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
    const client = new ControlClient(paths.socket, token)
    try {
      await client.status()
    } catch (error) {
      if (isUnreachable(error)) return undefined
      throw error
    }
    return client
  }

  async status(): Promise<StatusEvent> {
    const response = await this.#send('GET', '/v1/status')
    return await this.#answer(response)
  }

  /** Asks the process that runs the node to end; it may still take a moment. @throws ShoalError ERR_NOT_DAEMON */
  async stop(): Promise<void> {
    await readAll(await this.#send('POST', '/v1/stop'))
  }

  /** All settings of the home. @throws ShoalError as `homeConfig` */
  async config(): Promise<ConfigAnswer> {
    return JSON.parse(await readAll(await this.#send('GET', '/v1/config'))) as ConfigAnswer
  }

  /** Changes settings of the home; returns those. @throws ShoalError as `homeConfig` */
  async configure(changes: ConfigChanges): Promise<ConfigAnswer> {
    return JSON.parse(await readAll(await this.#send('PATCH', '/v1/config', changes))) as ConfigAnswer
  }

  /** Shares until the signal aborts. Yields what happens, to the last event, and then ends. */
  share(body: ShareRequest, signal: AbortSignal): AsyncGenerator<ShareEvent> {
    return this.#operate<ShareEvent>('/v1/operations/share', body, signal)
  }

  /** Shares what `source` gives, as `share` does what lies at a path. */
  shareInput(
    options: ShareInputRequest,
    source: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): AsyncGenerator<ShareEvent> {
    return this.#operate<ShareEvent>(`/v1/operations/share-input?${queryOf(options)}`, source, signal)
  }

  /**
   * Shares, and has the node keep that up over restarts. Yields what happens until it is ready, and then ends.
   *
   * @param key a UUID: the same request with the same key is taken once
   * @throws ShoalError ERR_NOT_DAEMON, and as the node's `share`
   */
  keepShare(body: ShareJobRequest, key: string, signal: AbortSignal): AsyncGenerator<ShareEvent> {
    return this.#operate<ShareEvent>('/v1/shares', body, signal, key)
  }

  /** As `keepShare`, of what `source` gives. */
  keepInput(
    options: ShareInputJobRequest,
    source: AsyncIterable<Uint8Array>,
    key: string,
    signal: AbortSignal,
  ): AsyncGenerator<ShareEvent> {
    return this.#operate<ShareEvent>(`/v1/shares/input?${queryOf(options)}`, source, signal, key)
  }

  /** What the node fetches by itself. */
  async *fetches(): AsyncGenerator<FetchStateEvent> {
    yield* eventsOf<FetchStateEvent>(await this.#send('GET', '/v1/fetches'))
  }

  /**
   * Has the node fetch by itself, over restarts. When it resolves, that is kept.
   *
   * @param key as of `keepShare`
   * @throws ShoalError ERR_NOT_DAEMON, ERR_LINK_MALFORMED, ERR_LINK_CHECKSUM, ERR_LINK_INCOMPLETE, ERR_LIMIT
   */
  async keepFetch(body: FetchJobRequest, key: string): Promise<FetchStateEvent> {
    return await this.#answer(await this.#send('POST', '/v1/fetches', body, { [KEY_HEADER]: key }))
  }

  /** @throws ShoalError ERR_NO_FETCH, ERR_NOT_DAEMON */
  async changeFetch(
    id: string,
    change: 'pause' | 'resume' | 'cancel' | PriorityRequest,
  ): Promise<FetchStateEvent> {
    const path = `/v1/fetches/${encodeURIComponent(id)}`
    if (typeof change === 'object') return await this.#answer(await this.#send('PATCH', path, change))
    if (change === 'cancel') return await this.#answer(await this.#send('DELETE', path))
    return await this.#answer(await this.#send('POST', `${path}/${change}`))
  }

  /** Fetches; the last event but of seeding is `done`, unless the signal aborts before. */
  fetch(body: FetchRequest, signal: AbortSignal): AsyncGenerator<FetchStreamEvent> {
    return this.#operate<FetchStreamEvent>('/v1/operations/fetch', body, signal)
  }

  /** Lists what a link names; ends after the last entry, unless the signal aborts before. */
  list(body: ListRequest, signal: AbortSignal): AsyncGenerator<ListEvent> {
    return this.#operate<ListEvent>('/v1/operations/list', body, signal)
  }

  /** What the home shares or shared; with `activeOnly` what is served now or stale. */
  async *shares(options: { activeOnly?: boolean } = {}): AsyncGenerator<SharesEvent> {
    const query = options.activeOnly === true ? '?activeOnly=true' : ''
    yield* eventsOf<SharesEvent>(await this.#send('GET', `/v1/shares${query}`))
  }

  /** Ends all shares of a root and forgets them. Returns what they were. */
  async unshare(root: string): Promise<readonly Omit<SharedEvent, 'type'>[]> {
    const response = await this.#send('DELETE', `/v1/shares/${root}`)
    return JSON.parse(await readAll(response)) as readonly Omit<SharedEvent, 'type'>[]
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
    await using operation = await this.#begin('/v1/operations/read', body, signal)
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
    return this.#operate<VerifyEvent>('/v1/operations/verify', body, signal)
  }

  async *#operate<E extends { readonly type: string }>(
    path: string,
    body: object | AsyncIterable<Uint8Array>,
    signal: AbortSignal,
    key?: string,
  ): AsyncGenerator<E> {
    await using operation = await this.#begin(path, body, signal, key)
    const { response } = operation
    yield* eventsOf<E>(response)
    if (!response.complete && !signal.aborted) throw ended()
  }

  /** Begins an operation, which ends when it is disposed of, or soon after the signal aborts. */
  async #begin(
    path: string,
    body: object | AsyncIterable<Uint8Array>,
    signal: AbortSignal,
    key?: string,
  ): Promise<AsyncDisposable & { response: IncomingMessage }> {
    signal.throwIfAborted()
    const id = randomUUID()
    const response = await this.#send('POST', path, body, {
      [OPERATION_HEADER]: id,
      ...(key === undefined ? {} : { [KEY_HEADER]: key }),
    })
    const leave = new AbortController()
    const onAbort = (): void => {
      // The node is asked to end the operation, so that what it still has to say arrives; but not for ever.
      this.#send('POST', `/v1/operations/${id}/stop`).then(
        (answer) => answer.resume(),
        () => response.destroy(),
      )
      AbortSignal.timeout(STOP_TIMEOUT_MS).addEventListener('abort', () => response.destroy(), {
        signal: leave.signal,
      })
    }
    signal.addEventListener('abort', onAbort, { once: true, signal: leave.signal })
    if (signal.aborted) onAbort()
    return {
      response,
      [Symbol.asyncDispose]: async () => {
        leave.abort()
        response.destroy()
      },
    }
  }

  async #answer<T>(response: IncomingMessage): Promise<T> {
    return JSON.parse(await readAll(response)) as T
  }

  #send(
    method: string,
    path: string,
    body?: object | AsyncIterable<Uint8Array>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<IncomingMessage> {
    const content = body !== undefined && Symbol.asyncIterator in body ? body : undefined
    const payload = body === undefined || content !== undefined ? undefined : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          socketPath: this.#socket,
          path,
          method,
          headers: {
            host: HOST,
            authorization: `Bearer ${this.#token}`,
            ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
            ...(content === undefined ? {} : { 'content-type': 'application/octet-stream' }),
            ...headers,
          },
        },
        (response) => {
          if (response.statusCode === 200) {
            resolve(response)
            return
          }
          readAll(response).then((text) => reject(refusal(text)), reject)
        },
      )
      outgoing.on('error', reject)
      if (content === undefined) outgoing.end(payload)
      else feed(content, outgoing).catch((error: unknown) => outgoing.destroy(error as Error))
    })
  }
}

function queryOf(options: object): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(options)) if (value !== undefined) query.set(key, String(value))
  return query.toString()
}

/** Writes a body as fast as it is taken; stops when the answer ended and nobody takes any more. */
async function feed(content: AsyncIterable<Uint8Array>, outgoing: ClientRequest): Promise<void> {
  // The headers leave at once: the answer begins before the body ends.
  outgoing.flushHeaders()
  for await (const bytes of content) {
    if (outgoing.destroyed) return
    if (outgoing.write(bytes)) continue
    await new Promise<void>((resolve) => {
      outgoing.once('drain', resolve).once('close', resolve)
    })
  }
  outgoing.end()
}

async function* eventsOf<E extends { readonly type: string }>(response: IncomingMessage): AsyncGenerator<E> {
  const lines = createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })
  // An answer that was given up does not end, and whoever waits for its next line would wait for ever.
  response.once('close', () => lines.close())
  for await (const line of lines) {
    const event = JSON.parse(line) as E | ErrorEvent
    if (event.type === 'error') throw ShoalError.fromJSON(event as ErrorEvent)
    yield event as E
  }
}

function ended(cause?: unknown): ShoalError {
  return new ShoalError('ERR_NODE_STOPPED', 'the running Shoal ended', { cause })
}

async function readAll(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return text
}

function refusal(text: string): ShoalError {
  try {
    return ShoalError.fromJSON(JSON.parse(text) as object)
  } catch (cause) {
    return new ShoalError('ERR_INTERNAL', 'the running Shoal gave an answer that is none', { cause })
  }
}

function isUnreachable(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE'
}
