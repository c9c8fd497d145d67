/** `shoal fetch --detach`: leaves a download to the node in the background. */
import { randomUUID } from 'node:crypto'
import type { FetchArguments } from '../arguments/arguments.ts'
import type { Context } from '../context.ts'
import { Interrupted } from '../failure.ts'
import { linkOf } from '../link-input.ts'
import { reportDetached } from '../output/fetches-reporter.ts'
import { searchOf } from '../read-command.ts'
import { FAILURES } from '../strings/errors.ts'
import { withDaemon } from '../with-daemon.ts'

/** @throws Interrupted when `stop` aborts before it is taken */
export async function fetchDetached(args: FetchArguments, context: Context): Promise<void> {
  const { output, stop } = context
  const { directory, only, overwrite, seed, node } = args
  const link = await linkOf(args.link, context)
  const request = {
    link,
    directory,
    only: [...only],
    overwrite,
    seed,
    ...searchOf({ node, waitMs: undefined }),
  }
  // One for all attempts: the node may have taken the first, and ended before it could say so.
  const key = randomUUID()
  try {
    reportDetached(
      output,
      await withDaemon(node, context, { work: (client) => client.keepFetch(request, key) }),
    )
  } catch (error) {
    if (!stop.aborted) throw error
    throw new Interrupted(FAILURES.detachInterrupted, FAILURES.detachInterruptedHint)
  }
}
