import { ShoalError } from '../../errors.ts'

/** The peer sent wrong data before, and is left alone. */
export class BarredError extends ShoalError {
  constructor() {
    super('ERR_NO_PROVIDER', 'the other device sent wrong data before and is left alone')
  }
}
