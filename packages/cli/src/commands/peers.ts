/** `shoal peers`: prints which devices the running Shoal is connected to. */
import { ControlClient, ShoalError, homePaths } from '@shoal/node/control'
import type { PlainArguments } from '../arguments/arguments.ts'
import type { Context } from '../context.ts'
import { reportPeers } from '../output/peer-rows.ts'
import { FAILURES } from '../strings/errors.ts'

/** @throws ShoalError ERR_NO_NODE when none runs on the home */
export async function peers({ node }: PlainArguments, { env, output }: Context): Promise<void> {
  const client = await ControlClient.connect(homePaths(node.home, env))
  if (client === undefined) throw new ShoalError('ERR_NO_NODE', FAILURES.notRunning(node.home))
  reportPeers(output, await client.peers())
}
