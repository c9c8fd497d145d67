/**
 * The only client of the control API: the command line uses it for every command, also for the node in its own
 * process. It loads no network code, so that talking to a running node stays quick.
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { ShoalError, systemCode } from '../errors.ts'
import type { ErrorEvent, FetchEvent, ListEvent, ShareEvent, StatusEvent } from '../events.ts'
import type { HomePaths } from '../store/home.ts'
import { OPERATION_HEADER } from './operations.ts'
import type { FetchRequest, ListRequest, ShareRequest } from './schemas.ts'

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
    return JSON.parse(await readAll(response)) as StatusEvent
  }

  /** Shares until the signal aborts. Yields what happens, to the last event, and then ends. */
  share(body: ShareRequest, signal: AbortSignal): AsyncGenerator<ShareEvent> {
    return this.#events<ShareEvent>('/v1/shares', body, signal)
  }

  /** Fetches; the last event is `done`, unless the signal aborts before. */
  fetch(body: FetchRequest, signal: AbortSignal): AsyncGenerator<FetchEvent> {
    return this.#events<FetchEvent>('/v1/fetches', body, signal)
  }

  /** Lists what a link names; ends after the last entry, unless the signal aborts before. */
  list(body: ListRequest, signal: AbortSignal): AsyncGenerator<ListEvent> {
    return this.#events<ListEvent>('/v1/listings', body, signal)
  }

  async *#events<E extends { readonly type: string }>(
    path: string,
    body: object,
    signal: AbortSignal,
  ): AsyncGenerator<E> {
    signal.throwIfAborted()
    const operation = randomUUID()
    const response = await this.#send('POST', path, body, operation)
    const leave = new AbortController()
    const onAbort = (): void => {
      // The node is asked to end the operation, so that what it still has to say arrives; but not for ever.
      this.#send('POST', `/v1/operations/${operation}/stop`).then(
        (answer) => answer.resume(),
        () => response.destroy(),
      )
      AbortSignal.timeout(STOP_TIMEOUT_MS).addEventListener('abort', () => response.destroy(), {
        signal: leave.signal,
      })
    }
    signal.addEventListener('abort', onAbort, { once: true, signal: leave.signal })
    if (signal.aborted) onAbort()
    try {
      for await (const line of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
        const event = JSON.parse(line) as E | ErrorEvent
        if (event.type === 'error') throw ShoalError.fromJSON(event as ErrorEvent)
        yield event as E
      }
    } finally {
      leave.abort()
      response.destroy()
    }
    if (!response.complete && !signal.aborted)
      throw new ShoalError('ERR_NODE_STOPPED', 'the running Shoal ended')
  }

  #send(method: string, path: string, body?: object, operation?: string): Promise<IncomingMessage> {
    const payload = body === undefined ? undefined : JSON.stringify(body)
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
            ...(operation === undefined ? {} : { [OPERATION_HEADER]: operation }),
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
      outgoing.end(payload)
    })
  }
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
