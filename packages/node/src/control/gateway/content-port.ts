/** The second port on loopback: files of shares by addresses that are good for a while, and nothing else (docs/content.md). */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ShoalError, isShoalError } from '../../errors.ts'
import type { Timers } from '../../util/seams.ts'
import { asShoalError } from '../answers.ts'
import type { ControlTarget } from '../control-target.ts'
import { LOOPBACK } from '../guard.ts'
import { HEADERS_TIMEOUT_MS, REQUEST_TIMEOUT_MS, TIMEOUT_CHECK_MS } from '../limits.ts'
import type { Capabilities } from './capabilities.ts'
import { ContentAnswer } from './content-answer.ts'
import { guardContent, type ContentNames } from './content-guard.ts'
import { COMMON_HEADERS, pageHeaders } from './content-headers.ts'
import { ContentReads, type Subject } from './content-reads.ts'
import { parseTarget } from './content-target.ts'
import { refuse } from './refusal.ts'
import { MAX_CONTENT_CLIENTS, MAX_CONTENT_HEADER_BYTES } from './limits.ts'

/** As of the API: a stranger on this machine reaches the port, and may be slow with what it sends. */
const TIMEOUTS = {
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: TIMEOUT_CHECK_MS,
}

export interface ContentPortInit {
  readonly read: ControlTarget['read']
  readonly capabilities: Capabilities<Subject>
  readonly timers: Timers
  /** Origin of the node's own page. */
  readonly page: string
  /** @defaultValue those of the API */
  readonly timeouts?: typeof TIMEOUTS
}

export class ContentPort {
  readonly #init: ContentPortInit
  readonly #reads: ContentReads
  readonly #server: Server
  #names: ContentNames | undefined

  constructor(init: ContentPortInit) {
    this.#init = init
    this.#reads = new ContentReads(init.read)
    this.#server = createServer(
      { ...(init.timeouts ?? TIMEOUTS), maxHeaderSize: MAX_CONTENT_HEADER_BYTES },
      (request, response) => void this.#answer(request, response),
    )
    this.#server.maxConnections = MAX_CONTENT_CLIENTS
  }

  /** Returns the base URL. @throws ShoalError ERR_LISTEN */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) => {
        reject(
          new ShoalError('ERR_LISTEN', `cannot open a port for content on ${LOOPBACK}`, {
            cause,
            hint: 'Run it without: --api-tcp off.',
          }),
        )
      })
      this.#server.listen({ host: LOOPBACK, port: 0 }, resolve)
    })
    const host = `${LOOPBACK}:${(this.#server.address() as AddressInfo).port}`
    this.#names = { host, page: this.#init.page }
    return `http://${host}`
  }

  /** Cuts off who is still reading. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => void this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    // Who is hung up on is told so by that.
    response.on('error', () => {})
    try {
      for (const [name, value] of Object.entries(COMMON_HEADERS)) response.setHeader(name, value)
      await this.#serve(request, response, gone.signal)
    } catch (error) {
      if (!gone.signal.aborted) refuse(response, asShoalError(error))
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const { capabilities, timers, page } = this.#init
    if (this.#names === undefined) throw new ShoalError('ERR_INTERNAL', 'nobody listens yet')
    guardContent(request, this.#names)
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405)
    if (hasBody(request)) return refuse(response, 400)
    for (const [name, value] of Object.entries(pageHeaders(page))) response.setHeader(name, value)
    const target = parseTarget(request.url ?? '')
    const capability = target && capabilities.find(target.secret)
    if (target === undefined || capability === undefined) return refuse(response, 404)
    const use = capabilities.use.bind(capabilities)
    const { path } = target
    const init = { request, response, reads: this.#reads, timers, use, capability, path, signal }
    try {
      await this.#reads.serve(() => new ContentAnswer(init).answer(), signal)
    } catch (error) {
      if (capability.revoked.aborted && !isShoalError(error)) return refuse(response, 404)
      throw error
    }
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}
