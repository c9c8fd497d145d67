/** `shoal cat`: writes one file that a link names, or a part of it, to stdout. */
import { ContentCopy } from '../content-copy.ts'
import type { Context } from '../context.ts'
import { Interrupted } from '../failure.ts'
import { linkOf } from '../link-input.ts'
import { ContentReporter } from '../output/content-reporter.ts'
import type { CatArguments } from '../parse.ts'
import { FAILURES } from '../strings/errors.ts'
import { startNode, withNode } from '../with-node.ts'

/** @throws Interrupted when the user stops it before the last byte */
export async function cat(args: CatArguments, context: Context): Promise<void> {
  const { stop, output } = context
  const link = await linkOf(args.link, context)
  const reporter = new ContentReporter(output, 'cat')
  context.onExit(() => reporter.close())
  reporter.start()
  const { path, range, waitMs } = args
  const { peers } = args.node
  const request = {
    link,
    ...(path === undefined ? {} : { path }),
    ...(range === undefined ? {} : { range }),
    ...(waitMs === undefined ? {} : { waitMs }),
    ...(peers === undefined ? {} : { peers: [...peers] }),
  }
  const copy = new ContentCopy(output.stdout, reporter)
  try {
    await withNode({ ...context, flags: args.node, signal: stop, start: startNode }, ({ client }) =>
      copy.run(client, request, stop),
    )
  } catch (error) {
    if (!stop.aborted || copy.isComplete) throw error
  }
  // A reader that had enough, such as `head`, ends the command as well; that is no fault.
  if (!copy.isComplete && output.stdout.fault === undefined) {
    throw new Interrupted(FAILURES.readInterrupted, FAILURES.readInterruptedHint)
  }
}
