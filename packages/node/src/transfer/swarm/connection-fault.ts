import { isShoalError } from '../../errors.ts'

/** A fault of the connection, which another try may mend; not of the content, the key or the disk. */
export function isConnectionFault(error: unknown): boolean {
  return isShoalError(error, 'ERR_PROTOCOL') || isShoalError(error, 'ERR_NO_PROVIDER') || !isShoalError(error)
}
