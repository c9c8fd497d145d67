/** What is said when a device writes what would count for nothing. */
import { ShoalError } from '../../errors.ts'
import type { VoidReason } from '../auth/facts.ts'

const REASONS: Readonly<Record<VoidReason, string>> = {
  'no-power': 'this device may not do that in the space',
  removed: 'this device may not do that in the space any more',
  'no-member': 'that is about a device that is not in the space',
  'no-invite': 'that invitation into the space is over',
  'invite-used-up': 'that invitation into the space is used up',
  'last-founder': 'a space is never without a founder, and there is no other',
}

export function notPermitted(reason: VoidReason): ShoalError {
  return new ShoalError(
    'ERR_SPACE_ROLE',
    REASONS[reason],
    reason === 'last-founder' ? { hint: 'Make another member a founder first.' } : {},
  )
}

/** @param why a sentence that begins small, when there is one */
export function mayNotWrite(why?: string): ShoalError {
  const reason = why === undefined ? '' : `: ${why}`
  return new ShoalError('ERR_SPACE_ROLE', `this device may not write into the space${reason}`)
}
