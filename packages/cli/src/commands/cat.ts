/** `shoal cat`: writes one file that a link names, or a part of it, to stdout. */
import type { CatArguments } from '../arguments/arguments.ts'
import { ContentCopy } from '../content-copy.ts'
import type { Context } from '../context.ts'
import { linkOf } from '../link-input.ts'
import { ContentReporter } from '../output/content-reporter.ts'
import { runToEnd, searchOf } from '../read-command.ts'
import { FAILURES } from '../strings/errors.ts'

/** @throws Interrupted when the user stops it before the last byte */
export async function cat(args: CatArguments, context: Context): Promise<void> {
  const { stop, output } = context
  const link = await linkOf(args.link, context)
  const reporter = new ContentReporter(output, 'cat')
  context.onExit(() => reporter.close())
  reporter.start()
  const { path, range } = args
  const request = {
    link,
    ...(path === undefined ? {} : { path }),
    ...(range === undefined ? {} : { range }),
    ...searchOf(args),
  }
  const copy = new ContentCopy(output.stdout, reporter)
  await runToEnd(context, {
    flags: args.node,
    work: ({ client }) => copy.run(client, request, stop),
    isComplete: () => copy.isComplete,
    interrupted: [FAILURES.readInterrupted, FAILURES.readInterruptedHint],
  })
}
