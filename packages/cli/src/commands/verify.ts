/** `shoal verify`: compares what lies on this device with what a link names. */
import type { VerifyEvent } from '@shoal/node/control'
import type { VerifyArguments } from '../arguments/arguments.ts'
import type { Context } from '../context.ts'
import { linkOf } from '../link-input.ts'
import { VerifyReporter } from '../output/verify-reporter.ts'
import { Told, runToEnd, searchOf } from '../read-command.ts'
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
  const told = new Told<VerifyEvent>(({ type }) => type !== 'hashing')
  let isComplete = false
  const compare = async (session: NodeSession): Promise<void> => {
    for await (const event of told.from(session.client.verify(request, stop))) {
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
