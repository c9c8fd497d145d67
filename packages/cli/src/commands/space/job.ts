/** What a command of `shoal space` does once Shoal runs in the background. */
import { isShoalError, ShoalError, type Spaces } from '@shoal/node/control'
import { SPACE_FAILURES } from '../../strings/space-errors.ts'

export interface SpaceJob {
  /** Again with the next Shoal when the one that it was asked of ended. */
  readonly work: (spaces: Spaces) => Promise<void>
  /** Whether it may be done again. @defaultValue it may */
  readonly canRepeat?: () => boolean
  /** Leaves the terminal clean; called once, however it ends. @defaultValue there is nothing to clean */
  readonly close?: () => void
  /** What is said, and advised, when a person ends it; undefined: that is how it is meant to end. */
  readonly interrupted: readonly [message: string, hint: string] | undefined
}

const UNKNOWN = [SPACE_FAILURES.interrupted, SPACE_FAILURES.interruptedHint] as const
const CUT_OFF = [SPACE_FAILURES.listInterrupted, SPACE_FAILURES.listInterruptedHint] as const

/** What changes something: where who was asked ended, it is not known whether it is done, and it must not be done twice. */
export function once(work: SpaceJob['work']): SpaceJob {
  let isBegun = false
  return {
    work: (spaces) => {
      isBegun = true
      return work(spaces)
    },
    canRepeat: () => !isBegun,
    interrupted: UNKNOWN,
  }
}

/** What only looks, and tells all of it at its end. */
export function look(work: SpaceJob['work']): SpaceJob {
  return { work, interrupted: CUT_OFF }
}

/** The same error with advice that knows more; any other as it is. */
export function advised(error: unknown, code: ShoalError['code'], hint: string): unknown {
  if (!isShoalError(error, code)) return error
  return new ShoalError(code, error.message, { hint, cause: error })
}

/** The only one of these that an id begins with so. */
export function onlyOne(ids: readonly string[], beginning: string): string | undefined {
  const meant = ids.filter((id) => id.startsWith(beginning))
  return meant.length === 1 ? meant[0] : undefined
}
