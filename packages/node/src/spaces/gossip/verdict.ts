/** What becomes of a message by what became of the batch in it. */
import type { PubsubVerdict } from '../../network/pubsub/pubsub.ts'
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
