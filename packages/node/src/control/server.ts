/**
 * The control API of a running node, under `/v1` on the home's socket: HTTP and JSON, a bearer token always, no
 * effects of GET. `POST /v1/shares`, `/v1/fetches`, `/v1/listings` and `/v1/verifications` answer with one JSON event
 * a line for as long as the operation lives, `/v1/reads` with bytes; the operation belongs to its connection and ends
 * with it.
 * `POST /v1/stop` ends a node in the background.
 * `GET /v1/shares` answers with one share a line, `DELETE /v1/shares/:root` with what was removed.
 */
import { timingSafeEqual } from 'node:crypto'
import { chmod, lstat, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { ShoalError, isShoalError } from '../errors.ts'
import type {
  FetchStreamEvent,
  ListEvent,
  ShareEvent,
  SharedEvent,
  SharesEvent,
  StatusEvent,
  VerifyEvent,
} from '../events.ts'
import { parseRoot } from '../content/link.ts'
import { escapeForDisplay } from '../util/display.ts'
import { statusOf } from './answers.ts'
import { streamContent, type ContentOutput } from './content-stream.ts'
import { streamEvents, type Write } from './event-stream.ts'
import { Operations } from './operations.ts'
import { makeFolder } from '../util/make-folder.ts'
import {
  MAX_BODY_BYTES,
  MAX_SHARE_BODY_BYTES,
  fetchRequest,
  listRequest,
  readRequest,
  shareInputRequest,
  shareRequest,
  sharesRequest,
  verifyRequest,
  type FetchRequest,
  type ListRequest,
  type ReadRequest,
  type ShareInputRequest,
  type ShareRequest,
  type SharesRequest,
  type VerifyRequest,
} from './schemas.ts'

/** The only host name that the socket answers to. */
export const CONTROL_HOST = 'localhost'

function noSchemas(): never {
  throw new ShoalError('ERR_INTERNAL', 'requests are checked by our own schemas')
}

/** In place of fastify's own, which are a hundred modules to load. */
const NO_COMPILERS = { buildValidator: noSchemas, buildSerializer: noSchemas }

/** What the API steers. */
export interface ControlTarget {
  status: () => StatusEvent
  /** Ends the process that the node runs in; undefined: no client may do that. */
  end: (() => void) | undefined
  /** Shares until the signal aborts. */
  share: (request: ShareRequest, onEvent: (event: ShareEvent) => void, signal: AbortSignal) => Promise<void>
  /** Shares what comes until the signal aborts. */
  shareInput: (
    request: ShareInputRequest,
    source: AsyncIterable<Uint8Array>,
    onEvent: (event: ShareEvent) => void,
    signal: AbortSignal,
  ) => Promise<void>
  fetch: (request: FetchRequest, write: Write<FetchStreamEvent>, signal: AbortSignal) => Promise<void>
  list: (request: ListRequest, write: Write<ListEvent>, signal: AbortSignal) => Promise<void>
  shares: (request: SharesRequest, write: Write<SharesEvent>, signal: AbortSignal) => Promise<void>
  unshare: (root: string) => Promise<readonly Omit<SharedEvent, 'type'>[]>
  verify: (
    request: VerifyRequest,
    onEvent: (event: VerifyEvent) => void,
    signal: AbortSignal,
  ) => Promise<void>
  read: (request: ReadRequest, output: ContentOutput, signal: AbortSignal) => Promise<void>
}

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
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    schemaController: { compilersFactory: NO_COMPILERS },
  })
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
    await reply.code(statusOf(shoal)).send(shoal.toJSON())
  })
  app.setNotFoundHandler(async () => {
    throw new ShoalError('ERR_USAGE', 'the control API has no such route')
  })
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
  app.post('/v1/stop', async (_request, reply) => {
    const { end } = target
    if (end === undefined) {
      throw new ShoalError('ERR_NOT_DAEMON', 'the Shoal that runs here is part of another command or program')
    }
    // Who asked is told before the socket goes.
    reply.raw.once('finish', end)
    return { stopping: true }
  })
  app.post('/v1/shares', { bodyLimit: MAX_SHARE_BODY_BYTES }, (request, reply) =>
    streamEvents({ request, reply, stopping, operations }, (write, signal) =>
      target.share(parse(shareRequest, request.body), (event) => void write(event), signal),
    ),
  )
  // Content of any size: it is read as fast as the disk takes it, and bounded by that.
  app.addContentTypeParser('application/octet-stream', (_request, _payload, done) => done(null))
  app.post('/v1/shares/input', (request, reply) =>
    streamEvents({ request, reply, stopping, operations }, (write, signal) => {
      const options = parse(shareInputRequest, request.query)
      return target.shareInput(options, request.raw, (event) => void write(event), signal)
    }),
  )
  app.post('/v1/fetches', (request, reply) =>
    streamEvents({ request, reply, stopping, operations }, (write, signal) =>
      target.fetch(parse(fetchRequest, request.body), write, signal),
    ),
  )
  app.post('/v1/listings', (request, reply) =>
    streamEvents({ request, reply, stopping, operations }, (write, signal) =>
      target.list(parse(listRequest, request.body), write, signal),
    ),
  )
  app.get('/v1/shares', (request, reply) =>
    streamEvents({ request, reply, stopping, operations }, (write, signal) =>
      target.shares(parse(sharesRequest, request.query), write, signal),
    ),
  )
  app.delete<{ Params: { root: string } }>('/v1/shares/:root', async (request) =>
    target.unshare(parseRoot(request.params.root)),
  )
  app.post('/v1/verifications', (request, reply) =>
    streamEvents({ request, reply, stopping, operations }, (write, signal) =>
      target.verify(parse(verifyRequest, request.body), (event) => void write(event), signal),
    ),
  )
  app.post('/v1/reads', async (request, reply) => {
    const body = parse(readRequest, request.body)
    await streamContent({ request, reply, stopping, operations }, (output, signal) =>
      target.read(body, output, signal),
    )
  })
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = issue === undefined ? '' : `${issue.path.map(String).join('.')}: ${issue.message}`
  throw new ShoalError('ERR_OPTIONS_INVALID', `malformed request: ${escapeForDisplay(where)}`)
}
