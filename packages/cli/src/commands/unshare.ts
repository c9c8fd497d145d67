/** `shoal unshare`: ends a share for good and forgets it. Needs no node. */
import { parseRoot } from '@shoal/node/control'
import type { UnshareArguments } from '../arguments/arguments.ts'
import type { Context } from '../context.ts'
import { reportUnshared } from '../output/shares-reporter.ts'
import { withShares } from '../with-shares.ts'

export async function unshare(args: UnshareArguments, context: Context): Promise<void> {
  // What is no link needs nobody to say so.
  const root = parseRoot(args.link)
  await withShares(args.node.home, context, async (shares) => {
    for (const share of await shares.unshare(root)) reportUnshared(context.output, share)
  })
}
