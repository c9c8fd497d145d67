/** `shoal status`: prints how the running Shoal is reached and what it shares. */
import { ControlClient, ShoalError, homePaths, type SharesEvent } from '@shoal/node/control'
import type { Context } from '../context.ts'
import { reportStatus } from '../output/shares-reporter.ts'
import { FAILURES } from '../strings/errors.ts'
import type { NodeFlags } from '../with-node.ts'

/** @throws ShoalError ERR_NO_NODE when none runs on the home */
export async function status(args: { readonly node: NodeFlags }, { env, output }: Context): Promise<void> {
  const { home } = args.node
  const client = await ControlClient.connect(homePaths(home, env))
  if (client === undefined) throw new ShoalError('ERR_NO_NODE', FAILURES.notRunning(home))
  const now = await client.status()
  const shares: SharesEvent[] = []
  for await (const event of client.shares({ activeOnly: true })) shares.push(event)
  reportStatus(output, now, shares)
}
