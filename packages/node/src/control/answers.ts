/** How failures are told over HTTP. */
import { ShoalError, isShoalError, type ErrorCode } from '../errors.ts'

const STATUS: Partial<Record<ErrorCode, number>> = {
  ERR_DISK_FULL: 507,
  ERR_INVITE_OVER: 410,
  ERR_IS_FOLDER: 400,
  ERR_LIMIT: 422,
  ERR_LINK_CHECKSUM: 400,
  ERR_LINK_INCOMPLETE: 400,
  ERR_LINK_MALFORMED: 400,
  ERR_NOT_AUTHORISED: 401,
  ERR_NOT_DAEMON: 409,
  ERR_NOT_IN_SHARE: 404,
  ERR_NOT_IN_SPACE: 404,
  ERR_NO_FETCH: 404,
  ERR_NO_UPLOAD: 404,
  ERR_NOT_SHARED: 404,
  ERR_NO_SPACE_KEY: 409,
  ERR_OPTIONS_INVALID: 400,
  ERR_QUOTA: 507,
  ERR_RANGE: 416,
  ERR_SOURCE_MISSING: 404,
  ERR_SPACE_AMBIGUOUS: 409,
  ERR_SPACE_ROLE: 403,
  ERR_SPACE_UNKNOWN: 404,
  ERR_UNSAFE_NAME: 422,
  ERR_UPLOAD_OFFSET: 409,
  ERR_USAGE: 404,
}

/** The HTTP status of an answer that is nothing but this error. */
export function statusOf({ code }: ShoalError): number {
  return STATUS[code] ?? 500
}

/** Whatever was thrown, as it may cross to another process. */
export function asShoalError(error: unknown): ShoalError {
  if (isShoalError(error)) return error
  return new ShoalError('ERR_INTERNAL', error instanceof Error ? error.message : String(error), {
    cause: error,
  })
}
