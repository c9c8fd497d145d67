/** `shoal fetches`: what is downloaded in the background, and how to pause, resume or cancel it. Needs no node. */
import { ShoalError, type FetchStateEvent } from '@shoal/node/control'
import type { FetchesArguments } from '../arguments/arguments.ts'
import type { Context } from '../context.ts'
import { reportChange, reportFetches } from '../output/fetches-reporter.ts'
import { writeWarning } from '../output/output.ts'
import { FAILURES } from '../strings/errors.ts'
import { withoutKey } from '../usage-errors.ts'
import { withFetches } from '../with-fetches.ts'

export async function fetches({ node, change }: FetchesArguments, context: Context): Promise<void> {
  const { output } = context
  await withFetches(node.home, context, async ({ list, change: settle, isActive, warnings }) => {
    const all = await list()
    if (change === undefined) {
      for (const warning of warnings) writeWarning(output, warning)
      await reportFetches(output, all, isActive)
      return
    }
    const { action } = change
    reportChange(output, action, await settle(idOf(change.id, all), action))
  })
}

/** @param given the whole id, or as much of it as no other begins with */
function idOf(given: string, all: readonly FetchStateEvent[]): string {
  const ids = all.map(({ id }) => id)
  if (ids.includes(given)) return given
  const meant = ids.filter((id) => id.startsWith(given))
  const [only] = meant
  if (only === undefined) throw new ShoalError('ERR_NO_FETCH', FAILURES.noFetch(withoutKey(given)))
  if (meant.length === 1) return only
  throw new ShoalError('ERR_USAGE', FAILURES.severalFetches(given), {
    hint: FAILURES.severalFetchesHint(meant),
  })
}
