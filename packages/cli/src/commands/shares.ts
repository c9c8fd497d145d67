/** `shoal shares`: prints what this home shares or shared, with the links. Needs no node. */
import type { PlainArguments } from '../arguments/arguments.ts'
import type { Context } from '../context.ts'
import { SharesReporter } from '../output/shares-reporter.ts'
import { withShares } from '../with-shares.ts'

export async function shares(args: PlainArguments, context: Context): Promise<void> {
  const reporter = new SharesReporter(context.output)
  context.onExit(() => reporter.close())
  await withShares(args.node.home, context, async ({ list }) => {
    for await (const event of list()) {
      if (context.stop.aborted) return
      await reporter.event(event)
    }
  })
}
