/** `shoal fetches`. */
import { closest } from '../closest.ts'
import { USAGE } from '../strings/errors.ts'
import { usageError, withoutKey } from '../usage-errors.ts'
import { FETCH_ACTIONS, type FetchesArguments } from './arguments.ts'
import type { CommandLine } from './command-line.ts'
import { choice } from './own.ts'

export function declareFetches(line: CommandLine): void {
  const fetches = line.add('fetches', choice('[ACTION]', FETCH_ACTIONS), '[ID]')
  line.asks(fetches, (node, action: string | undefined, id: string | undefined) => ({
    command: 'fetches',
    node,
    change: changeOf(action, id),
  }))
}

function changeOf(given: string | undefined, id: string | undefined): FetchesArguments['change'] {
  if (given === undefined) return undefined
  const action = FETCH_ACTIONS.find((known) => known === given)
  if (action === undefined) {
    const best = closest(given, FETCH_ACTIONS)
    const hint = best === undefined ? USAGE.fetchesHint(FETCH_ACTIONS) : USAGE.didYouMean(best)
    throw usageError(USAGE.fetches(withoutKey(given)), hint)
  }
  if (id === undefined) throw usageError(USAGE.missingArgument('ID'), USAGE.seeFetchesHint)
  if (id === '') throw usageError(USAGE.empty('ID'), USAGE.seeFetchesHint)
  return { action, id }
}
