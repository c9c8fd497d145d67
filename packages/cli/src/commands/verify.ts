/** `shoal verify`: compares what lies on this device with what a link names. */
import type { Context } from '../context.ts'
import { Interrupted } from '../failure.ts'
import { linkOf } from '../link-input.ts'
import { VerifyReporter } from '../output/verify-reporter.ts'
import type { VerifyArguments } from '../parse.ts'
import { FAILURES } from '../strings/errors.ts'
import { startNode, withNode, type NodeSession } from '../with-node.ts'

/** @throws Interrupted when the user stops it before everything was compared */
export async function verify(args: VerifyArguments, context: Context): Promise<void> {
  const { stop, output, uptimeSeconds } = context
  const link = await linkOf(args.link, context)
  const reporter = new VerifyReporter(output, args.path)
  context.onExit(() => reporter.close())
  reporter.start()
  const { path, waitMs } = args
  const { peers } = args.node
  const request = {
    path,
    link,
    ...(waitMs === undefined ? {} : { waitMs }),
    ...(peers === undefined ? {} : { peers: [...peers] }),
  }
  let told = 0
  let isComplete = false
  const compare = async (session: NodeSession): Promise<void> => {
    // After the node that ran it ended, another begins anew: the same findings in the same order.
    let seen = 0
    for await (const event of session.client.verify(request, stop)) {
      if (event.type !== 'hashing' && ++seen <= told) continue
      told = Math.max(told, seen)
      reporter.event(event.type === 'done' ? { ...event, seconds: uptimeSeconds() } : event)
    }
    isComplete = !stop.aborted
  }
  try {
    await withNode({ ...context, flags: args.node, signal: stop, start: startNode }, compare)
  } catch (error) {
    if (!stop.aborted || isComplete) throw error
  }
  // A reader that had enough, such as `head`, ends the command as well; that is no fault.
  if (!isComplete && output.stdout.fault === undefined) {
    throw new Interrupted(FAILURES.verifyInterrupted, FAILURES.verifyInterruptedHint)
  }
}
