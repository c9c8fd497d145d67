/** Counts who was refused by which invitation: who tries codes has one chance in a million each time, and is to have few. */
import type { WarningEvent } from '../../events.ts'
import { MANY_REFUSED, MAX_COUNTED_INVITES } from './limits.ts'

export class Refusals {
  readonly #counts = new Map<string, number>()
  readonly #onWarning: (warning: WarningEvent) => void

  constructor(onWarning: (warning: WarningEvent) => void) {
    this.#onWarning = onWarning
  }

  /** One more. @returns how many there are, and whether the invitation is to be ended */
  count(invite: string): { readonly refused: number; readonly isSuspect: boolean } {
    const refused = (this.#counts.get(invite) ?? 0) + 1
    const [first] = this.#counts.keys()
    if (!this.#counts.delete(invite) && this.#counts.size >= MAX_COUNTED_INVITES && first !== undefined)
      this.#counts.delete(first)
    this.#counts.set(invite, refused)
    const isSuspect = refused >= MANY_REFUSED
    if (isSuspect) {
      this.#onWarning({
        type: 'warning',
        code: 'WARN_INVITE_SUSPECT',
        message: `${refused} devices that asked by the invitation ${invite.slice(0, 8)} were not let in. Its link may be in wrong hands: end it, and make a new one.`,
      })
    }
    return { refused, isSuspect }
  }
}
