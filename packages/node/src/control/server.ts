/**
 * The control API of a running node, under `/v1` on the home's socket and, where it is asked for, on loopback TCP: HTTP and
 * JSON, a bearer token always but for a page that logs in, no effects of GET. Shares, fetches, listings and verifications answer with one JSON event
 * a line for as long as the operation lives, reads with bytes; the operation belongs to its connection and ends with it.
 */
import type { FastifyInstance } from 'fastify'
import { ShoalError } from '../errors.ts'
import type { Seams } from '../util/seams.ts'
import { createApi, type ApiInit } from './api.ts'
import { BrowserAccess } from './browser-access.ts'
import type { ControlTarget } from './control-target.ts'
import { createGuard, createPageGuard, socketNames, tcpNames } from './guard.ts'
import { HEADERS_TIMEOUT_MS, REQUEST_TIMEOUT_MS, TIMEOUT_CHECK_MS } from './limits.ts'
import { listenOnSocket, listenOnTcp } from './listeners.ts'
import { Operations } from './operations.ts'
import { Once } from './spaces/once.ts'

/** A stranger on this machine reaches the port, and may be slow with what it sends. */
const TCP_TIMEOUTS = {
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: TIMEOUT_CHECK_MS,
}

export interface ControlServer {
  /** Base URL on loopback TCP; null where that is off. */
  readonly api: string | null
  /** Base URL of the content port; null where the API is not on TCP. */
  readonly content: string | null
  stop: () => Promise<void>
}

export interface ControlServerInit {
  readonly socket: string
  readonly home: string
  readonly token: string
  readonly target: ControlTarget
  /** Whether to listen on loopback TCP too. */
  readonly tcp: boolean
  /** Told how each request was answered. @defaultValue nobody is */
  readonly requests?: ApiInit['requests']
  readonly seams: Seams
}

/** @throws ShoalError ERR_HOME_INVALID when the socket cannot be made; ERR_LISTEN of TCP */
export async function startControlServer({
  socket,
  home,
  token,
  target,
  tcp,
  requests,
  seams,
}: ControlServerInit): Promise<ControlServer> {
  const stopping = new AbortController()
  const browser = new BrowserAccess({ home, token, seams, read: target.read })
  const once = new Once(seams.clock)
  const parts = { target, requests, operations: new Operations(), once, browser, stopping: stopping.signal }
  const apps: FastifyInstance[] = []
  const close = async (): Promise<void> => {
    await Promise.all([browser.stop(), ...apps.map((app) => app.close())])
  }
  const make = (namesOf: typeof tcpNames, timeouts?: typeof TCP_TIMEOUTS): FastifyInstance => {
    const guards = { guard: createGuard(token, namesOf), pageGuard: createPageGuard(namesOf) }
    const app = createApi({ ...parts, ...guards, ...(timeouts === undefined ? {} : { timeouts }) })
    apps.push(app)
    return app
  }
  let api: string | null = null
  try {
    await listenOnSocket(make(socketNames), socket)
    if (tcp) {
      api = await listenOnTcp(make(tcpNames, TCP_TIMEOUTS))
      await browser.start(api)
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    api,
    content: browser.content.url,
    stop: async () => {
      stopping.abort(new ShoalError('ERR_NODE_STOPPED', 'Shoal was stopped'))
      await close()
    },
  }
}
