/** What becomes of a message by what became of what is in it. */
import type { PubsubVerdict } from '../../network/pubsub/pubsub.ts'
import type { AuthOutcome } from '../storage/auth-store.ts'
import type { Outcome } from '../storage/intake.ts'

export function verdictOf(outcome: Outcome): PubsubVerdict {
  switch (outcome.state) {
    // What waits is signed as what is kept, and others may have what it waits for.
    case 'kept':
    case 'waiting':
      return 'accept'
    case 'known':
      return 'ignore'
    case 'refused':
      return outcome.isFalse ? 'reject' : 'ignore'
  }
}

/** Operations of the auth log come several in one message: it goes on if one of them is of use, and none false. */
export function authVerdictOf(outcomes: readonly AuthOutcome[]): PubsubVerdict {
  if (outcomes.some((outcome) => typeof outcome === 'object' && outcome.isFalse)) return 'reject'
  return outcomes.some((outcome) => outcome === 'new' || outcome === 'waiting') ? 'accept' : 'ignore'
}
