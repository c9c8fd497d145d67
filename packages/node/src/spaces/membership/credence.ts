/** Who is believed: who signs what it says, and does not say too much of it. */
import type { Clock } from '../../util/seams.ts'
import type { Hex } from '../auth/action.ts'
import { Allowance } from './allowance.ts'
import { ACCUSATIONS_AT_ONCE, ACCUSATIONS_PER_SECOND, CHECKS_AT_ONCE, CHECKS_PER_SECOND } from './limits.ts'
import { bodyOf, messageOf, signatureOf, speakerOf, type Statement } from './statement.ts'

export class Credence {
  readonly #space: Uint8Array
  readonly #verify: (member: Hex, message: Uint8Array, signature: Uint8Array) => boolean
  readonly #checks: Allowance
  readonly #accusations: Allowance

  constructor(
    clock: Clock,
    space: Uint8Array,
    verify: (member: Hex, message: Uint8Array, signature: Uint8Array) => boolean,
  ) {
    this.#space = space
    this.#verify = verify
    this.#checks = new Allowance(clock, CHECKS_PER_SECOND, CHECKS_AT_ONCE)
    this.#accusations = new Allowance(clock, ACCUSATIONS_PER_SECOND, ACCUSATIONS_AT_ONCE)
  }

  /** Is it signed by who says it, and not more than is taken of that one, and of who hands it on? */
  has(statement: Statement, from: Hex): boolean {
    const { frame, type } = statement
    const speaker = speakerOf(statement)
    if (!this.#checks.take(from)) return false
    if (!this.#verify(speaker, messageOf(this.#space, bodyOf(frame)), signatureOf(frame))) return false
    return type !== 'suspect' || this.#accusations.take(speaker)
  }

  forget(member: Hex): void {
    this.#checks.forget(member)
    this.#accusations.forget(member)
  }
}
