/** How the client of the control API reaches a node: HTTP over the socket of its home. */
import { randomUUID } from 'node:crypto'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { ShoalError } from '../errors.ts'
import type { ErrorEvent } from '../events.ts'
import { KEY_HEADER, LAST_EVENT_HEADER } from './headers.ts'
import { OPERATION_HEADER } from './operations.ts'

/** How long an operation that was asked to end may take to say its last, in milliseconds. */
const STOP_TIMEOUT_MS = 3_000

/** Host name that the socket answers to; there is no name to resolve behind it. */
const HOST = 'localhost'

type Body = object | AsyncIterable<Uint8Array>

export class SocketTransport {
  readonly #socket: string
  readonly #token: string

  constructor(socket: string, token: string) {
    this.#socket = socket
    this.#token = token
  }

  /**
   * What is one object.
   *
   * @param key by which a request that is sent twice is taken once
   * @param signal gives the request up, and rejects with its reason
   */
  async ask<T>(method: string, path: string, body?: Body, key?: string, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    try {
      return JSON.parse(await readAll(await this.#send(method, path, body, keyed(key), signal))) as T
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  }

  /**
   * What is told line by line and ends by itself, or when the signal aborts.
   *
   * @param lastId of the last event that is known, for what tells from there on
   * @throws ShoalError ERR_NODE_STOPPED
   */
  async *tell<E extends { readonly type: string }>(
    path: string,
    signal?: AbortSignal,
    lastId?: string,
  ): AsyncGenerator<E> {
    const known: Record<string, string> = lastId === undefined ? {} : { [LAST_EVENT_HEADER]: lastId }
    const response = await this.#send('GET', path, undefined, known)
    const leave = (): void => void response.destroy()
    signal?.addEventListener('abort', leave, { once: true })
    try {
      if (signal?.aborted === true) leave()
      yield* eventsOf<E>(response)
      if (!response.complete && signal?.aborted !== true) throw ended()
    } finally {
      signal?.removeEventListener('abort', leave)
      leave()
    }
  }

  /** The events of an operation, until it ends or soon after the signal aborts. @throws ShoalError ERR_NODE_STOPPED */
  async *operate<E extends { readonly type: string }>(
    path: string,
    body: Body,
    signal: AbortSignal,
    key?: string,
  ): AsyncGenerator<E> {
    await using operation = await this.begin(path, body, signal, key)
    const { response } = operation
    yield* eventsOf<E>(response)
    if (!response.complete && !signal.aborted) throw ended()
  }

  /** Begins an operation, which ends when it is disposed of, or soon after the signal aborts. */
  async begin(
    path: string,
    body: Body,
    signal: AbortSignal,
    key?: string,
  ): Promise<AsyncDisposable & { response: IncomingMessage }> {
    signal.throwIfAborted()
    const id = randomUUID()
    const response = await this.#send('POST', path, body, { [OPERATION_HEADER]: id, ...keyed(key) })
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

  #send(
    method: string,
    path: string,
    body?: Body,
    headers: Readonly<Record<string, string>> = {},
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    const content = body !== undefined && Symbol.asyncIterator in body ? body : undefined
    const payload = body === undefined || content !== undefined ? undefined : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          socketPath: this.#socket,
          path,
          method,
          ...(signal === undefined ? {} : { signal }),
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

function keyed(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { [KEY_HEADER]: key }
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

/** The node ended before it had said everything. */
export function ended(cause?: unknown): ShoalError {
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
