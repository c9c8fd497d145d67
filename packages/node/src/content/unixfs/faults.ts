/** The two ways in which foreign content is refused. */
import { ShoalError } from '../../errors.ts'

export function invalid(message: string): ShoalError {
  return new ShoalError('ERR_CONTENT_INVALID', `malformed public content: ${message}`)
}

export function overLimit(message: string): ShoalError {
  return new ShoalError('ERR_LIMIT', `public content over a limit: ${message}`)
}

/** For calls that break the contract of this folder: a fault of ours, never of the content. */
export function misuse(message: string): ShoalError {
  return new ShoalError('ERR_INTERNAL', message)
}
