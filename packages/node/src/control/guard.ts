/**
 * Who may use the control API: only who knows the token and asks by its own name. A page in a browser may send requests to
 * any address of this machine, under a name of its choice that resolves to it; it cannot choose `Host` and `Origin`, and
 * does not know the token.
 */
import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ShoalError } from '../errors.ts'

export interface GuardInit {
  readonly token: string
  /** The one `Host` that is answered. */
  readonly host: string
  /** The one `Origin` that is; undefined: none, as from programs that are no browser. */
  readonly origin: string | undefined
}

/** @throws ShoalError ERR_NOT_AUTHORISED, which says nothing about what was wrong */
export type Guard = (request: Pick<IncomingMessage, 'headersDistinct'>) => void

export function createGuard({ token, host, origin }: GuardInit): Guard {
  const expected = Buffer.from(`Bearer ${token}`)
  return ({ headersDistinct }) => {
    const { authorization = [], host: hosts = [], origin: origins = [] } = headersDistinct
    const given = Buffer.from(authorization[0] ?? '')
    const isEntitled =
      authorization.length === 1 &&
      given.byteLength === expected.byteLength &&
      timingSafeEqual(given, expected)
    // A header that is there twice means one thing to us and may mean another to whoever passed it on.
    const isOwnHost = hosts.length === 1 && hosts[0] === host
    const isOwnOrigin =
      origins.length === 0 || (origins.length === 1 && origin !== undefined && origins[0] === origin)
    if (!isEntitled || !isOwnHost || !isOwnOrigin) {
      throw new ShoalError('ERR_NOT_AUTHORISED', 'this request is not entitled')
    }
  }
}
