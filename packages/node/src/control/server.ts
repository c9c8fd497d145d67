/**
 * The control API of a running node, under `/v1` on the home's socket: HTTP and JSON, a bearer token always, no
 * effects of GET. `POST /v1/shares`, `/v1/fetches` and `/v1/listings` answer with one JSON event a line for as
 * long as the operation lives; the operation belongs to its connection and ends with it.
 */
import { timingSafeEqual } from 'node:crypto'
import { chmod, lstat, rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { ShoalError, isShoalError, type ErrorCode } from '../errors.ts'
import type { FetchEvent, ListEvent, ShareEvent, StatusEvent } from '../events.ts'
import { escapeForDisplay } from '../util/display.ts'
import { OPERATION_HEADER, Operations } from './operations.ts'
import { makeFolder } from '../util/make-folder.ts'
import {
  MAX_BODY_BYTES,
  fetchRequest,
  listRequest,
  shareRequest,
  type FetchRequest,
  type ListRequest,
  type ShareRequest,
} from './schemas.ts'

/** The only host name that the socket answers to. */
export const CONTROL_HOST = 'localhost'

/** What the API steers. */
export interface ControlTarget {
  status: () => StatusEvent
  /** Shares until the signal aborts. */
  share: (request: ShareRequest, onEvent: (event: ShareEvent) => void, signal: AbortSignal) => Promise<void>
  fetch: (request: FetchRequest, onEvent: (event: FetchEvent) => void, signal: AbortSignal) => Promise<void>
  list: (request: ListRequest, write: Write<ListEvent>, signal: AbortSignal) => Promise<void>
}

/** Sends an event. What it returns resolves when the client has taken enough to send more, or is gone. */
type Write<E> = (event: E) => Promise<void> | undefined

export interface ControlServer {
  stop: () => Promise<void>
}

export interface ControlServerInit {
  readonly socket: string
  readonly token: string
  readonly target: ControlTarget
}

/** @throws ShoalError ERR_HOME_INVALID when the socket cannot be made */
export async function startControlServer(init: ControlServerInit): Promise<ControlServer> {
  const app = fastify({ bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true })
  const stopping = new AbortController()
  guard(app, init.token)
  routes(app, init.target, stopping.signal)
  try {
    if (process.platform !== 'win32') {
      await makePrivateFolder(dirname(init.socket))
      // The lock on the home is ours: a socket that is still here belongs to a process that died.
      await rm(init.socket, { force: true })
    }
    await app.listen({ path: init.socket })
    if (process.platform !== 'win32') await chmod(init.socket, 0o600)
  } catch (cause) {
    await app.close()
    if (isShoalError(cause)) throw cause
    throw new ShoalError('ERR_HOME_INVALID', `cannot open the control socket ${init.socket}`, { cause })
  }
  return {
    stop: async () => {
      stopping.abort(new ShoalError('ERR_NODE_STOPPED', 'Shoal was stopped'))
      await app.close()
    },
  }
}

/** The socket may lie outside the home, where another user could have been first. */
async function makePrivateFolder(path: string): Promise<void> {
  await makeFolder(path, 0o700)
  const facts = await lstat(path)
  const isOurs = facts.isDirectory() && facts.uid === process.getuid?.() && (facts.mode & 0o022) === 0
  if (!isOurs)
    throw new ShoalError('ERR_HOME_INVALID', `${path} belongs to or may be changed by another user`)
}

function guard(app: FastifyInstance, token: string): void {
  const expected = Buffer.from(`Bearer ${token}`)
  app.addHook('onRequest', async (request) => {
    const given = Buffer.from(request.headers.authorization ?? '')
    const isEntitled = given.byteLength === expected.byteLength && timingSafeEqual(given, expected)
    const isOwn = request.headers.host === CONTROL_HOST && request.headers.origin === undefined
    if (!isEntitled || !isOwn) throw new ShoalError('ERR_NOT_AUTHORISED', 'this request is not entitled')
  })
  app.setErrorHandler(async (error, _request, reply) => {
    const shoal = isShoalError(error)
      ? error
      : requestError(error as { statusCode?: number; message: string })
    await reply.code(STATUS[shoal.code] ?? 500).send(shoal.toJSON())
  })
  app.setNotFoundHandler(async () => {
    throw new ShoalError('ERR_USAGE', 'the control API has no such route')
  })
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  ERR_NOT_AUTHORISED: 401,
  ERR_OPTIONS_INVALID: 400,
  ERR_USAGE: 404,
}

function requestError(error: { statusCode?: number; message: string }): ShoalError {
  const isClients = error.statusCode !== undefined && error.statusCode < 500
  return new ShoalError(isClients ? 'ERR_OPTIONS_INVALID' : 'ERR_INTERNAL', error.message, { cause: error })
}

function routes(app: FastifyInstance, target: ControlTarget, stopping: AbortSignal): void {
  const operations = new Operations()
  app.post<{ Params: { id: string } }>('/v1/operations/:id/stop', async (request) => {
    return { stopped: operations.stop(request.params.id) }
  })
  app.get('/v1/status', async () => target.status())
  app.post('/v1/shares', (request, reply) =>
    stream({ request, reply, stopping, operations }, (write, signal) =>
      target.share(parse(shareRequest, request.body), (event) => void write(event), signal),
    ),
  )
  app.post('/v1/fetches', (request, reply) =>
    stream({ request, reply, stopping, operations }, (write, signal) =>
      target.fetch(parse(fetchRequest, request.body), (event) => void write(event), signal),
    ),
  )
  app.post('/v1/listings', (request, reply) =>
    stream({ request, reply, stopping, operations }, (write, signal) =>
      target.list(parse(listRequest, request.body), write, signal),
    ),
  )
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = issue === undefined ? '' : `${issue.path.map(String).join('.')}: ${issue.message}`
  throw new ShoalError('ERR_OPTIONS_INVALID', `malformed request: ${escapeForDisplay(where)}`)
}

interface StreamInit {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly stopping: AbortSignal
  readonly operations: Operations
}

/** Answers with one event a line until the work ends, its client asks it to or goes away, or the node stops. */
async function stream(
  { request, reply, stopping, operations }: StreamInit,
  work: (write: Write<object>, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const gone = new AbortController()
  const id = request.headers[OPERATION_HEADER]
  const asked = operations.enter(id)
  const response: ServerResponse = reply.raw
  reply.hijack()
  response.on('close', () => gone.abort())
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
  response.flushHeaders()
  const write = (event: object): Promise<void> | undefined => {
    if (response.writableEnded || response.destroyed) return undefined
    return response.write(`${JSON.stringify(event)}\n`) ? undefined : drained(response)
  }
  try {
    await work(write, AbortSignal.any([gone.signal, asked.signal, stopping]))
    if (!asked.signal.aborted) stopping.throwIfAborted()
  } catch (error) {
    // A client that went away, or asked for the end, is told nothing.
    if (!gone.signal.aborted && !asked.signal.aborted)
      void write({ type: 'error', ...asShoalError(error).toJSON() })
  } finally {
    operations.leave(id)
  }
  response.end()
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off('drain', settle).off('close', settle)
      resolve()
    }
    response.on('drain', settle).on('close', settle)
  })
}

function asShoalError(error: unknown): ShoalError {
  if (isShoalError(error)) return error
  return new ShoalError('ERR_INTERNAL', error instanceof Error ? error.message : String(error), {
    cause: error,
  })
}
