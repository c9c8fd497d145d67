/** A device that was asked for a root answered that it does not have it. Never leaves this layer. */
import { ShoalError } from '../../errors.ts'

export class DeclinedError extends ShoalError {
  constructor(cause: unknown) {
    super('ERR_PROTOCOL', 'the other device does not have this', { cause })
  }
}
