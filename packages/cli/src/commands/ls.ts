/** `shoal ls`: prints what a link names, entry by entry, without downloading it. */
import type { ListEvent } from '@shoal/node/control'
import type { ListArguments } from '../arguments/arguments.ts'
import type { Context } from '../context.ts'
import { linkOf } from '../link-input.ts'
import { ListReporter } from '../output/list-reporter.ts'
import { Told, runToEnd, searchOf } from '../read-command.ts'
import { FAILURES } from '../strings/errors.ts'
import type { NodeSession } from '../with-node.ts'

/** @throws Interrupted when the user stops it before the list is complete */
export async function ls(args: ListArguments, context: Context): Promise<void> {
  const { stop, output } = context
  const link = await linkOf(args.link, context)
  const reporter = new ListReporter(output)
  context.onExit(() => reporter.close())
  reporter.start()
  const { path } = args
  const request = {
    link,
    ...(path === undefined ? {} : { path }),
    ...searchOf(args),
  }
  const told = new Told<ListEvent>()
  let isComplete = false
  const list = async (session: NodeSession): Promise<void> => {
    for await (const event of told.from(session.client.list(request, stop))) await reporter.event(event)
    isComplete = !stop.aborted
  }
  await runToEnd(context, {
    flags: args.node,
    work: list,
    isComplete: () => isComplete,
    interrupted: [FAILURES.listInterrupted, FAILURES.listInterruptedHint],
  })
}
