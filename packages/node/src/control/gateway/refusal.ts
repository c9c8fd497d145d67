/** What the content port says when there are no bytes to give. */
import type { ServerResponse } from 'node:http'
import { ShoalError, type ErrorCode } from '../../errors.ts'
import { RETRY_AFTER_SECONDS } from './limits.ts'

/** Where it is not 502: nobody who was asked gave what was promised. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  ERR_CONTENT_GONE: 410,
  ERR_INTERNAL: 500,
  ERR_IS_FOLDER: 404,
  ERR_LIMIT: 503,
  ERR_NODE_STOPPED: 503,
  ERR_NOT_AUTHORISED: 403,
  ERR_NOT_IN_SHARE: 404,
  ERR_NO_PROVIDER: 504,
}

const REFUSALS = {
  400: 'a request for content has no body',
  404: 'there is nothing at this address, or no longer',
  405: 'content is only got',
} as const satisfies Record<number, string>

/** Says why, or hangs up where the answer has begun already: then it is shorter than it said. */
export function refuse(response: ServerResponse, why: ShoalError | keyof typeof REFUSALS): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const error = typeof why === 'number' ? new ShoalError('ERR_USAGE', REFUSALS[why]) : why
  const status = typeof why === 'number' ? why : (STATUS[error.code] ?? 502)
  const body = JSON.stringify(error)
  if (status === 400 || status === 403) response.setHeader('connection', 'close')
  if (status === 405) response.setHeader('allow', 'GET, HEAD')
  if (error.code === 'ERR_LIMIT') response.setHeader('retry-after', RETRY_AFTER_SECONDS)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
