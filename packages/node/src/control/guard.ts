/**
 * Who may use the control API: only who knows the token and asks by its own name. A page in a browser may send requests to
 * any address of this machine, under a name of its choice that resolves to it; it cannot choose `Host` and `Origin`, and
 * does not know the token.
 */
import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ShoalError } from '../errors.ts'

/** The only address that the API listens on. */
export const LOOPBACK = '127.0.0.1'

/** A request, as far as it is judged. */
type Judged = Pick<IncomingMessage, 'headersDistinct'> & {
  readonly socket: Pick<IncomingMessage['socket'], 'localPort'>
}

export interface OwnNames {
  /** The one `Host` that is answered. */
  readonly host: string
  /** The one `Origin` that is; undefined: none, as from programs that are no browser. */
  readonly origin?: string
}

/** @throws ShoalError ERR_NOT_AUTHORISED, which says nothing about what was wrong */
export type Guard = (request: Judged) => void

/** Names of the control socket: there is none to resolve behind it, and no page reaches it. */
export function socketNames(): OwnNames {
  return { host: 'localhost' }
}

/** Names on loopback TCP: one address and no name, so that nothing else is of one origin with what comes from here. */
export function tcpNames({ socket: { localPort } }: Pick<Judged, 'socket'>): OwnNames {
  const host = `${LOOPBACK}:${localPort}`
  return { host, origin: `http://${host}` }
}

export function createGuard(token: string, namesOf: (request: Judged) => OwnNames): Guard {
  const expected = Buffer.from(`Bearer ${token}`)
  return (request) => {
    const { authorization = [], origin: origins = [] } = request.headersDistinct
    const given = Buffer.from(authorization[0] ?? '')
    const isEntitled =
      authorization.length === 1 &&
      given.byteLength === expected.byteLength &&
      timingSafeEqual(given, expected)
    const { isOwnHost, isOwnOrigin } = judgeNames(request, namesOf(request))
    if (!isEntitled || !isOwnHost || !(origins.length === 0 || isOwnOrigin)) throw refused()
  }
}

/** Lets pass a page of this node, and nobody else: who has no token yet. */
export function createPageGuard(namesOf: (request: Judged) => OwnNames): Guard {
  return (request) => {
    const { isOwnHost, isOwnOrigin } = judgeNames(request, namesOf(request))
    if (!isOwnHost || !isOwnOrigin) throw refused()
  }
}

function judgeNames(
  { headersDistinct: { host: hosts = [], origin: origins = [] } }: Judged,
  { host, origin }: OwnNames,
): { readonly isOwnHost: boolean; readonly isOwnOrigin: boolean } {
  // A header that is there twice means one thing to us and may mean another to whoever passed it on.
  return {
    isOwnHost: hosts.length === 1 && hosts[0] === host,
    isOwnOrigin: origins.length === 1 && origin !== undefined && origins[0] === origin,
  }
}

function refused(): ShoalError {
  return new ShoalError('ERR_NOT_AUTHORISED', 'this request is not entitled')
}
