/** Serves the routes of the control API over HTTP, behind a guard. */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { ShoalError, isShoalError } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import { statusOf } from './answers.ts'
import type { BrowserAccess } from './browser-access.ts'
import { streamContent } from './content-stream.ts'
import type { ControlTarget } from './control-target.ts'
import { streamEvents } from './event-stream.ts'
import type { Guard } from './guard.ts'
import { AS_OF_HEADER, KEY_HEADER, LAST_EVENT_HEADER } from './headers.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import type { RequestWatch } from './observe/request-watch.ts'
import type { Operations } from './operations.ts'
import type { Call, Route } from './route.ts'
import { ROUTES } from './routes.ts'
import { idempotencyKey, lastEventId } from './schemas.ts'
import type { Once } from './spaces/once.ts'

function noSchemas(): never {
  throw new ShoalError('ERR_INTERNAL', 'requests are checked by our own schemas')
}

/** In place of fastify's own, which are a hundred modules to load. */
const NO_COMPILERS = { buildValidator: noSchemas, buildSerializer: noSchemas }

export interface ApiInit {
  readonly target: ControlTarget
  readonly guard: Guard
  /** Told how each request was answered. @defaultValue nobody is */
  readonly requests?: Pick<RequestWatch, 'answered'> | undefined
  /** Of routes that are for a page which has no token yet. */
  readonly pageGuard: Guard
  readonly browser: Pick<BrowserAccess, 'content' | 'login'>
  readonly operations: Operations
  readonly once: Once
  /** Aborts when the node stops. */
  readonly stopping: AbortSignal
  /** Of the HTTP server, where they are not Node's own. */
  readonly timeouts?: Timeouts
}

interface Timeouts {
  readonly headersTimeout: number
  readonly requestTimeout: number
  readonly connectionsCheckingInterval: number
}

/** No answer is for a page of somebody else, nor to be kept, nor anything but what its type says. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

export function createApi(init: ApiInit): FastifyInstance {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    ...(init.timeouts === undefined ? {} : { http: init.timeouts }),
    schemaController: { compilersFactory: NO_COMPILERS },
  })
  // A page may send plain text to anywhere without asking first.
  app.removeContentTypeParser('text/plain')
  // Content of any size: it is read as fast as the disk takes it, and bounded by that.
  app.addContentTypeParser('application/octet-stream', (_request, _payload, done) => done(null))
  app.addHook('onRequest', async (request, reply) => {
    for (const [name, value] of Object.entries(HEADERS)) reply.raw.setHeader(name, value)
    const { forPage } = request.routeOptions.config as { readonly forPage?: true }
    if (forPage === true) init.pageGuard(request.raw)
    else init.guard(request.raw)
  })
  app.addHook('onResponse', async ({ method, routeOptions }, { raw }) => {
    init.requests?.answered(method, routeOptions.url, raw.statusCode)
  })
  app.setErrorHandler(async (error, _request, reply) => {
    const shoal = isShoalError(error)
      ? error
      : requestError(error as { statusCode?: number; message: string })
    // Who is not entitled holds no connection.
    if (shoal.code === 'ERR_NOT_AUTHORISED') reply.header('connection', 'close')
    await reply.code(statusOf(shoal)).send(shoal.toJSON())
  })
  app.setNotFoundHandler(async () => {
    throw new ShoalError('ERR_USAGE', 'the control API has no such route')
  })
  for (const route of ROUTES) {
    const { method, path: url, bodyLimit, forPage } = route
    app.route({
      method,
      url,
      ...(bodyLimit === undefined ? {} : { bodyLimit }),
      ...(forPage === undefined ? {} : { config: { forPage } }),
      handler: (request, reply) => answer(route, request, reply, init),
    })
  }
  return app
}

async function answer(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  { target, operations, once, browser, stopping }: ApiInit,
): Promise<unknown> {
  const gone = new AbortController()
  // Each schema gave what the work takes; that they belong together is checked where the route is made.
  const call = {
    target,
    operations,
    once,
    browser,
    params: parse(route.params, request.params),
    query: parse(route.query, request.query),
    body: parse(route.body, request.body),
    key: parse(route.takesKey && idempotencyKey.optional(), request.headers[KEY_HEADER]),
    lastEventId: parse(route.takesLastEventId && lastEventId.optional(), request.headers[LAST_EVENT_HEADER]),
    request: request.raw,
    onSent: (callback) => void reply.raw.once('finish', callback),
    gone: gone.signal,
  } as Call<never, never, never>
  const init = { request, reply, stopping, operations }
  // Before anything is looked at: what changes meanwhile is told after this, and may be known twice but not missed.
  if (route.method === 'GET') reply.raw.setHeader(AS_OF_HEADER, target.changes.lastId)
  switch (route.answer) {
    case 'json':
      reply.raw.once('close', () => gone.abort())
      return unlessGone(route.work(call), reply, gone.signal)
    case 'text':
      reply.header('content-type', route.type)
      return route.work(call)
    case 'events':
      return streamEvents(init, (write, signal) => route.work(call, write, signal))
    case 'content':
      return streamContent(init, (output, signal) => route.work(call, output, signal))
  }
}

/** Of what failed because its client went away, nobody is told. */
async function unlessGone(work: unknown, reply: FastifyReply, gone: AbortSignal): Promise<unknown> {
  try {
    return await work
  } catch (error) {
    if (!gone.aborted) throw error
    return reply.hijack()
  }
}

function parse(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = issue === undefined ? '' : `${issue.path.map(String).join('.')}: ${issue.message}`
  const told = escapeForDisplay(where)
  if (issue?.code === 'custom' && issue.params?.['code'] === 'ERR_LIMIT')
    throw new ShoalError('ERR_LIMIT', told)
  throw new ShoalError('ERR_OPTIONS_INVALID', `malformed request: ${told}`)
}

function requestError(error: { statusCode?: number; message: string }): ShoalError {
  const isClients = error.statusCode !== undefined && error.statusCode < 500
  return new ShoalError(isClients ? 'ERR_OPTIONS_INVALID' : 'ERR_INTERNAL', error.message, { cause: error })
}
