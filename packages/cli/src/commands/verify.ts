/** `shoal verify`: compares what lies on this device with what a link names. */
import type { Context } from '../context.ts'
import { linkOf } from '../link-input.ts'
import { VerifyReporter } from '../output/verify-reporter.ts'
import type { VerifyArguments } from '../arguments/arguments.ts'
import { runToEnd, searchOf } from '../read-command.ts'
import { FAILURES } from '../strings/errors.ts'
import type { NodeSession } from '../with-node.ts'

/** @throws Interrupted when the user stops it before everything was compared */
export async function verify(args: VerifyArguments, context: Context): Promise<void> {
  const { stop, output, uptimeSeconds } = context
  const link = await linkOf(args.link, context)
  const reporter = new VerifyReporter(output, args.path)
  context.onExit(() => reporter.close())
  reporter.start()
  const { path } = args
  const request = {
    path,
    link,
    ...searchOf(args),
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
  await runToEnd(context, {
    flags: args.node,
    work: compare,
    isComplete: () => isComplete,
    interrupted: [FAILURES.verifyInterrupted, FAILURES.verifyInterruptedHint],
  })
}
